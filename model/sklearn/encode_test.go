package sklearn

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
)

func textArray(texts ...pickle.Value) *pickle.Array {
	return &pickle.Array{Dtype: pickle.Dtype{Kind: 'O', Size: 8}, Shape: []int{len(texts)}, Objects: texts}
}

func tuple(items ...pickle.Value) *pickle.Tuple { return &pickle.Tuple{Items: items} }

// estimator returns an estimator of scikit-learn with these attributes.
func estimator(module, name, version string, attributes ...any) *pickle.Object {
	state := &pickle.Dict{}
	state.Set("_sklearn_version", version)
	for i := 0; i < len(attributes); i += 2 {
		state.Set(attributes[i], attributes[i+1])
	}
	return &pickle.Object{Class: pickle.Global{Module: module, Name: name}, State: state}
}

func build(o *pickle.Object) (mlapi.Model, error) {
	return newReader(model.DefaultLimits(1 << 20)).model(o)
}

// madeOf returns what a transformer makes of rows of texts and numbers.
func madeOf(t *testing.T, o *pickle.Object, rows ...[]any) [][]float64 {
	t.Helper()
	m, err := build(o)
	if err != nil {
		t.Fatal(err)
	}
	var x mlapi.Matrix
	x.Resize(len(rows), len(m.Info().Features))
	for i, row := range rows {
		for k, cell := range row {
			if s, ok := cell.(string); ok {
				x.Row(i)[k] = x.Text([]byte(s))
			} else {
				x.Row(i)[k] = cell.(float64)
			}
		}
	}
	s := &mlapi.Scores{Info: m.Info()}
	if err := m.Predict(context.Background(), s, &x); err != nil {
		t.Fatal(err)
	}
	got := make([][]float64, len(rows))
	for i := range got {
		got[i] = s.Row(i)
	}
	return got
}

const (
	onehot        = "zoo/1.5.2/encode_onehot_frame"
	infrequent    = "zoo/1.5.2/encode_onehot_infrequent_drop"
	legacy        = "zoo/0.20.4/encode_onehot_old"
	ordinal       = "zoo/1.5.2/encode_ordinal_unknown"
	target        = "zoo/1.5.2/encode_target_binary"
	byNames       = "zoo/1.5.2/columns_alone"
	unionPath     = "zoo/1.5.2/union_sparse"
	count         = "zoo/1.5.2/text_count_plain"
	tfidf         = "zoo/1.5.2/text_tfidf_plain"
	oldTfidf      = "zoo/0.24.2/text_tfidf_plain"
	hashing       = "zoo/1.5.2/text_hashing_plain"
	binarizerPath = "zoo/1.5.2/label_binarizer"
)

func TestContradictoryEncodersAreRefused(t *testing.T) {
	first := func(o *pickle.Object, v pickle.Value) { get[*pickle.List](o, "categories_").Items[0] = v }
	refuse(t, []contradiction{
		{"no categories", onehot, func(o *pickle.Object) { set(o, "categories_", list()) }, "categories_ is empty"},
		{"categories no array", onehot, func(o *pickle.Object) { first(o, "x") }, "categories_[0] is not a list of categories"},
		{"categories in rows", onehot, func(o *pickle.Object) { first(o, floatArray([]int{1, 1}, 1)) }, "categories_[0] is not a list of categories"},
		{"both kinds", onehot, func(o *pickle.Object) { first(o, textArray("a", int64(1))) }, "categories_[0] holds texts and numbers"},
		{"neither kind", onehot, func(o *pickle.Object) { first(o, textArray("a", list())) }, "categories_[0][1] is neither text nor number"},
		{"times", onehot, func(o *pickle.Object) {
			first(o, &pickle.Array{Dtype: pickle.Dtype{Kind: 'M', Size: 8}, Shape: []int{1}, Data: make([]byte, 8)})
		}, "has the type"},
		{"a rule nobody knows", onehot, func(o *pickle.Object) { set(o, "handle_unknown", "guess") }, `handle_unknown="guess" is unknown`},
		{"too few dropped", onehot, func(o *pickle.Object) { set(o, "_drop_idx_after_grouping", list(int64(0))) }, "not a number for each column"},
		{"dropped beyond", onehot, func(o *pickle.Object) {
			set(o, "_drop_idx_after_grouping", list(int64(-1), int64(0), int64(0)))
		}, "not a number for each column"},
		{"dropped is text", onehot, func(o *pickle.Object) { set(o, "_drop_idx_after_grouping", list("a", nil, nil)) }, "not a number for each column"},
		{"too few groups", infrequent, func(o *pickle.Object) { set(o, "_default_to_infrequent_mappings", list()) }, "one for each column"},
		{"groups no array", infrequent, func(o *pickle.Object) {
			get[*pickle.List](o, "_default_to_infrequent_mappings").Items[0] = "x"
		}, "is not an array"},
		{"a group beyond", infrequent, func(o *pickle.Object) {
			get[*pickle.List](o, "_default_to_infrequent_mappings").Items[0] = textArray(int64(0), int64(9))
		}, "leads to 9"},
		{"more groups than categories", infrequent, func(o *pickle.Object) {
			get[*pickle.List](o, "_default_to_infrequent_mappings").Items[0] = floatArray([]int{2}, 0, 1)
		}, "is not a number for each category"},
		{"ordinal rule", ordinal, func(o *pickle.Object) { set(o, "handle_unknown", "ignore") }, `handle_unknown="ignore" is unknown`},
		{"no unknown value", ordinal, func(o *pickle.Object) { set(o, "unknown_value", "x") }, "unknown_value is not a number"},
		{"too few encodings", target, func(o *pickle.Object) { set(o, "encodings_", list()) }, "0 encodings"},
		{"encoding no array", target, func(o *pickle.Object) { get[*pickle.List](o, "encodings_").Items[0] = "x" }, "a list of arrays"},
		{"short encoding", target, func(o *pickle.Object) { get[*pickle.List](o, "encodings_").Items[0] = floatArray([]int{1}, 1) }, "a number for each category"},
		{"several labels each", binarizerPath, func(o *pickle.Object) { set(o, "y_type_", "multilabel-indicator") }, `the kind "multilabel-indicator"`},
	})
}

// oldEncoder returns what 0.20 saved for the whole numbers 0 to 2 and 0 to 1, of which
// 1 was never seen in the first column.
func oldEncoder() *pickle.Object {
	return estimator("sklearn.preprocessing._encoders", "OneHotEncoder", "0.20.4", "_legacy_mode", true, "handle_unknown", "ignore", "sparse", false,
		"_feature_indices_", textArray(int64(0), int64(3), int64(5)), "_active_features_", textArray(int64(0), int64(2), int64(3), int64(4)))
}

func TestOldEncoder(t *testing.T) {
	o := oldEncoder()
	if got := madeOf(t, o, []any{2.9, 1.}, []any{1., 0.}, []any{5., 7.}); !reflect.DeepEqual(got, [][]float64{{0, 1, 0, 1}, {0, 0, 1, 0}, {0, 0, 0, 0}}) {
		t.Errorf("made %v", got)
	}
	without(o, "_active_features_")
	if got := madeOf(t, o, []any{1., 1.}); !reflect.DeepEqual(got, [][]float64{{0, 1, 0, 0, 1}}) {
		t.Errorf("made %v", got)
	}
	// In front of a mask: what it makes comes first, the rest behind.
	o = oldEncoder()
	set(o, "_feature_indices_", textArray(int64(0), int64(3)))
	set(o, "_active_features_", textArray(int64(0), int64(2)))
	set(o, "_categorical_features", list(false, true))
	if got := madeOf(t, o, []any{7., 2.}, []any{8., 1.}); !reflect.DeepEqual(got, [][]float64{{0, 1, 7}, {0, 0, 8}}) {
		t.Errorf("made %v", got)
	}
	for name, c := range map[string]struct {
		attribute string
		value     pickle.Value
		want      string
	}{
		"no places":           {"_feature_indices_", textArray(int64(0)), "places of at least one feature"},
		"places no numbers":   {"_feature_indices_", textArray("a"), "_feature_indices_"},
		"places backwards":    {"_feature_indices_", textArray(int64(0), int64(5), int64(3)), "places of features"},
		"places for too many": {"_feature_indices_", textArray(int64(0), int64(1<<30), int64(1<<30+1)), "too much memory"},
		"active out of order": {"_active_features_", textArray(int64(3), int64(0)), "in order"},
		"chosen by place":     {"_categorical_features", list(int64(0)), "does not say how many"},
	} {
		o := oldEncoder()
		set(o, c.attribute, c.value)
		if _, err := build(o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestContradictoryColumnsAreRefused(t *testing.T) {
	part := func(v pickle.Value) func(*pickle.Object) {
		return func(o *pickle.Object) {
			items := get[*pickle.List](o, "transformers_").Items
			p := items[0].(*pickle.Tuple).Items
			items[0] = tuple(p[0], p[1], v)
		}
	}
	slice := func(args ...pickle.Value) pickle.Value {
		return &pickle.Object{Class: pickle.Global{Module: "builtins", Name: "slice"}, Args: args}
	}
	refuse(t, []contradiction{
		{"part no triple", byNames, func(o *pickle.Object) { get[*pickle.List](o, "transformers_").Items[0] = tuple("a") }, "transformers_[0] is not a name"},
		{"unknown name", byNames, part(list("nobody")), `its column "nobody" is none of the names`},
		{"column beyond", byNames, part(list(int64(99))), "a column that is none of"},
		{"column below", byNames, part(list(int64(-99))), "a column that is none of"},
		{"column no place", byNames, part(list(list())), "one of its columns is a list"},
		{"columns no list", byNames, part(&pickle.Dict{}), "its columns are a dict"},
		{"left over but where", byNames, part(&pickle.Object{Class: pickle.Global{Module: "sklearn.compose._column_transformer", Name: remainderColumns}}), "its columns cannot be read"},
		{"short mask", byNames, part(list(true)), "its mask is for 1 of"},
		{"odd slice", byNames, part(slice(nil)), "its slice cannot be read"},
		{"slice backwards", byNames, part(slice(nil, nil, int64(-1))), "the step of its slice"},
		{"slice of unknown names", byNames, part(slice("nobody", nil, nil)), "none of the names"},
		{"no columns in all", byNames, func(o *pickle.Object) { set(o, "transformers_", list()) }, "no features are made"},
		{"another number of names", byNames, func(o *pickle.Object) { set(o, "n_features_in_", int64(99)) }, "n_features_in_ is 99"},
		{"weights no dict", byNames, func(o *pickle.Object) { set(o, "transformer_weights", list()) }, "transformer_weights is not a dict"},
		{"weight no number", byNames, func(o *pickle.Object) {
			d := &pickle.Dict{}
			d.Set(get[*pickle.List](o, "transformers_").Items[0].(*pickle.Tuple).Items[0], "x")
			set(o, "transformer_weights", d)
		}, "a dict of numbers"},
		{"names are numbers", byNames, func(o *pickle.Object) { set(o, "feature_names_in_", textArray(int64(1))) }, "feature_names_in_"},
		{"part of itself", byNames, func(o *pickle.Object) {
			items := get[*pickle.List](o, "transformers_").Items
			items[0] = tuple("a", o, items[0].(*pickle.Tuple).Items[2])
		}, "inside each other"},
		{"number and text", byNames, func(o *pickle.Object) {
			items := get[*pickle.List](o, "transformers_")
			encoder := estimator("sklearn.preprocessing._encoders", "OneHotEncoder", "1.5.2", "categories_", list(textArray("a", "b")),
				"handle_unknown", "error", "drop_idx_", nil, "sparse_output", false)
			items.Items = append(items.Items, tuple("again", encoder, list(int64(0))))
		}, "takes column 0 as a number and another as text"},
		{"union of itself", unionPath, func(o *pickle.Object) {
			get[*pickle.List](step(o, 0), "transformer_list").Items[0] = tuple("a", step(o, 0))
		}, "inside each other"},
		{"union of nothing", unionPath, func(o *pickle.Object) { set(step(o, 0), "transformer_list", list()) }, "none of the parts says"},
	})
}

func TestContradictoryTextsAreRefused(t *testing.T) {
	vocabulary := func(key, value pickle.Value) func(*pickle.Object) {
		return func(o *pickle.Object) {
			d := &pickle.Dict{}
			d.Set(key, value)
			set(o, "vocabulary_", d)
		}
	}
	global := pickle.Global{Module: "people", Name: "tokens"}
	refuse(t, []contradiction{
		{"place beyond", count, vocabulary("a", int64(1)), "a place for each term"},
		{"place below", count, vocabulary("a", int64(-1)), "a place for each term"},
		{"place no number", count, vocabulary("a", "b"), "a place for each term"},
		{"term no text", count, vocabulary(int64(1), int64(0)), "terms that are no text"},
		{"no vocabulary", count, func(o *pickle.Object) { set(o, "vocabulary_", &pickle.Dict{}) }, "the vocabulary is empty"},
		{"a term twice", count, func(o *pickle.Object) { set(o, "vocabulary_", list("a", "a")) }, "different terms"},
		{"tokenizer", count, func(o *pickle.Object) { set(o, "tokenizer", global) }, "tokenizer is people.tokens, which is not run"},
		{"preprocessor", count, func(o *pickle.Object) { set(o, "preprocessor", global) }, "preprocessor is people.tokens"},
		{"analyzer", count, func(o *pickle.Object) { set(o, "analyzer", global) }, "analyzer is people.tokens"},
		{"accents", count, func(o *pickle.Object) { set(o, "strip_accents", global) }, "strip_accents is people.tokens"},
		{"files", count, func(o *pickle.Object) { set(o, "input", "filename") }, `input="filename" is not served`},
		{"pattern", count, func(o *pickle.Object) { set(o, "token_pattern", `a(?=b)`) }, `"a(?=b)": look-around`},
		{"stop words of nowhere", count, func(o *pickle.Object) { set(o, "stop_words", "french") }, `stop_words="french" is unknown`},
		{"stop words no texts", count, func(o *pickle.Object) { set(o, "stop_words", list(int64(1))) }, "stop_words is not a list of texts"},
		{"n-grams turned", count, func(o *pickle.Object) { set(o, "ngram_range", tuple(int64(2), int64(1))) }, "ngram_range is not"},
		{"n-grams of nothing", count, func(o *pickle.Object) { set(o, "ngram_range", tuple(int64(0), int64(1))) }, "ngram_range is not"},
		{"too few weights", tfidf, func(o *pickle.Object) { set(get[*pickle.Object](o, "_tfidf"), "idf_", floatArray([]int{1}, 1)) }, "1 weights for"},
		{"norm", tfidf, func(o *pickle.Object) { set(get[*pickle.Object](o, "_tfidf"), "norm", "max") }, `norm is "max"`},
		{"no weigher", tfidf, func(o *pickle.Object) { set(o, "_tfidf", "x") }, "_tfidf is text"},
		{"no matrix", oldTfidf, func(o *pickle.Object) { set(get[*pickle.Object](o, "_tfidf"), "_idf_diag", "x") }, "_idf_diag"},
		{"no diagonal", oldTfidf, func(o *pickle.Object) {
			m := get[*pickle.Object](get[*pickle.Object](o, "_tfidf"), "_idf_diag")
			a := get[*pickle.Array](m, "indices")
			b := append([]byte(nil), a.Data...)
			b[0] = 1
			set(m, "indices", &pickle.Array{Dtype: a.Dtype, Shape: a.Shape, Data: b})
		}, "a diagonal"},
		{"no features", hashing, func(o *pickle.Object) { set(o, "n_features", int64(0)) }, "0 features"},
	})
}

// A file can hold any number of analyses that are dear to make.
func TestAnalysesAreChargedFor(t *testing.T) {
	o := document(t, count)
	set(o, "token_pattern", strings.Repeat(`[\w]`, 70))
	parts := list()
	for range 200 {
		parts.Items = append(parts.Items, tuple("a", o))
	}
	all := estimator("sklearn.pipeline", "FeatureUnion", "1.5.2", "transformer_list", parts)
	if _, err := build(all); err == nil || !strings.Contains(err.Error(), "too much memory") {
		t.Errorf("error is %v", err)
	}
}

func dictOf(pairs ...pickle.Value) *pickle.Dict {
	d := &pickle.Dict{}
	for i := 0; i < len(pairs); i += 2 {
		d.Set(pairs[i], pairs[i+1])
	}
	return d
}

func dictVectorizerOf(vocabulary *pickle.Dict) *pickle.Object {
	return estimator("sklearn.feature_extraction._dict_vectorizer", "DictVectorizer", "1.5.2",
		"vocabulary_", vocabulary, "separator", "=", "sparse", true)
}

func TestDictVectorizer(t *testing.T) {
	o := dictVectorizerOf(dictOf("age", int64(0), "city=Oslo", int64(1), "city=a=b", int64(2)))
	m, err := build(o)
	if err != nil {
		t.Fatal(err)
	}
	want := []mlapi.Feature{{Name: "age"}, {Name: "city", Type: mlapi.TextFeature, Categories: []string{"Oslo", "a=b"}}}
	if got := m.Info().Features; !reflect.DeepEqual(got, want) {
		t.Errorf("features are %v, want %v", got, want)
	}
	if got := madeOf(t, o, []any{3., "a=b"}, []any{4., "Rome"}); !reflect.DeepEqual(got, [][]float64{{3, 0, 1}, {4, 0, 0}}) {
		t.Errorf("made %v", got)
	}
	for name, c := range map[string]struct {
		vocabulary *pickle.Dict
		want       string
	}{
		"text and number": {dictOf("city", int64(0), "city=Oslo", int64(1)), `"city" was a text in some`},
		"number and text": {dictOf("city=Oslo", int64(0), "city", int64(1)), `"city" was a text in some`},
		"one place twice": {dictOf("a", int64(0), "b", int64(0)), "a place of its own"},
	} {
		if _, err := build(dictVectorizerOf(c.vocabulary)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	set(o, "separator", "")
	if _, err := build(o); err == nil || !strings.Contains(err.Error(), "without a separator") {
		t.Errorf("no separator: %v", err)
	}
}

func TestMultiLabelBinarizer(t *testing.T) {
	o := estimator("sklearn.preprocessing._label", "MultiLabelBinarizer", "1.5.2", "classes_", textArray("a", "b", "c"))
	if got := madeOf(t, o, []any{"c", "a", "c"}, []any{"x", "x", "b"}); !reflect.DeepEqual(got, [][]float64{{1, 0, 1}, {0, 1, 0}}) {
		t.Errorf("made %v", got)
	}
}

func TestUnfittedVectorizerWithVocabulary(t *testing.T) {
	o := document(t, count)
	without(o, "vocabulary_")
	set(o, "vocabulary", &pickle.Set{Items: []pickle.Value{"money", "free"}})
	if got := madeOf(t, o, []any{"free free money"}); !reflect.DeepEqual(got, [][]float64{{2, 1}}) {
		t.Errorf("made %v", got)
	}
}

// Columns are found however they are told.
func TestSelection(t *testing.T) {
	s := selection{width: 4, names: []string{"a", "b", "c", "d"}}
	slice := func(args ...pickle.Value) pickle.Value {
		return &pickle.Object{Class: pickle.Global{Module: "builtins", Name: "slice"}, Args: args}
	}
	for name, c := range map[string]struct {
		spec pickle.Value
		want []int
	}{
		"place":          {int64(2), []int{2}},
		"name":           {"b", []int{1}},
		"from the end":   {list(int64(-1), int64(0)), []int{3, 0}},
		"names":          {textArray("d", "a"), []int{3, 0}},
		"mask":           {list(false, true, false, true), []int{1, 3}},
		"nothing":        {list(), []int{}},
		"slice":          {slice(int64(1), int64(-1), nil), []int{1, 2}},
		"open slice":     {slice(nil, nil, int64(2)), []int{0, 2}},
		"slice of names": {slice("b", "c", nil), []int{1, 2}},
		"up to a name":   {slice(nil, "b", nil), []int{0, 1}},
		"long slice":     {slice(int64(2), int64(1<<40), nil), []int{2, 3}},
	} {
		if got, err := s.columns(c.spec); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, c.want)
		}
	}
}

// A sampler does nothing when the model predicts.
func TestSamplersDoNothing(t *testing.T) {
	o := document(t, standard)
	steps := get[*pickle.List](o, "steps")
	steps.Items = append([]pickle.Value{tuple("sampler", &pickle.Object{
		Class: pickle.Global{Module: "imblearn.over_sampling._smote.base", Name: "SMOTE"}, State: &pickle.Dict{},
	})}, steps.Items...)
	balanced := &pickle.Object{Class: pickle.Global{Module: "imblearn.pipeline", Name: "Pipeline"}, State: o.State}
	m, err := build(balanced)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Info().Estimator; got != "LogisticRegression" {
		t.Errorf("the estimator is %s", got)
	}
}
