package pickle

// Package dill pickles as pickle does, but goes around numpy arrays and builtin types:
// it has functions of its own in the places of numpy's and of names. What these three make
// is data; the functions by which it carries code (_create_function, _create_type, ...)
// are on no list.

// dillArray is dill's _create_array(function, arguments, state, attributes): what
// numpy's _reconstruct and BUILD make elsewhere. The attributes are those of classes
// derived from an array, which none has that is read.
func (m *machine) dillArray(args []Value) (Value, error) {
	if len(args) != 3 && len(args) != 4 {
		return nil, m.broken("dill's _create_array has %d arguments", len(args))
	}
	g, named := args[0].(Global)
	t, isTuple := args[1].(*Tuple)
	if !named || !isTuple || lookup(g) != knownReconstruct {
		return nil, &RefusedError{Reason: "the file makes an array by something else than numpy's _reconstruct: " + typeName(args[0])}
	}
	v, err := m.reconstruct(t.Items)
	if err != nil {
		return nil, err
	}
	a, isArray := v.(*Array)
	if !isArray {
		return nil, m.broken("dill's _create_array makes no array")
	}
	delete(m.pending, a)
	return a, m.buildArray(a, args[2])
}

// dillType is dill's _load_type(name): a type by its name. Only of what may be named
// without it.
func (m *machine) dillType(args []Value) (Value, error) {
	if len(args) != 1 {
		return nil, m.broken("dill's _load_type has %d arguments", len(args))
	}
	name, isText := args[0].(string)
	if !isText {
		return nil, &RefusedError{Reason: "the file names a class by something that is no text"}
	}
	g := Global{"builtins", name}
	if name == "NoneType" || name == "EllipsisType" || name == "NotImplementedType" {
		return g, nil // as typeOf gives it
	}
	switch lookup(g) {
	case foreign, knownGetattr, knownType:
		return nil, &RefusedError{Global: g}
	}
	return g, nil
}

// dillDtype is dill's _create_dtypemeta(type): numpy.dtype where that is None, or the
// class of the dtypes of a type, which means nothing here.
func (m *machine) dillDtype(g Global, args []Value) (Value, error) {
	if len(args) != 1 {
		return nil, m.broken("dill's _create_dtypemeta has %d arguments", len(args))
	}
	if args[0] == nil {
		return Global{"numpy", "dtype"}, nil
	}
	return m.object(g, args)
}
