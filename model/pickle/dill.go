package pickle

import (
	"slices"
	"strings"
)

// Package dill pickles as pickle does, but goes around numpy arrays and builtin types:
// it has functions of its own in the places of numpy's and of names. What these make is
// data; the functions by which it carries code (_create_function, _create_type, ...) are on
// no list.

// dillModules are those of which dill, up to 0.3.5, named compiled functions by
// _get_attr(_import_module(module), name).
var dillModules = []string{"_codecs", "_loss", "builtins", "numpy", "pandas", "scipy", "sklearn"}

// dillModule is dill's _import_module(name). Importing runs what lies in a module, so only
// those of the libraries that models are made of are taken; the result is an Object.
func (m *machine) dillModule(g Global, args []Value) (Value, error) {
	if len(args) != 1 {
		return nil, m.broken("dill's _import_module has %d arguments", len(args))
	}
	name, isText := args[0].(string)
	if !isText {
		return nil, &RefusedError{Reason: "the file names a module by something that is no text"}
	}
	library, _, _ := strings.Cut(alias(name), ".")
	if of := (Global{name, ""}); !slices.Contains(dillModules, library) || dangerous(of) {
		return nil, &RefusedError{Global: of, Reason: "the file imports this module"}
	}
	return m.object(g, args)
}

// dillAttribute is dill's _get_attr(module, name): a name, held against the lists as if
// the file named it. Of anything but a module it is how a file gets at code, and refused.
func (m *machine) dillAttribute(args []Value) (Value, error) {
	if len(args) != 2 {
		return nil, m.broken("dill's _get_attr has %d arguments", len(args))
	}
	o, isObject := args[0].(*Object)
	name, isText := args[1].(string)
	if !isObject || !isText || lookup(o.Class) != knownDillModule || len(o.Args) != 1 {
		return nil, &RefusedError{Global: Global{"dill._dill", "_get_attr"}, Reason: "the file reaches into " + typeName(args[0])}
	}
	module, _ := o.Args[0].(string)
	g := Global{module, name}
	err := m.admit(g)
	if m.scan != nil {
		return m.scan.named(m, g, err)
	}
	return g, err
}

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
