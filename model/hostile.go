package model

import "strings"

// libraries are the top-level modules whose classes and constructors stand in model
// files, and a person's own program. What of them mlapi cannot read is refused, but
// no sign of malice.
var libraries = []string{
	"__main__", "autogluon", "autosklearn", "catboost", "category_encoders", "dask", "econml", "fastai",
	"feature_engine", "flaml", "flax", "formulaic", "gensim", "h2o", "hdbscan", "hmmlearn", "imblearn", "interpret",
	"jax", "joblib", "keras", "kmodes", "kneed", "lifelines", "lightgbm", "lightning", "mlxtend", "nltk", "numba",
	"numpy", "optbinning", "pandas", "patsy", "polars", "prophet", "pyarrow", "pygam", "pyod", "river", "scipy",
	"sentence_transformers", "shap", "skforecast", "sklearn", "sklearn_crfsuite", "sklearn_pandas", "sklego",
	"skmultilearn", "skopt", "skorch", "sksurv", "spacy", "statsmodels", "tensorflow", "torch", "tpot", "transformers",
	"umap", "xgboost", "xgbse",
}

// runsCode reports whether a function of one of the libraries is known to run, or to
// load as code, what it is given. It guards nothing: nothing in a file is ever called.
// It makes the word for such a file stronger.
func runsCode(g Global) bool {
	switch g.Name {
	case "load", "loads", "_load", "read_pickle", "exec", "eval", "getattr", "system", "Popen", "call", "run", "check_output",
		"runstring", "runcode", "exec_command", "load_module", "load_library", "execute", "query":
		return true
	}
	for _, part := range []string{".testing", ".f2py", ".distutils", "npyio", "hub", "._inductor", ".jit", "dynamo"} {
		if strings.Contains(g.Module, part) {
			return true
		}
	}
	return false
}

// plainValues are constructors of the standard library that make values and run
// nothing.
var plainValues = map[string][]string{
	"builtins": {"bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "object", "range", "set",
		"slice", "str", "tuple"},
	"__builtin__": {"bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "long", "object", "set",
		"slice", "str", "tuple", "unicode", "xrange"},
	"collections":    {"Counter", "OrderedDict", "defaultdict", "deque"},
	"copy_reg":       {"_reconstructor", "__newobj__"},
	"copyreg":        {"_reconstructor", "__newobj__", "__newobj_ex__"},
	"datetime":       {"date", "datetime", "time", "timedelta", "timezone"},
	"decimal":        {"Decimal"},
	"fractions":      {"Fraction"},
	"functools":      {"partial"}, // it calls nothing until it is called itself, which is refused
	"operator":       {"itemgetter"},
	"pathlib":        {"Path", "PosixPath", "PurePath", "PurePosixPath", "PureWindowsPath", "WindowsPath"},
	"pathlib._local": {"PosixPath", "PurePosixPath", "PureWindowsPath", "WindowsPath"},
	"random":         {"Random"},
	"re":             {"_compile"},
	"types":          {"SimpleNamespace"},
	"uuid":           {"UUID"},
	"_codecs":        {"encode"}, // text to bytes
	"_operator":      {"itemgetter"},
	"zoneinfo":       {"ZoneInfo._unpickle"},
}

// standardLibrary are the top-level modules that come with Python, versions 2.7 to 3.14,
// and those that are always beside it.
var standardLibrary = []string{
	"__builtin__", "_aix_support", "_ast", "_codecs", "_ctypes", "_io", "_operator", "_osx_support", "_pickle",
	"_posixsubprocess", "_thread", "abc", "aifc", "antigravity", "argparse", "array", "ast", "asynchat", "asyncio",
	"asyncore", "atexit", "audioop", "base64", "bdb", "binascii", "bisect", "builtins", "bz2", "cPickle", "cProfile",
	"calendar", "cgi", "cgitb", "chunk", "cmath", "cmd", "code", "codecs", "codeop", "collections", "colorsys",
	"commands", "compileall", "concurrent", "configparser", "contextlib", "contextvars", "copy", "copy_reg", "copyreg",
	"crypt", "csv", "ctypes", "curses", "dataclasses", "datetime", "dbm", "decimal", "difflib", "dis", "distutils",
	"doctest", "dummy_threading", "email", "encodings", "ensurepip", "enum", "errno", "exceptions", "faulthandler",
	"fcntl", "filecmp", "fileinput", "fnmatch", "fractions", "ftplib", "functools", "gc", "genericpath", "getopt",
	"getpass", "gettext", "glob", "graphlib", "grp", "gzip", "hashlib", "heapq", "hmac", "html", "http", "httplib",
	"idlelib", "imaplib", "imghdr", "imp", "importlib", "inspect", "io", "ipaddress", "itertools", "json", "keyword",
	"lib2to3", "linecache", "locale", "logging", "lzma", "mailbox", "mailcap", "marshal", "math", "mimetypes", "mmap",
	"modulefinder", "msilib", "msvcrt", "multiprocessing", "netrc", "nis", "nntplib", "nt", "ntpath", "nturl2path",
	"numbers", "opcode", "operator", "optparse", "os", "ossaudiodev", "pathlib", "pdb", "pickle", "pickletools", "pip",
	"pipes", "pkg_resources", "pkgutil", "platform", "plistlib", "popen2", "poplib", "posix", "posixpath", "pprint",
	"profile", "pstats", "pty", "pwd", "py_compile", "pyclbr", "pydoc", "pydoc_data", "pyexpat", "queue", "quopri",
	"random", "re", "readline", "reprlib", "resource", "rlcompleter", "runpy", "sched", "secrets", "select",
	"selectors", "setuptools", "shelve", "shlex", "shutil", "signal", "site", "smtpd", "smtplib", "sndhdr", "socket",
	"socketserver", "spwd", "sqlite3", "sre_compile", "sre_constants", "sre_parse", "ssl", "stat", "statistics",
	"string", "stringprep", "struct", "subprocess", "sunau", "symtable", "sys", "sysconfig", "syslog", "tabnanny",
	"tarfile", "telnetlib", "tempfile", "termios", "textwrap", "this", "threading", "time", "timeit", "tkinter",
	"token", "tokenize", "tomllib", "trace", "traceback", "tracemalloc", "tty", "turtle", "turtledemo", "types",
	"typing", "unicodedata", "unittest", "urllib", "urllib2", "uu", "uuid", "venv", "warnings", "wave", "weakref",
	"webbrowser", "winreg", "winsound", "wsgiref", "xdrlib", "xml", "xmlrpc", "zipapp", "zipfile", "zipimport", "zlib",
	"zoneinfo",
}
