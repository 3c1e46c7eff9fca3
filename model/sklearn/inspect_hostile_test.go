package sklearn

import (
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

func object(module, name string, attributes ...pickle.Value) *pickle.Object {
	return &pickle.Object{Class: pickle.Global{Module: module, Name: name}, State: dict(attributes...)}
}

// TestHostileTrees describes values that refer to themselves and to each other: a
// description ends soon and is bounded.
func TestHostileTrees(t *testing.T) {
	itself := object("sklearn.pipeline", "Pipeline", "_sklearn_version", "1.5.2")
	steps := list()
	for range 50 {
		steps.Items = append(steps.Items, &pickle.Tuple{Items: []pickle.Value{"again", itself}})
	}
	itself.State.(*pickle.Dict).Set("steps", steps)

	// Two of everything at 40 levels: a million million ways down.
	wide := object("sklearn.preprocessing._data", "StandardScaler")
	for range 40 {
		wide = object("sklearn.pipeline", "Pipeline", "steps", list(
			&pickle.Tuple{Items: []pickle.Value{"a", wide}}, &pickle.Tuple{Items: []pickle.Value{"b", wide}}))
	}
	stranger := object("own", "Thing")
	stranger.State.(*pickle.Dict).Set("self", list(stranger, dict("x", stranger), stranger))
	loop := list()
	for range 50 {
		loop.Items = append(loop.Items, loop, "x")
	}
	many := list()
	for range 500_000 {
		many.Items = append(many.Items, many)
	}
	texts := make([]pickle.Value, 300_000)
	for i := range texts {
		texts[i] = "word"
	}
	var names pickle.Value = list(texts...)
	for name, v := range map[string]pickle.Value{
		"itself": itself, "wide": wide, "stranger": stranger, "loop": loop, "many": many, "long": list(texts...),
		"one list often": list(slices.Repeat([]pickle.Value{names}, 4000)...), "in a bundle": dict("a", itself, "b", wide, "c", loop), "no state": &pickle.Object{Class: itself.Class},
		"steps of other things": object("sklearn.pipeline", "Pipeline", "steps", list(int64(1), list(), &pickle.Tuple{Items: []pickle.Value{"a", nil, "x"}})),
	} {
		r := &model.Report{}
		begin := time.Now()
		Describe(r, v, "", map[pickle.Global]bool{stranger.Class: true}, model.DefaultLimits(1<<20))
		if took := time.Since(begin); took > time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
		if n := size(r.Tree); n > mostNodes+mostParts {
			t.Errorf("%s: %d nodes", name, n)
		}
		if name != "stranger" && len(r.Problems) == 0 {
			t.Errorf("%s: no problem", name)
		}
	}
}

func size(nodes []model.Node) int {
	n := len(nodes)
	for _, node := range nodes {
		n += size(node.Children)
	}
	return n
}

// TestParams writes values as Python would, escaped and cut.
func TestParams(t *testing.T) {
	for want, v := range map[string]pickle.Value{
		"None": nil, "True": true, "3": int64(3), "0.5": 0.5, "2.0": 2.0, "1e+300": 1e300,
		`'it\'s "so"\n'`: "it's \"so\"\n", "numpy.log1p": pickle.Global{Module: "numpy", Name: "log1p"},
		"(1, 2)": &pickle.Tuple{Items: []pickle.Value{int64(1), int64(2)}}, "['a', 'b']": list("a", "b"),
		"Tree(...)": object("x", "Tree"), "'" + strings.Repeat("y", mostChars) + "...'": strings.Repeat("y", 1000),
	} {
		if got, ok := pythonText(v, 0); !ok || got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	deep := list(list(list(list("x"))))
	if got, ok := pythonText(deep, 0); ok {
		t.Errorf("a deep list is told as %s", got)
	}
}

// TestLabelDecoder: a label encoder behind a model, or before it, names its classes.
func TestLabelDecoder(t *testing.T) {
	forest := document(t, "1.5.2/forest_binary") // of the classes 0 and 1
	encoder := object("sklearn.preprocessing._label", "LabelEncoder", "_sklearn_version", "1.5.2",
		"classes_", &pickle.Array{Dtype: pickle.Dtype{Kind: 'O', Size: 8}, Shape: []int{2}, Objects: []pickle.Value{"no", "yes"}})
	rd := newReader(model.DefaultLimits(1 << 20))
	m, err := rd.build(forest, "$")
	if err != nil {
		t.Fatal(err)
	}
	a := rd.open(encoder, nil)
	d, err := transform.NewModel(&mlapi.Info{Estimator: "LabelEncoder", Features: []mlapi.Feature{{Name: "x0"}}}, labelDecoderOf(a))
	if err != nil || a.err != nil {
		t.Fatal(err, a.err)
	}
	for _, parts := range [][]mlapi.Model{{m, d}, {d, m}} {
		whole, err := transform.Join(parts)
		if err != nil {
			t.Fatal(err)
		}
		if c := whole.Info().Classes; len(c) != 2 || c[0] != mlapi.TextLabel("no") || c[1] != mlapi.TextLabel("yes") {
			t.Errorf("the classes are %v", c)
		}
		answers(t, whole)
	}
}
