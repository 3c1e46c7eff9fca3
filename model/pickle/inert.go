package pickle

// inert are the classes and constructors, by module, that surround a model without
// being part of it: what the file passes to them is kept as an Object and means
// nothing here. None of them can run code of the file's choosing; that is why they
// need no allow list.
var inert = map[string][]string{
	"builtins":       {"slice", "range", "xrange", "complex"},
	"datetime":       {"date", "datetime", "time", "timedelta", "timezone"},
	"decimal":        {"Decimal"},
	"fractions":      {"Fraction"},
	"functools":      {"partial"},
	"operator":       {"itemgetter"},
	"pathlib":        {"Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath"},
	"pathlib._local": {"Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath"},
	"re":             {"_compile", "RegexFlag"},
	"types":          {"SimpleNamespace"},
	"uuid":           {"UUID", "SafeUUID"},

	// Random states and generators: up to numpy 1.16, to 1.23, and since.
	"numpy.random":                {"__RandomState_ctor"},
	"numpy.random._pickle":        {"__randomstate_ctor", "__generator_ctor", "__bit_generator_ctor"},
	"numpy.random.mtrand":         {"RandomState", "__RandomState_ctor"},
	"numpy.random._generator":     {"Generator"},
	"numpy.random.bit_generator":  {"SeedSequence", "SeedlessSeedSequence", "__pyx_unpickle_SeedSequence", "__pyx_unpickle_SeedlessSeedSequence"},
	"numpy.random._bit_generator": {"SeedSequence", "SeedlessSeedSequence", "__pyx_unpickle_SeedSequence", "__pyx_unpickle_SeedlessSeedSequence"},
	"numpy.random._mt19937":       {"MT19937"},
	"numpy.random._pcg64":         {"PCG64", "PCG64DXSM"},
	"numpy.random._philox":        {"Philox"},
	"numpy.random._sfc64":         {"SFC64"},

	// Masked arrays, as in the cv_results_ of a search.
	"numpy.ma.core":               {"_mareconstruct", "MaskedArray", "MaskedConstant"},
	"numpy.ma":                    {"MaskedArray"},
	"numpy":                       {"vectorize"},
	"numpy.polynomial.polynomial": {"Polynomial"},
	"scipy.sparse":                sparseClasses,
	"scipy.sparse._csr":           {"csr_matrix", "csr_array"},
	"scipy.sparse._csc":           {"csc_matrix", "csc_array"},
	"scipy.sparse._coo":           {"coo_matrix", "coo_array"},
	"scipy.sparse._lil":           {"lil_matrix", "lil_array"},
	"scipy.sparse._dok":           {"dok_matrix", "dok_array"},
	"scipy.sparse._dia":           {"dia_matrix", "dia_array"},
	"scipy.sparse._bsr":           {"bsr_matrix", "bsr_array"},
	"scipy.sparse._arrays":        sparseClasses,
	"scipy.sparse.csr":            {"csr_matrix"},
	"scipy.sparse.csc":            {"csc_matrix"},
	"scipy.sparse.coo":            {"coo_matrix"},
	"scipy.sparse.lil":            {"lil_matrix"},
	"scipy.sparse.dok":            {"dok_matrix"},
	"scipy.sparse.dia":            {"dia_matrix"},
	"scipy.sparse.bsr":            {"bsr_matrix"},
	// Frozen distributions, as RandomizedSearchCV draws parameters from.
	"scipy.stats._distn_infrastructure": {"rv_frozen", "rv_continuous_frozen", "rv_discrete_frozen"},
	"scipy.stats._continuous_distns": {
		"beta_gen", "chi2_gen", "expon_gen", "f_gen", "gamma_gen", "halfnorm_gen", "loguniform_gen", "lognorm_gen", "norm_gen",
		"reciprocal_gen", "t_gen", "triang_gen", "truncexpon_gen", "truncnorm_gen", "uniform_gen",
	},
	"scipy.stats._discrete_distns": {"bernoulli_gen", "binom_gen", "geom_gen", "nbinom_gen", "poisson_gen", "randint_gen", "zipf_gen"},
}

var sparseClasses = []string{
	"csr_matrix", "csc_matrix", "coo_matrix", "lil_matrix", "dok_matrix", "dia_matrix", "bsr_matrix",
	"csr_array", "csc_array", "coo_array", "lil_array", "dok_array", "dia_array", "bsr_array",
}

// names are the classes and functions, by module, that stand in parameters: a type
// such as numpy.float64, or a function such as numpy.log1p, of which only the name
// counts. They may be named; a file that calls one is refused.
var names = map[string][]string{
	"builtins": {
		"int", "float", "str", "bool", "long", "unicode", "basestring", "memoryview", "Ellipsis", "NotImplemented",
		"abs", "len", "max", "min", "round", "sorted", "sum",
		"ArithmeticError", "Exception", "FutureWarning", "RuntimeError", "RuntimeWarning", "TypeError", "UserWarning", "ValueError",
	},
	"numpy":                         numpyNames,
	"numpy.core.umath":              numpyNames,
	"numpy.core._multiarray_umath":  numpyNames,
	"numpy.core.fromnumeric":        numpyNames,
	"numpy.core.numeric":            numpyNames,
	"numpy.core.numerictypes":       numpyNames,
	"numpy.lib.function_base":       numpyNames,
	"numpy.lib._function_base_impl": numpyNames,
	"numpy.lib.nanfunctions":        numpyNames,
	"numpy.lib._nanfunctions_impl":  numpyNames,
	"numpy.lib.ufunclike":           numpyNames,
	"numpy.lib._ufunclike_impl":     numpyNames,
	"numpy.lib.type_check":          numpyNames,
	"numpy.lib._type_check_impl":    numpyNames,
	"scipy.special":                 specialNames,
	"scipy.special._special_ufuncs": specialNames,
	"scipy.special._ufuncs":         specialNames,
	"scipy.special._basic":          specialNames,
	"scipy.special._logsumexp":      {"logsumexp", "softmax", "log_softmax"},
}

var numpyNames = []string{
	// Types.
	"bool", "bool_", "bool8", "byte", "ubyte", "short", "ushort", "intc", "uintc", "int_", "uint", "long", "ulong", "longlong", "ulonglong",
	"intp", "uintp", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
	"half", "single", "double", "float_", "longdouble", "longfloat", "float16", "float32", "float64", "float96", "float128",
	"csingle", "singlecomplex", "cdouble", "cfloat", "complex_", "clongdouble", "clongfloat", "complex64", "complex128", "complex192", "complex256",
	"object_", "str_", "str", "string_", "unicode_", "bytes_", "void", "record", "datetime64", "timedelta64",
	"generic", "number", "integer", "signedinteger", "unsignedinteger", "inexact", "floating", "complexfloating", "flexible", "character",
	// Functions of one array that give one value for each, by the names they pickle as.
	"abs", "absolute", "fabs", "negative", "positive", "sign", "signbit", "square", "sqrt", "cbrt", "reciprocal",
	"exp", "exp2", "expm1", "log", "log2", "log10", "log1p",
	"sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh",
	"deg2rad", "rad2deg", "degrees", "radians", "floor", "ceil", "trunc", "rint", "fix", "round", "round_", "around",
	"isnan", "isfinite", "isinf", "logical_not", "invert", "conjugate", "real", "imag", "angle", "nan_to_num", "clip", "copy",
	// Functions of an array that give a number, as aggregations and metrics take them.
	"mean", "nanmean", "median", "nanmedian", "average", "std", "nanstd", "var", "nanvar", "sum", "nansum", "prod", "nanprod",
	"max", "min", "amax", "amin", "nanmax", "nanmin", "argmax", "argmin", "ptp", "count_nonzero", "size", "ravel", "squeeze", "reshape",
	"cumsum", "cumprod", "diff", "sort", "unique", "percentile", "quantile", "any", "all", "array", "asarray", "atleast_2d", "hstack", "vstack", "concatenate",
	// Functions of two arrays.
	"add", "subtract", "multiply", "divide", "true_divide", "floor_divide", "mod", "remainder", "power", "float_power", "maximum", "minimum",
	"fmax", "fmin", "hypot", "arctan2", "logaddexp", "logaddexp2", "dot", "where",
}

var specialNames = []string{"expit", "logit", "log_expit", "log1p", "expm1", "exp2", "exp10", "erf", "erfc", "ndtr", "ndtri", "boxcox", "boxcox1p", "inv_boxcox", "inv_boxcox1p", "cbrt", "xlogy", "xlog1py", "gamma", "gammaln", "digamma"}
