package lightgbm_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/lightgbm"
)

// small is a model of two features and one tree of three leaves.
const small = `tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:1
feature_names=a b
feature_infos=[0:1] 0:1:5
tree_sizes=1

Tree=0
num_leaves=3
num_cat=1
split_feature=0 1
threshold=0.5 0
decision_type=2 1
left_child=1 -1
right_child=-2 -3
leaf_value=0.25 -0.5 0.75
cat_boundaries=0 1
cat_threshold=34
is_linear=0
shrinkage=1


end of trees

pandas_categorical:null
`

// linearTree turns the only tree of small into one of linear leaves.
func linearTree(counts, features, coefficients string) func(string) string {
	return func(s string) string {
		return strings.Replace(s, "is_linear=0", "is_linear=1\nleaf_const=1 2 3\nnum_features="+counts+"\nleaf_features="+features+"\nleaf_coeff="+coefficients, 1)
	}
}

func replace(old, with string) func(string) string {
	return func(s string) string { return strings.Replace(s, old, with, 1) }
}

func TestSmallModels(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"as it is":             func(s string) string { return s },
		"Windows lines":        func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"no tree sizes":        replace("tree_sizes=1\n", ""),
		"no decision types":    func(s string) string { return replace("decision_type=2 1\n", "")(s) },
		"version 2":            replace("version=v4", "version=v2"),
		"alias":                replace("objective=binary sigmoid:1", "objective=mse"),
		"no objective":         replace("objective=binary sigmoid:1\n", ""),
		"linear":               linearTree("1 0 2", "0   0 1", "2   3 4"),
		"no last empty line":   replace("\nend of trees\n\npandas_categorical:null\n", ""),
		"categories of pandas": replace(":null", `:[["x","y","z","u","v","w"]]`),
	} {
		t.Run(name, func(t *testing.T) {
			b, err := lightgbm.Parse([]byte(change(small)), model.DefaultLimits(1<<10))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.Model(lightgbm.Use{}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestHostileTexts(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(string) string
		want   string
	}{
		{"empty", func(string) string { return "" }, "does not begin"},
		{"other version", replace("v4", "v5"), "format version"},
		{"no version", replace("version=v4\n", ""), "format version"},
		{"no classes", replace("num_class=1\n", ""), "num_class"},
		{"classes are no number", replace("num_class=1", "num_class=1x"), "num_class"},
		{"classes negative", replace("num_class=1", "num_class=-1"), "num_class"},
		{"no class", replace("num_class=1", "num_class=0"), "0 classes"},
		{"too many outputs", replace("num_tree_per_iteration=1", "num_tree_per_iteration=70000"), "70000 trees an iteration"},
		{"no features", replace("max_feature_idx=1\n", ""), "max_feature_idx"},
		{"huge features", replace("max_feature_idx=1", "max_feature_idx=2147483646"), "features have 2 names"},
		{"features wrap", replace("max_feature_idx=1", "max_feature_idx=4294967297"), "max_feature_idx"},
		{"names", replace("feature_names=a b", "feature_names=a"), "2 features have 1 names"},
		{"infos", replace("feature_infos=[0:1] 0:1:5", "feature_infos="), "2 features have 0 infos"},
		{"twice", replace("num_class=1\n", "num_class=1\nnum_class=1\n"), "twice"},
		{"twice in a tree", replace("num_cat=1\n", "num_cat=1\nnum_cat=1\n"), "twice"},
		{"objective", replace("binary sigmoid", "mine sigmoid"), "the objective \"mine\" is not known"},
		{"sigmoid", replace("sigmoid:1", "sigmoid:x"), "parameter"},
		{"sigmoid 0", replace("sigmoid:1", "sigmoid:0"), "sigmoid 0"},
		{"sigmoid infinite", replace("sigmoid:1", "sigmoid:inf"), "sigmoid +Inf"},
		{"classes of the objective", replace("binary sigmoid:1", "multiclass num_class:3"), "3 classes"},
		{"outputs of the objective", replace("num_tree_per_iteration=1", "num_tree_per_iteration=2"), "binary, and 2 trees"},
		{"tree sizes", replace("tree_sizes=1", "tree_sizes=1 1"), "2 trees are announced, 1"},
		{"iterations", func(s string) string {
			return replace("binary sigmoid:1", "multiclass num_class:2")(replace("num_tree_per_iteration=1", "num_tree_per_iteration=2")(s))
		}, "no whole number of iterations"},
		{"leaves", replace("num_leaves=3", "num_leaves=2000000000"), "tree 0: 2000000000 leaves have 3 values"},
		{"no leaves", replace("num_leaves=3\n", ""), "num_leaves"},
		{"no leaf", func(s string) string {
			return replace("num_leaves=3", "num_leaves=0")(replace("leaf_value=0.25 -0.5 0.75", "leaf_value=")(s))
		}, "0 leaves"},
		{"too many sets", replace("cat_boundaries=0 1", "cat_boundaries=0 1 1 1"), "2 inner nodes have 3 sets"},
		{"left short", replace("left_child=1 -1", "left_child=1"), "do not fit"},
		{"right long", replace("right_child=-2 -3", "right_child=-2 -3 -1"), "do not fit"},
		{"features short", replace("split_feature=0 1", "split_feature=0"), "do not fit"},
		{"thresholds short", replace("threshold=0.5 0", "threshold=0.5"), "do not fit"},
		{"decisions short", replace("decision_type=2 1", "decision_type=2"), "do not fit"},
		{"cycle", replace("left_child=1 -1", "left_child=1 0"), "reached twice"},
		{"child outside", replace("left_child=1 -1", "left_child=9 -1"), "child 9"},
		{"leaf outside", replace("left_child=1 -1", "left_child=1 -9"), "leaf 8 of 3"},
		{"leaf far outside", replace("left_child=1 -1", "left_child=1 -2147483648"), "leaf 2147483647 of 3"},
		{"leaf twice", replace("right_child=-2 -3", "right_child=-2 -2"), "reached twice"},
		{"child wraps", replace("left_child=1 -1", "left_child=4294967297 -1"), "left_child holds"},
		{"feature outside", replace("split_feature=0 1", "split_feature=2 1"), "feature 2 of 2"},
		{"feature negative", replace("split_feature=0 1", "split_feature=-1 1"), "feature -1"},
		{"threshold NaN", replace("threshold=0.5", "threshold=nan"), "NaN"},
		{"threshold text", replace("threshold=0.5", "threshold=a"), "threshold holds"},
		{"leaf NaN", replace("leaf_value=0.25", "leaf_value=nan"), "value NaN"},
		{"leaf infinite", replace("leaf_value=0.25", "leaf_value=1e999"), "value +Inf"},
		{"leaf text", replace("leaf_value=0.25", "leaf_value=x"), "leaf_value holds"},
		{"decision", replace("decision_type=2 1", "decision_type=12 1"), "decision type 12"},
		{"decision negative", replace("decision_type=2 1", "decision_type=-1 1"), "decision type -1"},
		{"set outside", replace("threshold=0.5 0", "threshold=0.5 1"), "set 1 of 1"},
		{"set NaN", replace("threshold=0.5 0", "threshold=0.5 nan"), "set NaN of 1"},
		{"no sets", replace("cat_boundaries=0 1\n", ""), "set 0 of 0"},
		{"bounds outside", replace("cat_boundaries=0 1", "cat_boundaries=0 2"), "words 0 to 2 of 1"},
		{"bounds backwards", replace("cat_boundaries=0 1", "cat_boundaries=1 0"), "words 1 to 0"},
		{"bounds negative", replace("cat_boundaries=0 1", "cat_boundaries=-1 1"), "words -1 to 1"},
		{"words", replace("cat_threshold=34", "cat_threshold=4294967296"), "cat_threshold holds"},
		{"linear counts", linearTree("1 0", "0", "1"), "3 constants and 2 numbers"},
		{"linear features", linearTree("1 0 9", "0", "1"), "linear leaf 2 has 9 features"},
		{"linear negative", linearTree("1 0 -1", "0", "1"), "linear leaf 2 has -1"},
		{"linear left over", linearTree("1 0 0", "0 1", "1 2"), "belong to no linear leaf"},
		{"linear feature", linearTree("1 0 0", "7", "1"), "takes feature 7 of 2"},
		{"categories", replace(":null", ":{}"), "no list of lists"},
		{"categories of lists", replace(":null", ":[[[]]]"), "neither text nor number"},
		{"categories mixed", replace(":null", `:[["a",1]]`), "texts and numbers"},
		{"categories overflow", replace(":null", ":[[1e999]]"), "number 1e999"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := model.OpenReader("m.txt", strings.NewReader(test.change(small)), int64(len(small)), []model.Format{all()})
			var e *model.Error
			if !errors.As(err, &e) || !strings.Contains(e.What, test.want) || e.Hint == "" || e.Kind == model.Fault {
				t.Errorf("error is %v (%+v), want %s", err, e, test.want)
			}
		})
	}
}

// all is the format for every text, so that broken ones reach the reader.
func all() model.Format {
	f := lightgbm.Format()
	f.Detect = func([]byte) bool { return true }
	return f
}

// A text that is cut off anywhere is refused, or is a model that predicts.
func TestCutTexts(t *testing.T) {
	for cut := range len(small) {
		b, err := lightgbm.Parse([]byte(small[:cut]), model.DefaultLimits(0))
		if err != nil {
			continue
		}
		m, err := b.Model(lightgbm.Use{})
		if err == nil {
			var rows mlapi.Matrix
			rows.Resize(1, len(m.Info().Features))
			clear(rows.Data)
			predict(t, m, &rows)
		}
	}
}

// Texts made to take memory or time are refused soon, or read in little memory.
func TestBombs(t *testing.T) {
	const size = 1 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, text := range map[string]string{
		"lines":      "tree\nversion=v4\n" + fill("\n"),
		"keys":       "tree\nversion=v4\n" + fill("a\n"),
		"trees":      strings.Replace(small, "end of trees", fill("Tree=1\nnum_leaves=1\nleaf_value=1\n\n"), 1),
		"numbers":    strings.Replace(small, "leaf_value=", "leaf_value="+fill("1 "), 1),
		"spaces":     strings.Replace(small, "leaf_value=", "leaf_value="+fill(" "), 1),
		"names":      strings.Replace(small, "feature_names=", "feature_names="+fill("a "), 1),
		"categories": strings.Replace(small, ":null", ":["+strings.TrimSuffix(fill(`["a"],`), ",")+"]", 1),
		"nesting":    strings.Replace(small, ":null", ":"+fill("["), 1),
		"bounds":     strings.Replace(small, "cat_boundaries=0 1", "cat_boundaries=0 1"+fill(" 1"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after, live runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			b, err := lightgbm.Parse([]byte(text), model.DefaultLimits(int64(len(text))))
			var m mlapi.Model
			if err == nil {
				m, err = b.Model(lightgbm.Use{})
			}
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			runtime.GC()
			runtime.ReadMemStats(&live)
			if made := after.TotalAlloc - before.TotalAlloc; made > 64*uint64(len(text)) {
				t.Errorf("%d bytes were made for a text of %d (%v)", made, len(text), err)
			}
			if kept := int64(live.HeapAlloc) - int64(before.HeapAlloc); kept > 20*int64(len(text)) {
				t.Errorf("%d bytes are kept of a text of %d (%v)", kept, len(text), err)
			}
			runtime.KeepAlive(b)
			runtime.KeepAlive(m)
			if took > 10*time.Second { // a second on an idle machine without the race detector
				t.Errorf("took %v (%v)", took, err)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	limits := model.DefaultLimits(1 << 10)
	limits.Bytes = int64(len(small)) - 1
	if _, err := lightgbm.Parse([]byte(small), limits); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("bytes: %v", err)
	}
	limits = model.DefaultLimits(1 << 10)
	limits.Opcodes = 20
	if _, err := lightgbm.Parse([]byte(small), limits); err == nil || !strings.Contains(err.Error(), "too many lines") {
		t.Errorf("lines: %v", err)
	}
}

// What a model takes is paid for before it is made, by a text that may be as long as it
// likes.
func TestMemory(t *testing.T) {
	fill := func(s string) string { return strings.Repeat(s, 1000) }
	for name, c := range map[string]struct {
		text  string
		least int64 // bytes
	}{
		"trees":      {strings.Replace(small, "end of trees", fill("Tree=1\nnum_leaves=1\nleaf_value=1\n\n")+"end of trees", 1), 1000 * 900},
		"names":      {strings.Replace(small, "feature_names=", "feature_names="+fill("a "), 1), 1000 * 48},
		"infos":      {strings.Replace(small, "feature_infos=", "feature_infos="+fill("a "), 1), 1000 * 48},
		"numbers":    {strings.Replace(small, "leaf_value=", "leaf_value="+fill("1 "), 1), 1000 * 80},
		"lists":      {strings.Replace(small, ":null", ":["+fill(`[],`)+"[]]", 1), 1000 * 100},
		"categories": {strings.Replace(small, ":null", ":[["+fill(`"a",`)+`"b"]]`, 1), 1000 * 30},
	} {
		limits := model.DefaultLimits(int64(len(c.text)))
		limits.Memory = c.least
		if _, err := lightgbm.Parse([]byte(c.text), limits); err == nil || !strings.Contains(err.Error(), "too much memory") {
			t.Errorf("%s in %d bytes: %v", name, c.least, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(linearTree("1 0 2", "0   0 1", "2   3 4")(small)))
	f.Add([]byte(replace(":null", `:[["x","y","z","u","v","w"]]`)(small)))
	f.Add([]byte(replace("objective=binary sigmoid:1", "objective=regression sqrt\naverage_output")(small)))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := lightgbm.Parse(data, model.DefaultLimits(int64(len(data))))
		if err != nil {
			return
		}
		m, err := b.Model(lightgbm.Use{})
		if err != nil {
			return
		}
		var rows mlapi.Matrix
		rows.Resize(9, len(m.Info().Features))
		for i := range rows.Data {
			rows.Data[i] = float64(i%5) - 1
		}
		s := mlapi.Scores{Want: mlapi.WantScores, Info: m.Info()}
		if err := m.Predict(t.Context(), &s, &rows); err != nil {
			var e *mlapi.Error
			if !errors.As(err, &e) || e.Kind != mlapi.Invalid {
				t.Fatal(err)
			}
		}
	})
}
