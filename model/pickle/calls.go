package pickle

import (
	"slices"
	"strings"
)

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
	if slices.Contains(borrowers, module) && slices.Contains(ufuncNames, name) {
		g.Module = "numpy"
	}
	if lookup(g) != knownName {
		return nil, &RefusedError{Global: g}
	}
	return g, nil
}

// borrowers are the modules of scipy that import functions of numpy under their own names.
// numpy up to 1.16 takes a ufunc for one of the first module that has it; in Python 2 the
// modules have no order, so that it may be any of these.
var borrowers = []string{
	"scipy", "scipy.fftpack.pseudo_diffs", "scipy.interpolate._fitpack_impl", "scipy.optimize.minpack", "scipy.optimize.optimize",
	"scipy.optimize._basinhopping", "scipy.optimize.slsqp", "scipy.signal.bsplines", "scipy.signal.filter_design", "scipy.signal.signaltools",
	"scipy.signal.waveforms", "scipy.signal.wavelets", "scipy.special.basic", "scipy.special.orthogonal", "scipy.stats._discrete_distns",
	"scipy.stats._distn_infrastructure", "scipy.stats.kde", "scipy.stats.morestats",
}

// ufuncNames are the functions that a ufunc may be: all that numpy itself made ones of,
// so that those modules have no others of these names.
var ufuncNames = []string{
	"absolute", "arcsinh", "cbrt", "ceil", "cos", "cosh", "exp", "expm1", "fabs", "floor", "log", "log10", "log1p", "log2",
	"negative", "reciprocal", "rint", "sign", "sin", "sinh", "sqrt", "square", "tan", "tanh",
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
