package xgboost_test

import (
	"encoding/binary"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/xgboost"
)

// small is a model of two features and one tree of three leaves, of which one node
// splits by category.
const small = `{"learner":{"attributes":{"best_iteration":"0"},"feature_names":["a","b"],"feature_types":["float","c"],
"gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"1"},"iteration_indptr":[0,1],"tree_info":[0],
"trees":[{"base_weights":[0,0,0,0,0],"categories":[1,3],"categories_nodes":[1],"categories_segments":[0],"categories_sizes":[2],
"default_left":[0,1,0,0,0],"id":0,"left_children":[1,3,-1,-1,-1],"right_children":[2,4,-1,-1,-1],"parents":[2147483647,0,0,1,1],
"loss_changes":[1,NaN,0,0,0],"sum_hessian":[1,2,3,4,5],"split_conditions":[0.5,0,2E-1,-3E-1,4E-1],"split_indices":[0,1,0,0,0],
"split_type":[0,1,0,0,0],"tree_param":{"num_deleted":"0","num_feature":"2","num_nodes":"5","size_leaf_vector":"1"}}]},"name":"gbtree"},
"learner_model_param":{"base_score":"5E-1","boost_from_average":"1","num_class":"0","num_feature":"2","num_target":"1"},
"objective":{"name":"binary:logistic","reg_loss_param":{"scale_pos_weight":"1"}}},"version":[2,0,3]}`

func replace(old, with string) func(string) string {
	return func(s string) string { return strings.Replace(s, old, with, 1) }
}

func both(a, b func(string) string) func(string) string {
	return func(s string) string { return b(a(s)) }
}

func noChange(s string) string { return s }

var (
	manyOutputs = replace(`"num_target":"1"`, `"num_target":"3"`)
	vectorLeaf  = replace(`"size_leaf_vector":"1"`, `"size_leaf_vector":"3"`)
	linearModel = func(weights string) func(string) string {
		return func(s string) string {
			from, to := strings.Index(s, `"gradient_booster"`), strings.Index(s, `"learner_model_param"`)
			return s[:from] + `"gradient_booster":{"name":"gblinear","model":{"weights":` + weights + `}},` + s[to:]
		}
	}
)

func TestSmallModels(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"as it is":           noChange,
		"spaces":             func(s string) string { return strings.ReplaceAll(s, ",", " ,\r\n\t ") },
		"escapes":            replace(`"feature_names":["a"`, `"feature_names":["\u00e4\n"`),
		"no indptr":          replace(`"iteration_indptr":[0,1],`, ""),
		"no names":           replace(`"feature_names":["a","b"],"feature_types":["float","c"],`, `"feature_names":[],"feature_types":[],`),
		"true and false":     replace(`"default_left":[0,1,0,0,0]`, `"default_left":[false,true,false,false,false]`),
		"a vector of a base": replace(`"5E-1"`, `"[5E-1]"`),
		"a pickle's":         func(s string) string { return `{"Config":{"learner":{"a":[1,{"b":null}]}},"Model":` + s + "}" },
		"linear":             linearModel("[1,2,3]"),
		"three outputs":      both(manyOutputs, replace("binary:logistic", "reg:squarederror")),
		"infinite threshold": replace("[0.5,0,", "[Infinity,0,"),
	} {
		t.Run(name, func(t *testing.T) {
			m, err := model.OpenReader("m.json", strings.NewReader(change(small)), int64(len(small)), []model.Format{xgboost.Format()})
			if err != nil {
				t.Fatal(err)
			}
			var rows mlapi.Matrix
			rows.Resize(3, 2)
			copy(rows.Data, []float64{0, 1, 1, 1, 0, 2})
			predict(t, m, &rows)
		})
	}
}

func TestHostileDocuments(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(string) string
		want   string
	}{
		{"cut", func(s string) string { return s[:len(s)/2] }, "JSON, at byte"},
		{"more", func(s string) string { return s + "{}" }, "something follows"},
		{"key twice", replace(`"version":[2,0,3]`, `"version":[2,0,3],"version":[2,0,3]`), "twice"},
		{"no comma", replace(`"tree_info":[0],`, `"tree_info":[0]`), "comma"},
		{"no colon", replace(`"tree_info":`, `"tree_info"`), "colon"},
		{"no key", replace(`"tree_info":`, `1:`), "key"},
		{"no value", replace(`"tree_info":[0]`, `"tree_info":x`), "value"},
		{"escape", replace(`"binary:logistic"`, `"\x"`), "escape"},
		{"string", replace(`"version":[2,0,3]}`, `"version`), "no end"},
		{"no learner", replace(`"learner":{`, `"Learner":{`), ""},
		{"no version", replace(`,"version":[2,0,3]`, ``), `"version"`},
		{"version", replace(`[2,0,3]`, `["a"]`), `"version"`},
		{"attributes", replace(`{"best_iteration":"0"}`, `[]`), `"attributes"`},
		{"objective", replace(`binary:logistic`, `binary:mine`), "binary:mine"},
		{"no objective", replace(`"objective":`, `"objectives":`), `"objective"`},
		{"booster", replace(`"name":"gbtree"`, `"name":"other"`), "booster"},
		{"features 0", replace(`"num_feature":"2","num_target"`, `"num_feature":"0","num_target"`), "no features"},
		{"features negative", replace(`"num_feature":"2","num_target"`, `"num_feature":"-1","num_target"`), "num_feature"},
		{"features many", both(replace(`"num_feature":"2","num_target"`, `"num_feature":"2147483647","num_target"`),
			replace(`"feature_names":["a","b"],"feature_types":["float","c"],`, "")), "memory"},
		{"names", replace(`["a","b"]`, `["a"]`), "1 names"},
		{"names are numbers", replace(`["a","b"]`, `[1,2]`), "feature_names"},
		{"types", replace(`["float","c"]`, `["c"]`), "1 types"},
		{"classes", replace(`"num_class":"0"`, `"num_class":"99999999"`), "too many"},
		{"classes of softprob", replace(`binary:logistic`, `multi:softprob`), "0 classes"},
		{"base", replace(`"5E-1"`, `"x"`), "base score"},
		{"bases", replace(`"5E-1"`, `"[5E-1,1]"`), "2 base scores"},
		{"base NaN", replace(`"5E-1"`, `"nan"`), "base score"},
		{"base of gamma", both(replace(`binary:logistic`, `reg:gamma`), replace(`"5E-1"`, `"-1"`)), "base score"},
		{"no trees", replace(`"trees":[`, `"treez":[`), `"trees"`},
		{"tree is a number", replace(`"trees":[{`, `"trees":["x",{`), "2 trees, and outputs of 1"},
		{"outputs", replace(`"tree_info":[0]`, `"tree_info":[]`), "outputs of 0"},
		{"output outside", replace(`"tree_info":[0]`, `"tree_info":[1]`), "output 1 of 1"},
		{"output negative", replace(`"tree_info":[0]`, `"tree_info":[-1]`), "output -1"},
		{"output fraction", replace(`"tree_info":[0]`, `"tree_info":[0.5]`), "whole"},
		{"iterations", replace(`[0,1],"tree_info"`, `[0,2],"tree_info"`), "iterations have 2 trees"},
		{"iterations fall", replace(`[0,1],"tree_info"`, `[0,1,0,1],"tree_info"`), "iteration 2 begins"},
		{"iterations late", replace(`[0,1],"tree_info"`, `[1,1],"tree_info"`), "iteration 0 begins"},
		{"lefts", replace(`[1,3,-1,-1,-1]`, `[1,3,-1,-1]`), "different lengths"},
		{"rights", replace(`[2,4,-1,-1,-1]`, `[2,4,-1,-1,-1,-1]`), "different lengths"},
		{"indices", replace(`"split_indices":[0,1,0,0,0]`, `"split_indices":[0,1,0,0]`), "different lengths"},
		{"conditions", replace(`[0.5,0,2E-1,-3E-1,4E-1]`, `[0.5]`), "different lengths"},
		{"defaults", replace(`"default_left":[0,1,0,0,0]`, `"default_left":[]`), "different lengths"},
		{"text for numbers", replace(`[0.5,0,2E-1,-3E-1,4E-1]`, `["a"]`), "split_conditions"},
		{"cycle", replace(`[1,3,-1,-1,-1]`, `[1,0,-1,-1,-1]`), "reached twice"},
		{"child outside", replace(`[2,4,-1,-1,-1]`, `[2,5,-1,-1,-1]`), "child 5"},
		{"child huge", replace(`[2,4,-1,-1,-1]`, `[2,4294967295,-1,-1,-1]`), "child 4294967295"},
		{"child beyond", replace(`[2,4,-1,-1,-1]`, `[2,1e300,-1,-1,-1]`), "whole"},
		{"half a leaf", replace(`[2,4,-1,-1,-1]`, `[-1,4,-1,-1,-1]`), "child -1"},
		{"feature outside", replace(`"split_indices":[0,1,0,0,0]`, `"split_indices":[2,1,0,0,0]`), "feature 2 of 2"},
		{"threshold NaN", replace(`[0.5,0,`, `[NaN,0,`), "NaN"},
		{"leaf NaN", replace(`-3E-1`, `NaN`), "leaf 3 has the value NaN"},
		{"leaf infinite", replace(`-3E-1`, `1E39`), "leaf 3 has the value +Inf"},
		{"leaf overflows", replace(`-3E-1`, `3E38`), "overflow"},
		{"splits", replace(`"split_type":[0,1,0,0,0]`, `"split_type":[0,1]`), "arrays of categories"},
		{"split without set", replace(`"split_type":[0,1,0,0,0]`, `"split_type":[1,1,0,0,0]`), "node 0 splits by categories"},
		{"set of a number", replace(`"split_type":[0,1,0,0,0]`, `"split_type":[0,0,0,0,0]`), "categories of node 1"},
		{"node outside", replace(`"categories_nodes":[1]`, `"categories_nodes":[7]`), "categories of node 7"},
		{"node negative", replace(`"categories_nodes":[1]`, `"categories_nodes":[-1]`), "categories of node -1"},
		{"segment outside", replace(`"categories_sizes":[2]`, `"categories_sizes":[3]`), "categories of node 1"},
		{"segment negative", replace(`"categories_sizes":[2]`, `"categories_sizes":[-1]`), "categories of node 1"},
		{"segment before", replace(`"categories_segments":[0]`, `"categories_segments":[-1]`), "categories of node 1"},
		{"segments", replace(`"categories_segments":[0]`, `"categories_segments":[0,0]`), "arrays of categories"},
		{"segments overlap", both(replace(`"categories_nodes":[1]`, `"categories_nodes":[1,1]`),
			both(replace(`"categories_segments":[0]`, `"categories_segments":[0,1]`), replace(`"categories_sizes":[2]`, `"categories_sizes":[2,1]`))), "categories of node 1"},
		{"category negative", replace(`"categories":[1,3]`, `"categories":[-1,3]`), "category -1"},
		{"category huge", replace(`"categories":[1,3]`, `"categories":[1,16777216]`), "category 16777216"},
		{"vector", vectorLeaf, "3 values for 1 outputs"},
		{"vectors short", both(both(manyOutputs, replace("binary:logistic", "reg:squarederror")), vectorLeaf), "5 nodes have 5 values"},
		{"leaf weights short", both(both(manyOutputs, vectorLeaf), replace(`"base_weights"`, `"leaf_weights":[1],"base_weights"`)), "3 leaves have 1 values"},
		{"leaf weights outside", both(both(manyOutputs, vectorLeaf), replace(`"base_weights"`, `"leaf_weights":[1,2,3,4,5,6,7,8,9],"base_weights"`)), "values -1 of 3"},
		{"dart", replace(`"name":"gbtree"}`, `"name":"dart"}`), `"gbtree"`},
		{"drops", replace(`"tree_info":[0]`, `"weight_drop":[1,1],"tree_info":[0]`), "1 trees have 2 weights"},
		{"drop NaN", replace(`"tree_info":[0]`, `"weight_drop":[NaN],"tree_info":[0]`), "NaN"},
		{"weights", linearModel("[1,2]"), "2 weights"},
		{"weight NaN", linearModel("[1,2,NaN]"), "weight NaN"},
		{"weight infinite", linearModel("[1,2,1E39]"), "weight"},
		{"cats", replace(`"tree_info":[0]`, `"cats":{"enc":[{}]},"tree_info":[0]`), "categories for 1"},
		{"cats are numbers", replace(`"tree_info":[0]`, `"cats":{"enc":[1,2]},"tree_info":[0]`), `"enc"`},
		{"cats without values", replace(`"tree_info":[0]`, `"cats":{"enc":[{},{}]},"tree_info":[0]`), `"values"`},
		{"cats offsets", replace(`"tree_info":[0]`, `"cats":{"enc":[{"offsets":[0,9],"values":[65]},{}]},"tree_info":[0]`), "bytes 0 to 9 of 1"},
		{"cats backwards", replace(`"tree_info":[0]`, `"cats":{"enc":[{"offsets":[1,0],"values":[65]},{}]},"tree_info":[0]`), "bytes 1 to 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			format := xgboost.Format()
			format.Detect = func([]byte) bool { return true }
			_, err := model.OpenReader("m.json", strings.NewReader(test.change(small)), int64(len(small)), []model.Format{format})
			var e *model.Error
			if !errors.As(err, &e) || !strings.Contains(e.What, test.want) || e.Hint == "" || e.Kind == model.Fault {
				t.Errorf("error is %v (%+v), want %s", err, e, test.want)
			}
		})
	}
}

// use parses data and predicts with it, whatever it is.
func use(t *testing.T, data []byte) error {
	t.Helper()
	return useWithin(t, data, model.DefaultLimits(int64(len(data))))
}

func useWithin(t *testing.T, data []byte, limits model.Limits) error {
	t.Helper()
	b, err := xgboost.Parse(data, limits)
	if err != nil {
		return err
	}
	m, err := b.Model()
	if err != nil {
		return err
	}
	const most = 1 << 12
	if len(m.Info().Features) > most {
		return nil
	}
	var rows mlapi.Matrix
	rows.Resize(9, len(m.Info().Features))
	for i := range rows.Data {
		rows.Data[i] = float64(i%5) - 1
	}
	s := mlapi.Scores{Want: mlapi.WantScores, Info: m.Info()}
	var e *mlapi.Error
	if err := m.Predict(t.Context(), &s, &rows); err != nil && (!errors.As(err, &e) || e.Kind != mlapi.Invalid) {
		t.Fatal(err)
	}
	return err
}

// A model that is cut off anywhere, or has any byte changed, is refused or predicts.
func TestDamagedModels(t *testing.T) {
	for _, path := range []string{"1.7.6/binary.bin", "1.7.6/binary.ubj", "3.4.1/named.ubj", "1.0.2/dart.handle", "0.90/linear.bin", "2.0.3/vectors.ubj"} {
		data := unzip(t, "testdata/"+path+".gz")
		for at := 0; at < len(data); at += 1 + len(data)/400 {
			if err := use(t, data[:at]); err == nil && strings.HasSuffix(path, ".ubj") {
				t.Errorf("%s cut at %d of %d is accepted", path, at, len(data))
			}
			damaged := append([]byte(nil), data...)
			for _, v := range []byte{0, 0x7f, 0xff, '[', ']', '{', '}', '$', '#', 'L', 'd'} {
				damaged[at] = v
				_ = use(t, damaged)
			}
		}
	}
}

// Files made to take memory or time are refused soon, or read in little memory.
func TestBombs(t *testing.T) {
	const size = 1 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	in := func(s string) string { return replace(`"version":[2,0,3]`, `"version":[2,0,3],"x":`+s)(small) }
	ubj := func(s string) string { return "{L\x00\x00\x00\x00\x00\x00\x00\x07learner" + s }
	count := func(n uint64) string { return string(binary.BigEndian.AppendUint64([]byte("L"), n)) }
	for name, text := range map[string]string{
		"lists":         in("[" + strings.TrimSuffix(fill("[],"), ",") + "]"),
		"objects":       in("[" + strings.TrimSuffix(fill("{},"), ",") + "]"),
		"numbers":       in("[" + strings.TrimSuffix(fill("0,"), ",") + "]"),
		"mixed":         in("[" + fill("0,") + `"a"]`),
		"texts":         in("[" + strings.TrimSuffix(fill(`"",`), ",") + "]"),
		"nesting":       in(fill("[")),
		"categories":    replace(`"categories":[1,3]`, `"categories":[1,16777215]`)(small),
		"ubj nesting":   ubj(fill("[")),
		"ubj lists":     ubj(fill("[]")),
		"ubj bytes":     ubj("[$U#" + count(size) + fill("\x00")),
		"ubj size":      ubj("[$U#" + count(1<<62)),
		"ubj list size": ubj("[#" + count(1<<40)),
		"ubj nothings":  ubj("[#" + count(size) + fill("Z")),
		"ubj text":      ubj("S" + count(1<<63-1)),
		"ubj negative":  ubj("S" + count(1<<63)),
		"ubj objects":   ubj("[" + fill("{}") + "]"),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			err := use(t, []byte(text))
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			limits := model.DefaultLimits(int64(len(text)))
			if made := after.TotalAlloc - before.TotalAlloc; made > 2*uint64(limits.Memory) {
				t.Errorf("%d bytes for a file of %d (%v)", made, len(text), err)
			}
			if took > 10*time.Second { // a second on an idle machine without the race detector
				t.Errorf("took %v (%v)", took, err)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*model.Limits)
		want   string
	}{
		"bytes":  {func(l *model.Limits) { l.Bytes = int64(len(small)) - 1 }, "longer than"},
		"memory": {func(l *model.Limits) { l.Memory = 1000 }, "memory"},
		"steps":  {func(l *model.Limits) { l.Opcodes = 50 }, "too many values"},
		"depth":  {func(l *model.Limits) { l.Depth = 4 }, "too deeply"},
	} {
		limits := model.DefaultLimits(int64(len(small)))
		test.change(&limits)
		var e *xgboost.Error
		if _, err := xgboost.Parse([]byte(small), limits); !errors.As(err, &e) || !strings.Contains(e.Error(), test.want) || e.Hint() == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	limits := model.DefaultLimits(0)
	limits.Memory = 1 << 20 // less than a bitset of the greatest category
	if _, err := xgboost.Parse([]byte(replace(`"categories":[1,3]`, `"categories":[1,16777215]`)(small)), limits); err == nil || !strings.Contains(err.Error(), "memory") {
		t.Errorf("bitset: %v", err)
	}
}

// Damage to the old binary format is found: counts, children, features, versions.
func TestHostileBinaries(t *testing.T) {
	data := unzip(t, "testdata/1.7.6/binary.bin.gz")
	const start = 4 // behind "binf"
	names := start + 136 + 8 + len("binary:logistic") + 8 + len("gbtree")
	first := names + 160 // of the first tree
	nodes := first + 148
	for _, test := range []struct {
		name string
		at   int
		put  uint32
		want string
	}{
		{"features", start + 4, 0, "no features"},
		{"features many", start + 4, 1 << 31, "no features"},
		{"classes", start + 8, 1 << 30, "too many"},
		{"version", start + 20, 9, "XGBoost 9."},
		{"trees", names, 1 << 30, "too early"},
		{"trees negative", names, 1 << 31, "-2147483648 trees"},
		{"roots", names + 4, 2, "2 roots"},
		{"roots of a tree", first, 2, "2 roots"},
		{"nodes", first + 4, 1 << 30, "too early"},
		{"nodes negative", first + 4, 1 << 31, "too early"},
		{"no nodes", first + 4, 0, ""},
		{"vectors", first + 20, 2, "leaves of 2 values"},
		{"left", nodes + 4, 0, "reached twice"},
		{"right", nodes + 8, 9999, "child 9999"},
		{"feature", nodes + 12, 77, "feature 77"},
		{"threshold", nodes + 16, 0x7fc00000, "NaN"},
	} {
		damaged := append([]byte(nil), data...)
		binary.LittleEndian.PutUint32(damaged[test.at:], test.put)
		if err := use(t, damaged); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
	var e *xgboost.Error
	if err := use(t, []byte("bs64"+string(data))); !errors.As(err, &e) || !e.Unsupported() || !strings.Contains(e.Hint(), "save_model") {
		t.Errorf("base64: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(linearModel("[1,2,3]")(small)))
	for _, path := range []string{"0.90/dart.bin", "0.90/linear.bin", "1.0.2/stump.json", "1.0.2/linear.handle", "1.7.6/stump.ubj", "2.0.3/vectors.ubj",
		"3.4.1/linear.ubj"} {
		f.Add(unzip(f, "testdata/"+path+".gz"))
	}
	limits := model.DefaultLimits(0)
	limits.Memory = 1 << 18 // so that no time goes into models of many features
	f.Fuzz(func(t *testing.T, data []byte) { _ = useWithin(t, data, limits) })
}
