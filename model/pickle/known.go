package pickle

import (
	"slices"
	"strings"
)

// known says what a global means that this package interprets itself.
type known uint8

const (
	foreign known = iota // none of them: the allow list decides

	knownReconstruct   // numpy: an empty array, filled by BUILD
	knownScalar        // numpy: a scalar of a dtype and bytes
	knownFromBuffer    // numpy: an array of protocol 5
	knownDtype         // numpy.dtype
	knownArrayClass    // numpy.ndarray and its kin: only as an argument
	knownUfunc         // numpy's _ufunc_reconstruct(module, name): a function by name
	knownWrapper       // joblib's NumpyArrayWrapper
	knownSibling       // joblib's NDArrayWrapper and ZNDArrayWrapper, up to 0.9
	knownEncode        // _codecs.encode: bytes in protocols 0 to 2
	knownReconstructor // copyreg._reconstructor: an object in protocols 0 and 1
	knownNewObj        // copyreg.__newobj__: the opcode NEWOBJ of later protocols
	knownNewObjEx      // copyreg.__newobj_ex__: the same for NEWOBJ_EX
	knownType          // type: only of None, Ellipsis and NotImplemented
	knownGetattr       // getattr: only of the distributions of scipy.stats
	knownDillModule    // dill's _import_module: only as an argument of _get_attr
	knownDillAttribute // dill's _get_attr: a function of a module by its name
	knownDillArray     // dill's _create_array: reconstruct and BUILD in one
	knownDillType      // dill's _load_type: a builtin type by name
	knownDillDtype     // dill's _create_dtypemeta: numpy.dtype
	knownList
	knownTuple
	knownDict
	knownDefaultDict
	knownSet
	knownBytes
	knownByteArray
	knownObject // object
	knownInert  // a class or constructor whose calls become an Object
	knownName   // a class or function that may be named, but never called
)

// lookup returns what g means here. The names are exact, prefixes count nothing:
// dangerous functions live under plausible prefixes.
func lookup(g Global) known {
	module := alias(g.Module)
	if k, ok := interpreted[Global{module, g.Name}]; ok {
		return k
	}
	switch {
	case slices.Contains(inert[module], g.Name):
		return knownInert
	case slices.Contains(names[module], g.Name):
		return knownName
	}
	return foreign
}

// alias returns the one name under which a module stands in the tables: Python 2 and
// numpy 2 have others for the same, and joblib was once part of scikit-learn.
func alias(module string) string {
	switch module {
	case "__builtin__", "exceptions":
		return "builtins"
	case "_operator":
		return "operator"
	case "copy_reg":
		return "copyreg"
	case "dill.dill": // up to 0.2.7
		return "dill._dill"
	}
	if rest, ok := strings.CutPrefix(module, "numpy._core."); ok {
		return "numpy.core." + rest
	}
	if rest, ok := strings.CutPrefix(module, "sklearn.externals.joblib."); ok {
		return "joblib." + rest
	}
	return module
}

// interpreted are the globals whose calls have a meaning of their own.
var interpreted = map[Global]known{
	{"numpy", "dtype"}:                                knownDtype,
	{"numpy", "ndarray"}:                              knownArrayClass,
	{"numpy", "matrix"}:                               knownArrayClass,
	{"numpy", "memmap"}:                               knownArrayClass,
	{"numpy", "recarray"}:                             knownArrayClass,
	{"numpy.rec", "recarray"}:                         knownArrayClass,
	{"numpy.core.records", "recarray"}:                knownArrayClass,
	{"numpy.matrixlib.defmatrix", "matrix"}:           knownArrayClass,
	{"numpy.core.memmap", "memmap"}:                   knownArrayClass,
	{"numpy.core.multiarray", "_reconstruct"}:         knownReconstruct,
	{"numpy.core.multiarray", "scalar"}:               knownScalar,
	{"numpy.core._multiarray_umath", "_reconstruct"}:  knownReconstruct, // as dill names it
	{"numpy.core._multiarray_umath", "scalar"}:        knownScalar,
	{"numpy.core.numeric", "_frombuffer"}:             knownFromBuffer,
	{"numpy.core", "_ufunc_reconstruct"}:              knownUfunc,
	{"joblib.numpy_pickle", "NumpyArrayWrapper"}:      knownWrapper,
	{"joblib.numpy_pickle", "NDArrayWrapper"}:         knownSibling,
	{"joblib.numpy_pickle", "ZNDArrayWrapper"}:        knownSibling,
	{"joblib.numpy_pickle_compat", "NDArrayWrapper"}:  knownSibling,
	{"joblib.numpy_pickle_compat", "ZNDArrayWrapper"}: knownSibling,
	{"_codecs", "encode"}:                             knownEncode,
	{"copyreg", "_reconstructor"}:                     knownReconstructor,
	{"copyreg", "__newobj__"}:                         knownNewObj,
	{"copyreg", "__newobj_ex__"}:                      knownNewObjEx,
	{"dill._dill", "_import_module"}:                  knownDillModule,
	{"dill._dill", "_get_attr"}:                       knownDillAttribute,
	{"dill._dill", "_create_array"}:                   knownDillArray,
	{"dill._dill", "_load_type"}:                      knownDillType,
	{"dill._dill", "_create_dtypemeta"}:               knownDillDtype,
	{"collections", "OrderedDict"}:                    knownDict,
	{"collections", "Counter"}:                        knownDict,
	{"collections", "defaultdict"}:                    knownDefaultDict,
	{"collections", "deque"}:                          knownList,
	{"builtins", "list"}:                              knownList,
	{"builtins", "tuple"}:                             knownTuple,
	{"builtins", "dict"}:                              knownDict,
	{"builtins", "set"}:                               knownSet,
	{"builtins", "frozenset"}:                         knownSet,
	{"builtins", "bytes"}:                             knownBytes,
	{"builtins", "bytearray"}:                         knownByteArray,
	{"builtins", "object"}:                            knownObject,
	{"builtins", "getattr"}:                           knownGetattr,
	{"builtins", "type"}:                              knownType,
}

// Plain reports whether g belongs to Python or numpy and means a plain value: what this
// package interprets itself, so that it needs no place on a list.
func Plain(g Global) bool { return lookup(g) != foreign }
