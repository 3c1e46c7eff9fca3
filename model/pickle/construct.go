package pickle

import "strings"

// construct runs the opcodes that name classes and functions, and those by which
// Python would call them.
func (m *machine) construct(op byte) error {
	switch op {
	case opGlobal, opStackGlobal:
		g, err := m.global(op)
		if err == nil {
			err = m.account.charge(3 * costBox)
		}
		if err != nil {
			return err
		}
		return m.push(g)
	case opInst, opObj:
		return m.constructOld(op)
	}
	var kwargs Value
	var err error
	if op == opNewObjEx {
		if kwargs, err = m.pop(); err != nil {
			return err
		}
	}
	args, err := m.pop()
	if err != nil {
		return err
	}
	callee, err := m.pop()
	if err != nil {
		return err
	}
	t, ok := args.(*Tuple)
	if !ok {
		return m.broken("the arguments of a call are %s", typeName(args))
	}
	g, ok := callee.(Global)
	if !ok {
		g, ok = newBlock(callee)
	}
	if !ok {
		return &RefusedError{Reason: "the file calls something that it computes: " + typeName(callee)}
	}
	items := t.Items
	if op == opNewObjEx {
		d, ok := kwargs.(*Dict)
		if !ok {
			return m.broken("the keyword arguments of a call are %s", typeName(kwargs))
		}
		if len(d.Keys) > 0 {
			items = append(items[:len(items):len(items)], d)
		}
	}
	return m.make(g, items)
}

// constructOld runs the opcodes of protocols 0 and 1 that take the arguments from
// above a mark.
func (m *machine) constructOld(op byte) error {
	var g Global
	if op == opInst {
		var err error
		if g, err = m.global(opGlobal); err != nil {
			return err
		}
	}
	args, err := m.popMark()
	if err != nil {
		return err
	}
	if op == opObj {
		if len(args) == 0 {
			return m.broken("an object has no class")
		}
		var ok bool
		if g, ok = args[0].(Global); !ok {
			return &RefusedError{Reason: "the file calls something that it computes: " + typeName(args[0])}
		}
		args = args[1:]
	}
	items, err := m.copyItems(args)
	if err != nil {
		return err
	}
	return m.make(g, items)
}

// global reads a name and holds it against the lists.
func (m *machine) global(op byte) (Global, error) {
	g, err := m.readGlobal(op)
	if m.scan != nil {
		return m.scan.named(m, g, err)
	}
	return g, err
}

func (m *machine) readGlobal(op byte) (Global, error) {
	var g Global
	if op == opGlobal {
		module, err := m.src.line(numberLine)
		if err != nil {
			return g, err
		}
		g.Module = string(module)
		name, err := m.src.line(numberLine)
		if err != nil {
			return g, err
		}
		g.Name = string(name)
	} else {
		name, err := m.pop()
		if err != nil {
			return g, err
		}
		module, err := m.pop()
		if err != nil {
			return g, err
		}
		var isText, areTexts bool
		g.Name, isText = name.(string)
		g.Module, areTexts = module.(string)
		if !isText || !areTexts {
			return Global{}, &RefusedError{Reason: "the file names a class by something that is no text", hostile: true}
		}
	}
	if err := m.account.charge(int64(len(g.Module) + len(g.Name))); err != nil {
		return g, err
	}
	return g, m.admit(g)
}

// admit holds a name against the lists.
func (m *machine) admit(g Global) error {
	if k := lookup(g); k != foreign {
		m.getattr = m.getattr || k == knownGetattr
		return nil
	}
	// Python goes from attribute to attribute along the dots.
	if strings.Contains(g.Name, ".") {
		return &RefusedError{Global: g, Reason: "a name with dots in it is reached through other objects, which is never allowed"}
	}
	if m.allow(g) {
		return nil
	}
	return &RefusedError{Global: g}
}

// make pushes what Python's call of g with args would have made, as data.
func (m *machine) make(g Global, args []Value) error {
	if m.scan != nil {
		m.scan.called(m, g)
	}
	v, err := m.interpret(g, args)
	if err != nil {
		return err
	}
	return m.push(v)
}

func (m *machine) interpret(g Global, args []Value) (Value, error) {
	switch lookup(g) {
	case foreign, knownObject, knownInert:
		return m.object(g, args)
	case knownName:
		return nil, &RefusedError{Global: g, Reason: "the file calls this function, which is never done"}
	case knownReconstruct:
		return m.reconstruct(args)
	case knownScalar:
		return m.scalar(args)
	case knownFromBuffer:
		return m.fromBuffer(args)
	case knownDtype:
		return m.dtype(args)
	case knownUfunc:
		return m.ufunc(args)
	case knownType:
		return m.typeOf(args)
	case knownGetattr:
		return m.bound(g, args)
	case knownDillModule:
		return m.dillModule(g, args)
	case knownDillAttribute:
		return m.dillAttribute(args)
	case knownDillArray:
		return m.dillArray(args)
	case knownDillType:
		return m.dillType(args)
	case knownDillDtype:
		return m.dillDtype(g, args)
	case knownNewObj, knownNewObjEx:
		return m.newObject(g, args)
	case knownWrapper:
		return m.wrapper()
	case knownSibling:
		return m.newSibling(g)
	case knownReconstructor:
		return m.reconstructor(args)
	case knownEncode, knownBytes, knownByteArray:
		return m.encoded(g, args)
	case knownList, knownTuple, knownSet:
		return m.sequence(g, args)
	case knownDict, knownDefaultDict:
		return m.dict(g, args)
	}
	return nil, m.broken("%s is called", printable(g.String()))
}

func (m *machine) object(g Global, args []Value) (Value, error) {
	if err := m.account.charge(costObject); err != nil {
		return nil, err
	}
	return &Object{Class: g, Args: args}, nil
}

// reconstructor is copyreg._reconstructor(class, base, state): an object without
// its attributes yet.
func (m *machine) reconstructor(args []Value) (Value, error) {
	if len(args) != 3 {
		return nil, m.broken("copyreg._reconstructor has %d arguments", len(args))
	}
	class, ok := args[0].(Global)
	if !ok {
		return nil, &RefusedError{Reason: "the file makes an object of something that it computes: " + typeName(args[0])}
	}
	base, ok := args[1].(Global)
	if !ok {
		return nil, m.broken("the base of %s is no class", printable(class.String()))
	}
	if lookup(base) == knownObject {
		return m.interpret(class, nil)
	}
	// A class derived from a list, dict, ...: what the base held is its argument.
	return m.interpret(class, args[2:])
}
