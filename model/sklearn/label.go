package sklearn

import (
	"example.com/mlapi/model/transform"
)

const hintLabels = "train a LabelBinarizer of one label per row, or a MultiLabelBinarizer"

func labelClasses() []class {
	modules := []string{"sklearn.preprocessing.label", "sklearn.preprocessing._label"}
	return []class{
		{name: "LabelEncoder", modules: modules, transformer: labelDecoderOf},
		{name: "LabelBinarizer", modules: modules, transformer: labelBinarizer},
		{name: "MultiLabelBinarizer", modules: modules, transformer: multiLabelBinarizer},
	}
}

// labelEncoder builds what makes of a label its place among the classes.
func labelEncoder(a *attrs) transform.Transformer {
	c := a.categories("classes_", a.value("classes_"))
	if a.err != nil {
		return nil
	}
	values := make([]float64, c.Len())
	for k := range values {
		values[k] = float64(k)
	}
	l, err := transform.NewLookup([]transform.LookupColumn{{Categories: c.Categories, Values: values}}, 1, true)
	a.wrap(err)
	return l
}

// labelBinarizer builds what makes of a label a feature per class; of two classes the
// second's alone. A label that is none of them has none (sklearn/preprocessing/_label.py:
// label_binarize).
func labelBinarizer(a *attrs) transform.Transformer {
	c := a.categories("classes_", a.value("classes_"))
	low, high, sparse := a.int("neg_label"), a.int("pos_label"), a.bool("sparse_output")
	if kind := a.text("y_type_"); kind != "binary" && kind != "multiclass" {
		a.unsupported(hintLabels, "it was trained with labels of the kind %q, which is not served", kind)
	}
	if a.err != nil {
		return nil
	}
	column := transform.OneHotColumn{Categories: c.Categories, Slots: make([]int, c.Len()), Width: c.Len(), Other: -1}
	for k := range column.Slots {
		if column.Slots[k] = k; c.Len() <= 2 {
			column.Slots[k] = k - 1
		}
	}
	if c.Len() <= 2 {
		column.Width = 1
	}
	o, err := transform.NewOneHot([]transform.OneHotColumn{column}, true, sparse)
	a.wrap(err)
	if a.err == nil && (low != 0 || high != 1) {
		o.Between(float64(low), float64(high))
	}
	return o
}

// multiLabelBinarizer builds what makes of a set of labels a feature per class. A row
// is the set, filled up with nulls. A label that is none of the classes counts for
// nothing, and was refused up to 0.19.
func multiLabelBinarizer(a *attrs) transform.Transformer {
	c := a.categories("classes_", a.value("classes_"))
	if a.err != nil || !a.charge(16*int64(c.Len())) {
		return nil
	}
	s, err := transform.NewLabelSet(c.Categories, !a.version.since(0, 20))
	a.wrap(err)
	return s
}
