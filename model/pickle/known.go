package pickle

// known says what a global means that this package interprets itself.
type known uint8

const (
	foreign known = iota // none of them: the allow list decides

	knownReconstruct   // numpy: an empty array, filled by BUILD
	knownScalar        // numpy: a scalar of a dtype and bytes
	knownFromBuffer    // numpy: an array of protocol 5
	knownDtype         // numpy.dtype
	knownArrayClass    // numpy.ndarray and its kin: only as an argument
	knownWrapper       // joblib's NumpyArrayWrapper
	knownEncode        // _codecs.encode: bytes in protocols 0 to 2
	knownReconstructor // copyreg._reconstructor: an object in protocols 0 and 1
	knownList
	knownTuple
	knownDict
	knownDefaultDict
	knownSet
	knownBytes
	knownByteArray
	knownObject
	knownSlice
)

// lookup returns what g means here. The names are exact, prefixes count nothing:
// dangerous functions live under plausible prefixes.
func lookup(g Global) known {
	switch g.Module {
	case "builtins", "__builtin__":
		return lookupBuiltin(g.Name)
	case "numpy":
		switch g.Name {
		case "dtype":
			return knownDtype
		case "ndarray", "matrix", "memmap":
			return knownArrayClass
		}
	case "numpy.core.multiarray", "numpy._core.multiarray":
		switch g.Name {
		case "_reconstruct":
			return knownReconstruct
		case "scalar":
			return knownScalar
		}
	case "numpy.core.numeric", "numpy._core.numeric":
		if g.Name == "_frombuffer" {
			return knownFromBuffer
		}
	case "numpy.matrixlib.defmatrix":
		if g.Name == "matrix" {
			return knownArrayClass
		}
	case "numpy.core.memmap", "numpy._core.memmap":
		if g.Name == "memmap" {
			return knownArrayClass
		}
	case "joblib.numpy_pickle", "sklearn.externals.joblib.numpy_pickle":
		if g.Name == "NumpyArrayWrapper" {
			return knownWrapper
		}
	case "_codecs":
		if g.Name == "encode" {
			return knownEncode
		}
	case "copyreg", "copy_reg":
		if g.Name == "_reconstructor" {
			return knownReconstructor
		}
	case "collections":
		switch g.Name {
		case "OrderedDict":
			return knownDict
		case "defaultdict":
			return knownDefaultDict
		}
	}
	return foreign
}

func lookupBuiltin(name string) known {
	switch name {
	case "list":
		return knownList
	case "tuple":
		return knownTuple
	case "dict":
		return knownDict
	case "set", "frozenset":
		return knownSet
	case "bytes":
		return knownBytes
	case "bytearray":
		return knownByteArray
	case "object":
		return knownObject
	case "slice":
		return knownSlice
	}
	return foreign
}

// refusal is the error for a global that is on no list.
func refusal(g Global) error {
	e := &RefusedError{Global: g}
	if isSibling(g) {
		e.Reason = "the arrays of this file are stored in other files beside it, the way of joblib before 0.10"
		e.hint = "load it once in Python and save it again with joblib.dump of joblib 0.10 or later"
	}
	return e
}

// isSibling reports whether g is the class by which old joblib refers to arrays in
// other files. No allow list lets it in: what it stands for is not in the file.
func isSibling(g Global) bool {
	switch g.Module {
	case "joblib.numpy_pickle", "joblib.numpy_pickle_compat",
		"sklearn.externals.joblib.numpy_pickle", "sklearn.externals.joblib.numpy_pickle_compat":
		return g.Name == "NDArrayWrapper" || g.Name == "ZNDArrayWrapper"
	}
	return false
}
