package sklearn

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"example.com/mlapi/model"
	"example.com/mlapi/model/lightgbm"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/xgboost"
)

// settings are the parameters of estimators that a report tells of, in this order, and
// those of their values that are not told: the usual ones. None never is.
func settings() []setting {
	return []setting{
		{"func", nil}, {"inverse_func", nil}, {"objective", nil}, {"booster", nil}, {"boosting_type", []string{"'gbdt'"}},
		{"n_estimators", nil}, {"max_iter", []string{"100", "200", "300", "1000", "-1"}}, {"max_depth", nil}, {"max_leaf_nodes", []string{"31"}},
		{"num_leaves", []string{"31"}}, {"learning_rate", []string{"'constant'"}},
		{"criterion", []string{"'gini'", "'mse'", "'squared_error'", "'friedman_mse'"}},
		{"splitter", []string{"'best'"}}, {"loss", nil}, {"penalty", []string{"'l2'"}}, {"l1_ratio", []string{"0.15", "0.5", "0.0"}}, {"C", []string{"1.0"}}, {"alpha", nil},
		{"kernel", nil}, {"degree", []string{"3"}}, {"gamma", []string{"'scale'", "'auto'"}}, {"nu", []string{"0.0", "0.5"}}, {"epsilon", []string{"0.0", "0.1"}}, {"probability", []string{"False"}},
		{"multi_class", []string{"'auto'", "'warn'", "'deprecated'", "'ovr'"}},
		{"n_neighbors", nil}, {"weights", []string{"'uniform'"}}, {"metric", []string{"'minkowski'", "'euclidean'"}}, {"p", []string{"2"}},
		{"hidden_layer_sizes", nil}, {"activation", []string{"'relu'"}}, {"n_clusters", nil}, {"contamination", []string{"'auto'", "'legacy'"}},
		{"voting", nil}, {"method", nil}, {"strategy", nil}, {"fill_value", nil}, {"add_indicator", []string{"False"}}, {"missing_values", []string{"nan"}}, {"missing", []string{"nan"}},
		{"n_components", nil}, {"whiten", []string{"False"}}, {"k", nil}, {"percentile", nil}, {"threshold", nil},
		{"feature_range", []string{"(0, 1)"}}, {"with_mean", []string{"True"}}, {"with_std", []string{"True"}}, {"norm", []string{"'l2'"}},
		{"interaction_only", []string{"False"}}, {"include_bias", []string{"True"}},
		{"handle_unknown", []string{"'error'"}}, {"unknown_value", nil}, {"drop", nil}, {"remainder", []string{"'drop'"}},
		{"encode", nil}, {"n_bins", nil},
		{"analyzer", []string{"'word'"}}, {"ngram_range", []string{"(1, 1)"}}, {"stop_words", nil}, {"lowercase", []string{"True"}}, {"binary", []string{"False"}},
		{"token_pattern", []string{`'(?u)\\b\\w\\w+\\b'`}}, {"tokenizer", nil}, {"preprocessor", nil}, {"max_features", []string{"'auto'", "'sqrt'", "1.0", "1"}},
		{"min_df", []string{"1"}}, {"max_df", []string{"1.0", "1"}}, {"use_idf", []string{"True"}}, {"sublinear_tf", []string{"False"}}, {"n_features", nil},
		{"refit", []string{"True"}}, {"passthrough", []string{"False"}}, {"stack_method", []string{"'auto'"}},
	}
}

type setting struct {
	name  string
	usual []string
}

// params returns the important settings of an estimator, and the size of a vocabulary.
func (d *description) params(a *attrs) []model.Param {
	if !strings.HasPrefix(a.object.Class.Module, "sklearn.") && a.class.name == "" {
		return nil // a class that nobody here knows
	}
	if a.class.name == "Booster" {
		return d.booster(a)
	}
	var params []model.Param
	for _, s := range settings() {
		v, ok := a.object.Attr(s.name)
		if !ok || v == nil {
			continue
		}
		text, ok := pythonText(v, 0)
		if !ok || text == "'deprecated'" || slices.Contains(s.usual, text) {
			continue
		}
		params = append(params, model.Param{Name: s.name, Value: text})
	}
	if v, _ := a.object.Attr("vocabulary_"); length(v) > 0 {
		params = append(params, model.Param{Name: "vocabulary", Value: strconv.Itoa(length(v))})
	}
	if v, _ := a.object.Attr("categories_"); v != nil {
		if text := categoriesText(v); text != "" {
			params = append(params, model.Param{Name: "categories", Value: text})
		}
	}
	return params
}

// categoriesText returns the categories of each column of an encoder, "" where all are
// texts: those are told with the features that take them.
func categoriesText(v pickle.Value) string {
	columns, err := pickle.Elements(v)
	if err != nil {
		return ""
	}
	numbers := false
	var list []string
	for i, column := range columns {
		if i == mostShown {
			list = append(list, fmt.Sprintf("... %d in all", len(columns)))
			break
		}
		text, ofNumbers := categoryText(column)
		numbers = numbers || ofNumbers
		list = append(list, text)
	}
	if !numbers {
		return ""
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// categoryText returns the categories of one column, or how many there are, and whether
// they are numbers.
func categoryText(column pickle.Value) (text string, numbers bool) {
	const most = 1000 // that are looked at to tell the first of them
	size := length(column)
	text = fmt.Sprintf("%d in all", size)
	if size == 0 || size > most {
		return text, false
	}
	values, err := pickle.Elements(column)
	if err != nil || len(values) == 0 {
		return text, false
	}
	if _, isText := pickle.AsString(values[0]); isText {
		return fmt.Sprintf("%d texts", size), false
	}
	short, ok := pythonText(&pickle.List{Items: values}, 0)
	if !ok {
		return text, false
	}
	return short, true
}

// booster tells of the model of XGBoost or LightGBM inside a wrapper.
func (d *description) booster(a *attrs) []model.Param {
	if d.tries--; d.tries < 0 {
		return nil
	}
	fresh := *a
	defer func() { d.r.memory = d.memory }()
	data, limits := fresh.handle("handle", "_handle")
	if fresh.err != nil {
		return nil
	}
	if strings.HasPrefix(a.object.Class.Module, "xgboost.") {
		if b, err := xgboost.Parse(data, limits); err == nil {
			return b.Node().Params
		}
		return nil
	}
	if b, err := lightgbm.Parse(data, limits); err == nil {
		return b.Node().Params
	}
	return nil
}

// length returns how many elements v has, 0 where it is no container.
func length(v pickle.Value) int {
	switch v := v.(type) {
	case *pickle.Array:
		if len(v.Shape) == 1 {
			return v.Shape[0]
		}
	case *pickle.Dict:
		return len(v.Keys)
	case *pickle.List:
		return len(v.Items)
	case *pickle.Tuple:
		return len(v.Items)
	case *pickle.Set:
		return len(v.Items)
	}
	return 0
}

// empty reports whether no columns are chosen.
func empty(columns pickle.Value) bool {
	if o, ok := columns.(*pickle.Object); ok && o.Class.Name == remainderColumns {
		columns, _ = o.Attr("data")
	}
	switch columns.(type) {
	case *pickle.List, *pickle.Array, *pickle.Tuple:
		return length(columns) == 0
	}
	return false
}

// columnsText returns which columns a part takes, in short.
func columnsText(v pickle.Value) string {
	if o, ok := v.(*pickle.Object); ok && o.Class.Name == remainderColumns {
		v, _ = o.Attr("data")
	}
	if text, ok := pythonText(v, 0); ok {
		return text
	}
	if items, err := pickle.Elements(v); err == nil {
		if text, ok := pythonText(&pickle.List{Items: items}, 0); ok {
			return text
		}
		return fmt.Sprintf("(%d)", len(items))
	}
	return describeValue(v)
}

// plain describes a value that is no estimator.
func (d *description) plain(name string, v pickle.Value) model.Node {
	n := model.Node{Name: name}
	text, ok := pythonText(v, 0)
	switch v := v.(type) {
	case nil:
		n.Class, ok = "None", false
	case bool:
		n.Class = "bool"
	case int64, *big.Int:
		n.Class = "int"
	case float64:
		n.Class = "float"
	case string:
		n.Class = "str"
	case []byte:
		n.Class, text, ok = "bytes", strconv.Itoa(len(v)), true
	case *pickle.Dict:
		n.Class = "dict"
	case *pickle.List:
		n.Class = "list"
	case *pickle.Tuple:
		n.Class = "tuple"
	case *pickle.Set:
		n.Class = "set"
	case *pickle.Array:
		n.Class, text, ok = "ndarray", fmt.Sprintf("%s %v", v.Dtype, v.Shape), true
		if names := d.lists.of(v); names != nil {
			list := new(pickle.List)
			for _, name := range names[:min(len(names), mostShown+1)] {
				list.Items = append(list.Items, name)
			}
			text, _ = pythonText(list, 0)
		}
	case pickle.Global:
		n.Class = "class or function"
	default:
		n.Class = "value"
	}
	switch size := length(v); {
	case ok:
		n.Params = []model.Param{{Name: "value", Value: text}}
	case size > 0:
		n.Params = []model.Param{{Name: "length", Value: strconv.Itoa(size)}}
	}
	return n
}

// What of a value is told.
const (
	mostShown = 12 // elements
	mostChars = 60
)

// pythonText returns a short value as Python would write it, and whether it is one.
func pythonText(v pickle.Value, level int) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "None", true
	case bool:
		if v {
			return "True", true
		}
		return "False", true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return floatText(v), true
	case string:
		return quoted(v), true
	case pickle.Global:
		return shortened(v.String()), true
	case *pickle.Array:
		if len(v.Shape) != 0 {
			return "", false
		}
		if s, ok := pickle.AsString(v); ok {
			return quoted(s), true
		}
		if f, ok := pickle.AsFloat(v); ok {
			return floatText(f), true
		}
	case *pickle.Object:
		return shortened(v.Class.Name) + "(...)", true
	case *pickle.List:
		text, ok := sequenceText(v.Items, level)
		return "[" + text + "]", ok
	case *pickle.Tuple:
		text, ok := sequenceText(v.Items, level)
		return "(" + text + ")", ok
	}
	return "", false
}

func sequenceText(items []pickle.Value, level int) (string, bool) {
	if level > 1 {
		return "", false
	}
	var list []string
	for i, v := range items {
		if i == mostShown {
			list = append(list, fmt.Sprintf("... %d in all", len(items)))
			break
		}
		text, ok := pythonText(v, level+1)
		if !ok {
			return "", false
		}
		list = append(list, text)
	}
	return strings.Join(list, ", "), true
}

func floatText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 0):
		return strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(f, 'g', -1, 64), "+"))
	case f == math.Trunc(f) && math.Abs(f) < 1e16:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// quoted returns a text as Python writes it, escaped and cut.
func quoted(s string) string {
	cut := ""
	if len(s) > mostChars {
		s, cut = strings.ToValidUTF8(s[:mostChars], ""), "..."
	}
	inside := strconv.Quote(s)
	inside = strings.ReplaceAll(inside[1:len(inside)-1], `\"`, `"`)
	return "'" + strings.ReplaceAll(inside, "'", `\'`) + cut + "'"
}

func shortened(s string) string {
	if len(s) > 2*mostChars {
		return strings.ToValidUTF8(s[:2*mostChars], "") + "..."
	}
	return s
}
