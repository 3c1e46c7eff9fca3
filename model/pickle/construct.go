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
	if k := lookup(g); k != foreign {
		m.getattr = m.getattr || k == knownGetattr
		return g, nil
	}
	// Python goes from attribute to attribute along the dots.
	if strings.Contains(g.Name, ".") {
		return g, &RefusedError{Global: g, Reason: "a name with dots in it is reached through other objects, which is never allowed"}
	}
	if m.allow(g) {
		return g, nil
	}
	return g, &RefusedError{Global: g}
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

// newObject is copyreg.__newobj__(class, ...) or __newobj_ex__(class, args, kwargs),
// which stand for NEWOBJ and NEWOBJ_EX in protocols without them.
func (m *machine) newObject(g Global, args []Value) (Value, error) {
	if len(args) == 0 {
		return nil, m.broken("%s has no arguments", printable(g.String()))
	}
	class, ok := args[0].(Global)
	if !ok {
		return nil, &RefusedError{Reason: "the file makes an object of something that it computes: " + typeName(args[0])}
	}
	switch lookup(class) {
	case knownNewObj, knownNewObjEx: // would call each other without end
		return nil, m.broken("%s is called", printable(class.String()))
	}
	if lookup(g) == knownNewObj {
		return m.interpret(class, args[1:])
	}
	if len(args) != 3 {
		return nil, m.broken("%s has %d arguments", printable(g.String()), len(args))
	}
	t, isTuple := args[1].(*Tuple)
	d, isDict := args[2].(*Dict)
	if !isTuple || !isDict {
		return nil, m.broken("%s is called in an unknown way", printable(g.String()))
	}
	items := t.Items
	if len(d.Keys) > 0 {
		items = append(items[:len(items):len(items)], d)
	}
	return m.interpret(class, items)
}

// bound is getattr(x, name) where x is a distribution of scipy.stats, as a randomized
// search holds it, and name one of its own methods. The result is an Object that means
// nothing. Of anything else getattr is how a file gets at code, and refused.
func (m *machine) bound(g Global, args []Value) (Value, error) {
	if len(args) == 2 {
		o, isObject := args[0].(*Object)
		name, isText := args[1].(string)
		if isObject && isText && isDistribution(o.Class) && !strings.HasPrefix(name, "__") && !strings.Contains(name, ".") {
			m.getattr = false
			return m.object(g, args)
		}
	}
	return nil, &RefusedError{Global: g}
}

func isDistribution(g Global) bool {
	switch g.Module {
	case "scipy.stats._continuous_distns", "scipy.stats._discrete_distns":
		return lookup(g) == knownInert
	}
	return false
}

// typeOf is type(x) of the three values whose types have no other name. With more
// arguments it would make a class.
func (m *machine) typeOf(args []Value) (Value, error) {
	if len(args) == 1 {
		switch v := args[0].(type) {
		case nil:
			return Global{"builtins", "NoneType"}, nil
		case Global:
			if alias(v.Module) == "builtins" && (v.Name == "Ellipsis" || v.Name == "NotImplemented") {
				return Global{"builtins", v.Name + "Type"}, nil
			}
		}
	}
	return nil, &RefusedError{Global: Global{"builtins", "type"}, Reason: "the file calls this function, which is never done"}
}

// ufunc is numpy's _ufunc_reconstruct(module, name), by which Python would import
// any module: only what may be named anyway is named.
func (m *machine) ufunc(args []Value) (Value, error) {
	if len(args) != 2 {
		return nil, m.broken("numpy's _ufunc_reconstruct has %d arguments", len(args))
	}
	module, isText := args[0].(string)
	name, areTexts := args[1].(string)
	if !isText || !areTexts {
		return nil, &RefusedError{Reason: "the file names a class by something that is no text"}
	}
	g := Global{module, name}
	if lookup(g) != knownName {
		return nil, &RefusedError{Global: g}
	}
	return g, nil
}

// sequence is list(...), tuple(...), set(...), frozenset(...) or deque(...).
func (m *machine) sequence(g Global, args []Value) (Value, error) {
	var from []Value
	if g.Name == "deque" && len(args) == 2 {
		args = args[:1] // the second is its greatest length
	}
	if len(args) > 1 {
		return nil, m.broken("%s has %d arguments", printable(g.String()), len(args))
	}
	if len(args) == 1 {
		switch v := args[0].(type) {
		case *List:
			from = v.Items
		case *Tuple:
			from = v.Items
		case *Set:
			from = v.Items
		default:
			return nil, m.broken("%s is made of %s", printable(g.String()), typeName(v))
		}
	}
	items, err := m.copyItems(from)
	if err != nil {
		return nil, err
	}
	switch lookup(g) {
	case knownList:
		return &List{Items: items}, nil
	case knownSet:
		return &Set{Items: items}, nil
	}
	return &Tuple{Items: items}, nil
}

// dict is dict(...), OrderedDict(...), Counter(...) or defaultdict(factory, ...), of
// nothing, of a list of pairs or of a dict.
func (m *machine) dict(g Global, args []Value) (Value, error) {
	if err := m.account.charge(costDict); err != nil {
		return nil, err
	}
	d := &Dict{}
	if lookup(g) == knownDefaultDict {
		// The first argument makes missing values, which are never asked for.
		args = args[min(1, len(args)):]
	}
	if len(args) == 0 {
		return d, nil
	}
	if from, ok := args[0].(*Dict); ok && len(args) == 1 {
		for i, k := range from.Keys {
			if err := m.setItems(d, []Value{k, from.Values[i]}); err != nil {
				return nil, err
			}
		}
		return d, nil
	}
	pairs, ok := args[0].(*List)
	if !ok || len(args) > 1 {
		return nil, m.broken("%s is made of something else than a list of pairs", printable(g.String()))
	}
	for _, p := range pairs.Items {
		pair := itemsOf(p)
		if len(pair) != 2 {
			return nil, m.broken("%s is made of something else than a list of pairs", printable(g.String()))
		}
		if err := m.setItems(d, pair); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// itemsOf returns the items of a list or tuple, nil of all else.
func itemsOf(v Value) []Value {
	switch v := v.(type) {
	case *List:
		return v.Items
	case *Tuple:
		return v.Items
	}
	return nil
}

// encoded is _codecs.encode(text, "latin1"), bytes() or bytearray(...): bytes in
// protocols that have none.
func (m *machine) encoded(g Global, args []Value) (Value, error) {
	if len(args) == 0 && lookup(g) != knownEncode {
		return []byte{}, nil
	}
	if len(args) == 1 && lookup(g) != knownEncode {
		if b, ok := args[0].([]byte); ok {
			return b, nil
		}
	}
	if len(args) != 2 {
		return nil, m.broken("%s is called in an unknown way", printable(g.String()))
	}
	s, isText := args[0].(string)
	codec, named := args[1].(string)
	if !isText || !named || (codec != "latin1" && codec != "latin-1") {
		return nil, m.broken("%s is called in an unknown way", printable(g.String()))
	}
	return m.rawBytes(s)
}

// rawBytes returns the bytes that v is or that, as a text of latin-1, it stands for.
func (m *machine) rawBytes(v Value) ([]byte, error) {
	switch v := v.(type) {
	case []byte:
		return v, nil
	case string:
		if err := m.account.charge(int64(len(v))); err != nil {
			return nil, err
		}
		if b, ok := latin1Bytes(v); ok {
			return b, nil
		}
		return nil, m.broken("a text that stands for bytes has characters beyond latin-1")
	}
	return nil, m.broken("%s stands where bytes belong", typeName(v))
}
