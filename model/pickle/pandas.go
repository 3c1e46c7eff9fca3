package pickle

import "slices"

// Pandas reports whether g is a class or constructor of pandas (0.2x to 3.x), or of the
// arrays of pyarrow inside it, of which objects are made that Elements, Strings and
// Floats can read or that only surround them: indexes, series, frames, categories. They
// are data only where the caller's allow list takes them from here.
func Pandas(g Global) bool { return slices.Contains(frames[g.Module], g.Name) }

// frames are these globals, by module.
var frames = map[string][]string{
	"pandas": {
		"Categorical", "CategoricalDtype", "CategoricalIndex", "DataFrame", "DatetimeIndex", "DatetimeTZDtype", "Index", "IntervalDtype",
		"IntervalIndex", "MultiIndex", "NA", "NaT", "PeriodDtype", "PeriodIndex", "RangeIndex", "Series", "StringDtype", "TimedeltaIndex", "Timestamp",
		"BooleanDtype", "Float32Dtype", "Float64Dtype", "Int8Dtype", "Int16Dtype", "Int32Dtype", "Int64Dtype",
		"UInt8Dtype", "UInt16Dtype", "UInt32Dtype", "UInt64Dtype", "ArrowDtype",
	},
	"pandas.arrays": {
		"ArrowExtensionArray", "ArrowStringArray", "BooleanArray", "DatetimeArray", "FloatingArray", "IntegerArray", "IntervalArray",
		"NumpyExtensionArray", "PeriodArray", "StringArray", "TimedeltaArray",
	},
	"pandas._libs.arrays":            {"__pyx_unpickle_NDArrayBacked"},
	"pandas._libs.internals":         {"_unpickle_block"},
	"pandas._libs.missing":           {"NA", "NAType", "_create_NA"},
	"pandas._libs.tslib":             {"Timestamp", "__nat_unpickle"},
	"pandas._libs.tslibs.nattype":    {"__nat_unpickle", "_nat_unpickle"},
	"pandas._libs.tslibs.timestamps": {"_unpickle_timestamp", "Timestamp"},
	"pandas._libs.tslibs.timedeltas": {"_timedelta_unpickle", "Timedelta"},

	"pandas.core.arrays.arrow.array": {"ArrowExtensionArray"},
	"pandas.core.arrays.boolean":     {"BooleanArray", "BooleanDtype"},
	"pandas.core.arrays.categorical": {"Categorical"},
	"pandas.core.arrays.datetimes":   {"DatetimeArray"},
	"pandas.core.arrays.floating":    {"FloatingArray", "Float32Dtype", "Float64Dtype"},
	"pandas.core.arrays.integer": {
		"IntegerArray", "Int8Dtype", "Int16Dtype", "Int32Dtype", "Int64Dtype", "UInt8Dtype", "UInt16Dtype", "UInt32Dtype", "UInt64Dtype",
	},
	"pandas.core.arrays.interval":     {"IntervalArray"},
	"pandas.core.arrays.numpy_":       {"PandasArray", "NumpyExtensionArray"},
	"pandas.core.arrays.string_":      {"StringArray", "StringArrayNumpySemantics", "StringDtype"},
	"pandas.core.arrays.string_arrow": {"ArrowStringArray", "ArrowStringArrayNumpySemantics"},
	"pandas.core.arrays.timedeltas":   {"TimedeltaArray"},

	"pandas.core.categorical":   {"Categorical"},
	"pandas.core.dtypes.dtypes": {"CategoricalDtype", "CategoricalDtypeType", "DatetimeTZDtype", "IntervalDtype", "PeriodDtype", "ArrowDtype"},
	"pandas.core.frame":         {"DataFrame"},
	"pandas.core.series":        {"Series"},
	"pandas.core.index":         {"_new_Index", "Index", "Int64Index", "Float64Index", "MultiIndex"},

	"pandas.indexes.base":    {"_new_Index", "Index"},
	"pandas.indexes.numeric": {"Int64Index", "Float64Index", "UInt64Index"},
	"pandas.indexes.range":   {"RangeIndex"},

	"pandas.core.indexes.base":       {"_new_Index", "Index"},
	"pandas.core.indexes.category":   {"CategoricalIndex"},
	"pandas.core.indexes.datetimes":  {"_new_DatetimeIndex", "DatetimeIndex"},
	"pandas.core.indexes.interval":   {"IntervalIndex", "_new_IntervalIndex"},
	"pandas.core.indexes.multi":      {"MultiIndex"},
	"pandas.core.indexes.numeric":    {"Int64Index", "Float64Index", "UInt64Index", "NumericIndex"},
	"pandas.core.indexes.period":     {"PeriodIndex", "_new_PeriodIndex"},
	"pandas.core.indexes.range":      {"RangeIndex"},
	"pandas.core.indexes.timedeltas": {"TimedeltaIndex"},

	"pandas.core.internals":          {"BlockManager", "SingleBlockManager"},
	"pandas.core.internals.managers": {"BlockManager", "SingleBlockManager"},
	"pandas.core.internals.blocks":   {"new_block"},
	"pandas.core.flags":              {"Flags"},

	"pyarrow.lib": {"_restore_array", "chunked_array", "py_buffer", "type_for_alias"},
}

// newBlock returns pandas' new_block, where callee is functools.partial of nothing else:
// that is how pandas 1.3 makes the blocks of a frame.
func newBlock(callee Value) (Global, bool) {
	block := Global{"pandas.core.internals.blocks", "new_block"}
	o, isObject := callee.(*Object)
	if !isObject || o.Class != (Global{"functools", "partial"}) || len(o.Args) != 1 || o.Args[0] != block {
		return Global{}, false
	}
	// Its state says again what is called: (function, arguments, keywords, attributes).
	items := itemsOf(o.State)
	if len(items) != 4 || items[0] != block || len(itemsOf(items[1])) != 0 || items[3] != nil {
		return Global{}, false
	}
	return block, true
}
