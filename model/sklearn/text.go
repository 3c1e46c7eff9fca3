package sklearn

import (
	"slices"

	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/text"
	"example.com/mlapi/model/transform"
)

const (
	hintText    = "train the vectoriser with what scikit-learn has for this itself, or write the step as a preprocessor in Go"
	hintPattern = "train the vectoriser with a token_pattern of letters, classes and repetitions, such as the default"
)

func textClasses() []class {
	modules := []string{"sklearn.feature_extraction.text"}
	return []class{
		{name: "CountVectorizer", modules: modules, transformer: countVectorizer},
		{name: "TfidfVectorizer", modules: modules, transformer: tfidfVectorizer},
		{name: "TfidfTransformer", modules: modules, transformer: tfidfTransformer},
		{name: "HashingVectorizer", modules: modules, transformer: hashingVectorizer},
	}
}

func countVectorizer(a *attrs) transform.Transformer {
	return a.counter(text.Weights{Binary: a.bool("binary")})
}

func tfidfVectorizer(a *attrs) transform.Transformer {
	inner := a.child("_tfidf", a.value("_tfidf"))
	if inner == nil {
		return nil
	}
	weights := inner.tfidf()
	if a.err = inner.err; a.err != nil {
		return nil
	}
	weights.Binary = a.bool("binary")
	// Up to 0.19 the weights made float64 of it.
	weights.Float32 = a.version.since(0, 20) && a.isFloat32("dtype")
	return a.counter(weights)
}

// counter builds a vectoriser of the stored vocabulary.
func (a *attrs) counter(weights text.Weights) transform.Transformer {
	analysis := a.analysis()
	vocabulary := a.vocabulary()
	if a.err != nil {
		return nil
	}
	c, err := text.NewCounter(analysis, vocabulary, len(vocabulary), weights)
	a.wrap(err)
	return c
}

// vocabulary reads vocabulary_, or the parameter of an estimator that never needed to
// be fitted: a dict, a list in order or a set, which is sorted.
func (a *attrs) vocabulary() map[string]int {
	name := "vocabulary_"
	if !a.has(name) && a.has("vocabulary") {
		name = "vocabulary"
	}
	v := a.value(name)
	if a.err != nil {
		return nil
	}
	d, isDict := v.(*pickle.Dict)
	if !isDict {
		return a.vocabularyList(name, v)
	}
	if !a.charge(64 * int64(len(d.Keys))) {
		return nil
	}
	vocabulary := make(map[string]int, len(d.Keys))
	for i, k := range d.Keys {
		term, ok := pickle.AsString(k)
		if !ok {
			a.unsupported(hintText, "attribute %s has terms that are no text", name)
			return nil
		}
		at, ok := pickle.AsInt(d.Values[i])
		if !ok || at < 0 || at >= int64(len(d.Keys)) {
			a.wrong(name, "a place for each term")
			return nil
		}
		vocabulary[term] = int(at)
	}
	if len(vocabulary) != len(d.Keys) {
		a.wrong(name, "of different terms")
	}
	return vocabulary
}

func (a *attrs) vocabularyList(name string, v pickle.Value) map[string]int {
	terms := a.texts(name, v)
	if _, isSet := v.(*pickle.Set); isSet {
		slices.Sort(terms)
	}
	vocabulary := make(map[string]int, len(terms))
	for i, term := range terms {
		vocabulary[term] = i
	}
	if a.err == nil && len(vocabulary) != len(terms) {
		a.wrong(name, "of different terms")
	}
	return vocabulary
}

// texts reads a value that is a collection of texts.
func (a *attrs) texts(name string, v pickle.Value) []string {
	if set, ok := v.(*pickle.Set); ok {
		v = &pickle.List{Items: set.Items}
	}
	items, err := pickle.Elements(v)
	if err != nil {
		a.wrong(name, "a list of texts")
		return nil
	}
	if !a.charge(64 * int64(len(items))) {
		return nil
	}
	list := make([]string, len(items))
	for i, item := range items {
		var ok bool
		if list[i], ok = pickle.AsString(item); !ok {
			a.wrong(name, "a list of texts")
			return nil
		}
	}
	return list
}

// analysis reads what the terms of a text are.
func (a *attrs) analysis() *text.Analysis {
	o := text.Options{Lowercase: a.bool("lowercase")}
	if input := a.text("input"); input != "content" {
		a.unsupported(hintText, "input=%q is not served: texts are sent themselves", input)
	}
	for _, name := range [...]string{"preprocessor", "tokenizer"} {
		if a.has(name) {
			a.unsupported(hintText, "%s is %s, which is not run", name, function(a.value(name)))
		}
	}
	switch unit, _ := a.object.Attr("analyzer"); unit {
	case "word":
	case "char":
		o.Unit = text.Chars
	case "char_wb":
		o.Unit = text.CharsInWords
	default:
		a.unsupported(hintText, "analyzer is %s, which is not run", function(unit))
	}
	switch how, _ := a.object.Attr("strip_accents"); how {
	case nil, "", false:
	case "ascii":
		o.Accents = text.ASCIIAccents
	case "unicode":
		o.Accents = text.UnicodeAccents
		if !a.version.since(0, 22) {
			o.Accents = text.UnicodeAccentsOld
		}
	default:
		a.unsupported(hintText, "strip_accents is %s, which is not run", function(how))
	}
	o.MinN, o.MaxN = a.ngrams()
	if o.Unit == text.Words {
		o.Pattern = a.text("token_pattern")
		o.StopWords = a.stopWords()
	}
	if a.err != nil || !a.charge(o.Cost()) {
		return nil
	}
	analysis, err := text.NewAnalysis(o)
	if err != nil {
		a.unsupported(hintPattern, "%v", err)
	}
	return analysis
}

// function names a value that stands where a function may.
func function(v pickle.Value) string {
	switch v := v.(type) {
	case pickle.Global:
		return v.String()
	case *pickle.Object:
		return v.Class.String()
	case string:
		return mlapi.Quote([]byte(v))
	}
	return kind(v)
}

// ngrams reads ngram_range, a pair of whole numbers.
func (a *attrs) ngrams() (least, most int) {
	items := a.list("ngram_range")
	if a.err != nil {
		return 0, 0
	}
	if len(items) == 2 {
		low, isLow := pickle.AsInt(items[0])
		high, isHigh := pickle.AsInt(items[1])
		if isLow && isHigh && low >= 1 && high >= low && high < 1<<20 {
			return int(low), int(high)
		}
	}
	a.wrong("ngram_range", "a pair of whole numbers in order")
	return 0, 0
}

func (a *attrs) stopWords() []string {
	if !a.has("stop_words") {
		return nil
	}
	v := a.value("stop_words")
	name, isName := pickle.AsString(v)
	switch {
	case isName && name == "english":
		return text.English()
	case isName:
		a.unsupported(hintText, "stop_words=%q is unknown", name)
		return nil
	}
	return a.texts("stop_words", v)
}

// isFloat32 reports whether an attribute is numpy's float32: as a class, a name or a
// dtype.
func (a *attrs) isFloat32(name string) bool {
	switch v, _ := a.object.Attr(name); v := v.(type) {
	case pickle.Global:
		return v.Module == "numpy" && (v.Name == "float32" || v.Name == "single")
	case string:
		return v == "float32" || v == "f4" || v == "<f4" || v == "f"
	case *pickle.Dtype:
		return v.Kind == 'f' && v.Size == 4
	}
	return false
}

func tfidfTransformer(a *attrs) transform.Transformer {
	weights := a.tfidf()
	if a.err != nil {
		return nil
	}
	features := len(weights.IDF)
	if a.has("n_features_in_") {
		features = a.int("n_features_in_")
	}
	if a.err != nil {
		return nil
	}
	w, err := text.NewWeigher(features, weights)
	a.wrap(err)
	return w
}

// tfidf reads the weights of a TfidfTransformer: idf_ since 1.4, before the diagonal of
// a sparse matrix.
func (a *attrs) tfidf() text.Weights {
	w := text.Weights{Sublinear: a.bool("sublinear_tf"), Norm: a.norm()}
	if a.has("idf_") {
		w.IDF, _ = a.floats("idf_")
		array, ok := a.value("idf_").(*pickle.Array)
		w.Float32 = ok && array.Dtype.Kind == 'f' && array.Dtype.Size == 4
	} else if a.bool("use_idf") && a.err == nil {
		w.IDF = a.diagonal("_idf_diag")
	}
	return w
}

// norm reads what the values of a row are divided by.
func (a *attrs) norm() text.Norm {
	switch norm, _ := a.object.Attr("norm"); norm {
	case nil:
	case "l1":
		return text.L1
	case "l2":
		return text.L2
	default:
		a.unsupported(hintServed, "norm is %s, which is not served", function(norm))
	}
	return text.NoNorm
}

// diagonal reads an attribute that is a sparse matrix of nothing but a diagonal.
func (a *attrs) diagonal(name string) []float64 {
	m := a.sparse(name)
	if a.err != nil {
		return nil
	}
	if m == nil || m.Rows != m.Columns {
		a.wrong(name, "a square sparse matrix")
		return nil
	}
	if !a.charge(8 * int64(m.Rows)) {
		return nil
	}
	diagonal := make([]float64, m.Rows)
	for i := range diagonal {
		for k := m.Indptr[i]; k < m.Indptr[i+1]; k++ {
			if m.Indices[k] != i {
				a.wrong(name, "a diagonal")
				return nil
			}
			diagonal[i] += m.Data[k]
		}
	}
	return diagonal
}

func hashingVectorizer(a *attrs) transform.Transformer {
	analysis := a.analysis()
	w := text.Weights{Binary: a.bool("binary"), Norm: a.norm(), Float32: a.isFloat32("dtype")}
	signs := text.AlternateSigns
	if a.has("alternate_sign") && !a.bool("alternate_sign") { // since 0.19
		signs = text.NoSigns
	}
	if a.has("non_negative") && a.bool("non_negative") && signs == text.AlternateSigns { // up to 0.20
		signs = text.AbsoluteSigns
	}
	features := a.int("n_features")
	// Nothing in the file may back the number, and a row with all of them must fit.
	if a.err != nil || !a.charge(8*int64(features)) {
		return nil
	}
	h, err := text.NewHasher(analysis, features, signs, w)
	a.wrap(err)
	return h
}
