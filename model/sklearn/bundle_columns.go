package sklearn

import (
	"fmt"
	"slices"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model/transform"
)

// columnEncoder is a member that encodes one column of what the others take.
type columnEncoder struct {
	entry
	column string
}

// columns takes from steps, and from the label encoders, those of single columns: they
// take and give one, and lie under the name of a feature, as in
// {"model": m, "encoders": {"sex": LabelEncoder()}}. It returns the others too.
func (b *bundle) columns(steps []mlapi.Model, last mlapi.Model) ([]columnEncoder, []mlapi.Model) {
	names := b.featureNames(append(slices.Clone(steps), last))
	var found []columnEncoder
	of := func(m entry) bool {
		name, ok := columnNamed(m.key, names)
		if ok {
			found = append(found, columnEncoder{m, name})
		}
		return ok
	}
	b.decoders = slices.DeleteFunc(b.decoders, of)
	if last == nil || len(last.Info().Features) < 2 {
		return found, steps
	}
	var rest []mlapi.Model
	var entries []entry
	for i, m := range b.transformers {
		info := steps[i].Info()
		if len(info.Features) == 1 && info.Outputs == 1 && of(m) {
			continue
		}
		rest, entries = append(rest, steps[i]), append(entries, m)
	}
	b.transformers = entries
	return found, rest
}

// featureNames returns the names of columns that the members, or lists of the bundle,
// have.
func (b *bundle) featureNames(parts []mlapi.Model) map[string]bool {
	names := make(map[string]bool)
	for _, m := range parts {
		if m == nil {
			continue
		}
		for i, f := range m.Info().Features {
			if f.Name != b.r.unnamedFeatures(i + 1)[i].Name {
				names[f.Name] = true
			}
		}
	}
	for _, list := range b.names {
		if !ofFeatures(list.key) {
			continue
		}
		for _, name := range b.lists.of(list.value) {
			names[name] = true
		}
	}
	return names
}

// columnNamed returns the column that a key names, alone or with a word for encoder
// around it: sex, le_sex, sex_encoder.
func columnNamed(key string, names map[string]bool) (string, bool) {
	if names[key] {
		return key, true
	}
	for _, word := range []string{"label_encoder", "labelencoder", "encoder", "enc", "le", "scaler", "imputer"} {
		for _, name := range []string{strings.TrimPrefix(key, word+"_"), strings.TrimSuffix(key, "_"+word)} {
			if names[name] {
				return name, true
			}
		}
	}
	return "", false
}

// encode puts the encoders of single columns before m.
func (b *bundle) encode(m mlapi.Model, encoders []columnEncoder) (mlapi.Model, error) {
	if len(encoders) == 0 {
		return m, nil
	}
	features := m.Info().Features
	by := make([]*columnEncoder, len(features))
	for i := range encoders {
		e := &encoders[i]
		at := slices.IndexFunc(features, func(f mlapi.Feature) bool { return f.Name == e.column })
		switch {
		case at < 0:
			return nil, b.unclear(fmt.Sprintf("%s encodes the column %s, which is none of those that the model takes", e.path, mlapi.Quote([]byte(e.column))))
		case by[at] != nil:
			return nil, b.unclear(fmt.Sprintf("%s and %s both encode the column %s", by[at].path, e.path, mlapi.Quote([]byte(e.column))))
		case features[at].Type != mlapi.NumberFeature:
			b.unused = append(b.unused, e.path) // the model encodes it itself
			continue
		}
		by[at] = e
		b.uses[e.path] = "encodes the feature " + mlapi.Quote([]byte(e.column))
	}
	var blocks []transform.Block
	for i, e := range by {
		switch {
		case e != nil:
			t := e.a.class.transformer(e.a)
			if e.a.err != nil {
				return nil, e.a.err
			}
			blocks = append(blocks, transform.Block{Transformer: t, Columns: []int{i}, Weight: 1})
		case i > 0 && by[i-1] == nil:
			blocks[len(blocks)-1].Columns = append(blocks[len(blocks)-1].Columns, i)
		default:
			blocks = append(blocks, transform.Block{Transformer: transform.Passthrough{}, Columns: []int{i}, Weight: 1})
		}
	}
	columns, err := transform.NewColumns(len(features), blocks, transform.StackDense)
	if err != nil {
		return nil, b.unclear(err.Error())
	}
	return b.before(columns, m)
}

// before returns m behind t, which takes as many columns.
func (b *bundle) before(t transform.Transformer, m mlapi.Model) (mlapi.Model, error) {
	info := *m.Info()
	info.Notes = nil // those of m are said by the whole
	first, err := transform.NewModel(&info, t)
	if err != nil {
		return nil, b.unclear(err.Error())
	}
	whole, err := transform.Join([]mlapi.Model{first, m})
	if err != nil {
		return nil, b.unclear(err.Error())
	}
	return whole, nil
}
