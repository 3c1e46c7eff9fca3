package transform

import (
	"context"
	"fmt"
	"strings"

	"example.com/mlapi"
)

// LabelDecoder is a Transformer that numbers labels from 0 on, as scikit-learn's
// LabelEncoder. Fitted to what a classifier predicts, it turns the numbers back.
type LabelDecoder interface {
	Transformer
	// Labels returns the labels in order of their numbers.
	Labels() []mlapi.Label
}

// Join returns the model that parts make, saved apart and applied in order:
// transformers, then a model. A label encoder, wherever it stands, decodes the
// model's predictions where those are its numbers; otherwise it is a transformer like
// any other. Without a model the whole is a transformer.
func Join(parts []mlapi.Model) (mlapi.Model, error) {
	var steps []Transformer
	var last mlapi.Model
	var decoders []LabelDecoder
	var names *mlapi.Info // of the first part
	for i, part := range parts {
		t, isTransformer := part.(*Model)
		switch {
		case !isTransformer && last != nil:
			return nil, fmt.Errorf("%s and %s both predict: only one model can stand behind transformers", last.Info().Estimator, part.Info().Estimator)
		case !isTransformer:
			last = part
		default:
			if d, ok := t.decoder(); ok {
				decoders = append(decoders, d)
				continue
			}
			if last != nil {
				return nil, fmt.Errorf("%s comes after %s, which predicts: what makes features comes before", part.Info().Estimator, last.Info().Estimator)
			}
			steps = append(steps, t.chain)
		}
		if names == nil {
			names = parts[i].Info()
		}
	}
	if last == nil {
		return joinTransformers(parts)
	}
	whole, err := behind(names, steps, last)
	for _, d := range decoders {
		if err == nil {
			whole, err = decode(whole, d)
		}
	}
	return whole, err
}

// decoder returns the label encoder that m is.
func (m *Model) decoder() (LabelDecoder, bool) {
	if len(m.chain.steps) != 1 {
		return nil, false
	}
	d, ok := m.chain.steps[0].(LabelDecoder)
	return d, ok
}

// joinTransformers returns one transformer of several.
func joinTransformers(parts []mlapi.Model) (mlapi.Model, error) {
	var steps []Transformer
	for _, part := range parts {
		steps = append(steps, part.(*Model).chain)
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("there are no parts")
	}
	last := parts[len(parts)-1].Info()
	info, err := inFront(parts[0].Info(), steps, last, last.Outputs, nil)
	if err != nil {
		return nil, err
	}
	return NewModel(info, steps...)
}

// behind returns steps before last as one model.
func behind(first *mlapi.Info, steps []Transformer, last mlapi.Model) (mlapi.Model, error) {
	if len(steps) == 0 {
		return last, nil
	}
	info, err := inFront(first, steps, last.Info(), len(last.Info().Features), Wanted(last.Info()))
	if err != nil {
		return nil, err
	}
	return NewPipeline(info, steps, last)
}

// inFront describes last behind steps, the first of which is described by first; out
// is how many columns have to leave the last step and wanted what they have to be.
func inFront(first *mlapi.Info, steps []Transformer, last *mlapi.Info, out int, wanted []Column) (*mlapi.Info, error) {
	chain, err := NewChain(len(first.Features), steps)
	if err != nil {
		return nil, err
	}
	if _, gives := chain.Width(); gives != out {
		return nil, fmt.Errorf("%s takes %d features and is given %d", last.Estimator, out, gives)
	}
	names := make([]string, len(first.Features))
	for i, f := range first.Features {
		names[i] = f.Name
	}
	info := *last
	info.Features = Features(len(names), names, chain.Columns(wanted))
	info.Notes = append(append([]string(nil), first.Notes...), last.Notes...)
	return &info, nil
}

// decoded is a model whose classes were numbered before it was trained.
type decoded struct {
	mlapi.Model
	info *mlapi.Info
}

// Info describes the model, with the labels for classes.
func (d *decoded) Info() *mlapi.Info { return d.info }

// Predict predicts: the classes are the same, only called otherwise.
func (d *decoded) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Info = d.Model.Info()
	err := d.Model.Predict(ctx, dst, m)
	dst.Info = d.info
	return err
}

// decode returns m with the labels of d for its classes.
func decode(m mlapi.Model, d LabelDecoder) (mlapi.Model, error) {
	return Relabel(m, d.Labels())
}

// Relabel returns m with classes called by labels: m's own classes have to be numbers
// of labels, counted from 0.
func Relabel(m mlapi.Model, labels []mlapi.Label) (mlapi.Model, error) {
	info := *m.Info()
	if info.Task != mlapi.Classifier {
		return nil, fmt.Errorf("the labels %s are for a classifier, and %s is a %s", some(labels), info.Estimator, info.Task)
	}
	classes := make([]mlapi.Label, len(info.Classes))
	for i, c := range info.Classes {
		n, ok := c.Value().(int64)
		if !ok || n < 0 || n >= int64(len(labels)) {
			return nil, fmt.Errorf("the class %s of %s is none of the numbers of the labels %s", c, info.Estimator, some(labels))
		}
		classes[i] = labels[n]
	}
	info.Classes = classes
	return &decoded{m, &info}, nil
}

// some returns the first of labels for a message.
func some(labels []mlapi.Label) string {
	const most = 5
	var b strings.Builder
	for i, l := range labels {
		if i == most {
			b.WriteString(", ...")
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(mlapi.Quote([]byte(l.String())))
	}
	return b.String()
}
