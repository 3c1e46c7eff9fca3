package transform

import (
	"context"
	"errors"

	"example.com/mlapi"
)

// LabelSet makes of a set of labels a feature per class, 1 where the class is in the
// set (scikit-learn's MultiLabelBinarizer). A row is the set, filled up with missing
// values to as many columns as there are classes.
type LabelSet struct {
	known
	refuse bool
}

// NewLabelSet returns an encoder of so many classes. refuse makes a label that is none
// of them an error; otherwise it counts for nothing.
func NewLabelSet(classes *Categories, refuse bool) (*LabelSet, error) {
	if classes == nil || classes.Len() == 0 {
		return nil, errors.New("there are no classes")
	}
	s := &LabelSet{refuse: refuse}
	for range classes.Len() {
		s.columns = append(s.columns, classes)
	}
	return s, nil
}

// Width returns the number of classes, twice.
func (s *LabelSet) Width() (in, out int) { return len(s.columns), len(s.columns) }

// Transform encodes src. A label that is no class is an Invalid *mlapi.Error, where it
// is refused.
func (s *LabelSet) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	classes := s.columns[0]
	dst.Resize(src.Samples(), classes.Len())
	clear(dst.Data)
	var scratch []float64
	if src.Sparse() {
		scratch = make([]float64, src.Width())
	}
	for i := range src.Samples() {
		to := dst.Row(i)
		for k, v := range src.DenseRow(i, scratch) {
			if v != v {
				continue
			}
			at, err := s.index(src, i, k, v)
			switch {
			case err != nil:
				return err
			case at >= 0:
				to[at] = 1
			case s.refuse:
				return unknownCategory(src, i, k, v, classes)
			}
		}
	}
	return nil
}
