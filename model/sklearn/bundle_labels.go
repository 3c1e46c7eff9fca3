package sklearn

import (
	"fmt"
	"slices"

	"example.com/mlapi"
	"example.com/mlapi/model/transform"
)

const hintEncoders = `save the names of the columns beside the encoders, which lie under these names: {"model": model, "encoders": {"sex": encoder}, "columns": list(X.columns)}`

// labelDecoder is a LabelEncoder that also turns its numbers back, behind a model.
type labelDecoder struct {
	transform.Transformer
	labels []mlapi.Label
}

// Labels returns the labels in order of their numbers.
func (d *labelDecoder) Labels() []mlapi.Label { return d.labels }

// Origin returns column: there is one.
func (d *labelDecoder) Origin(column int) int { return column }

// labelDecoderOf builds a labelDecoder of a LabelEncoder.
func labelDecoderOf(a *attrs) transform.Transformer {
	t := labelEncoder(a)
	labels := a.classes("classes_")
	if a.err != nil {
		return nil
	}
	return &labelDecoder{t, labels}
}

// decode calls the classes of m by the labels of the label encoder that is none of a
// column.
func (b *bundle) decode(m mlapi.Model) (mlapi.Model, error) {
	info := m.Info()
	if len(b.decoders) > 1 {
		err := b.several("label encoders", b.decoders)
		err.hint = hintEncoders + "; " + err.hint
		return nil, err
	}
	for _, d := range b.decoders {
		t, ok := labelDecoderOf(d.a).(*labelDecoder)
		switch {
		case !ok:
			return nil, d.a.err
		case info.Task == mlapi.Transformer:
			return nil, b.unclear(fmt.Sprintf("there is no model whose classes %s (LabelEncoder) could name", d.path))
		case info.Task != mlapi.Classifier, !numbered(info) && !sameLabels(info.Classes, t.labels), numbered(info) && !b.ofClasses(d, t.labels, info):
			err := b.unclear(fmt.Sprintf("which column %s (LabelEncoder) encodes is not plain, for the file does not name the columns", d.path))
			err.hint = hintEncoders + "; " + err.hint
			return nil, err
		case !numbered(info), slices.Equal(info.Classes, t.labels):
			b.unused = append(b.unused, d.path) // the model answers the labels as they are
			continue
		}
		relabelled, err := transform.Relabel(m, t.labels)
		if err != nil {
			return nil, b.unclear(d.path + ": " + err.Error())
		}
		b.uses[d.path] = "names the classes"
		relabelled.Info().Notes = append(relabelled.Info().Notes, d.path+" names the classes")
		m = relabelled
	}
	return m, nil
}

// sameLabels reports whether the labels of a model are among those of an encoder.
func sameLabels(classes, labels []mlapi.Label) bool {
	return !slices.ContainsFunc(classes, func(c mlapi.Label) bool { return !slices.Contains(labels, c) })
}

// ofClasses reports whether a label encoder can be that of the classes: there are as
// many, or it is called so.
func (b *bundle) ofClasses(d entry, labels []mlapi.Label, info *mlapi.Info) bool {
	if len(labels) == len(info.Classes) {
		return true
	}
	return len(labels) > len(info.Classes) && (ofClassNames(d.key) || d.key == "")
}
