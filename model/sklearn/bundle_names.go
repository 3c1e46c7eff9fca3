package sklearn

import (
	"slices"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

// nameLists remembers the names that values list: a file can refer to one list often.
type nameLists map[pickle.Value][]string

// of returns the names that v, a dict, list, tuple or array, lists: texts, at least one,
// or those under the numbers 0, 1, ... of a dict.
func (l nameLists) of(v pickle.Value) []string {
	names, known := l[v]
	if !known {
		names = namesOf(v)
		l[v] = names
	}
	return names
}

// mostAlike is under how many keys one list of names is looked at.
const mostAlike = 2

// addNames takes v for a list of names. It reports whether that is what v is.
func (b *bundle) addNames(v pickle.Value, path, key string) bool {
	if len(b.lists.of(v)) == 0 {
		return false
	}
	alike := 0
	for _, list := range b.names {
		if list.value == v {
			alike++
		}
	}
	if alike == mostAlike {
		b.unused = append(b.unused, path)
		return true
	}
	b.names = append(b.names, entry{path: path, key: key, value: v})
	return true
}

// namesOf returns the names that v lists, nil where it is no list of names.
func namesOf(v pickle.Value) []string {
	switch v := v.(type) {
	case *pickle.Dict:
		return namesByNumber(v)
	case *pickle.Array:
		if len(v.Shape) != 1 {
			return nil
		}
		if v.Dtype.Kind != 'O' {
			names, _ := v.Strings()
			return names
		}
		return texts(v.Objects)
	case *pickle.List:
		return texts(v.Items)
	case *pickle.Tuple:
		return texts(v.Items)
	}
	return nil
}

// texts returns items where all of them are texts.
func texts(items []pickle.Value) []string {
	var names []string
	for _, v := range items {
		s, ok := pickle.AsString(v)
		if !ok {
			return nil
		}
		names = append(names, s)
	}
	return names
}

// namesByNumber returns the texts of a dict {0: "a", 1: "b"} or {"a": 0, "b": 1}.
func namesByNumber(d *pickle.Dict) []string {
	names := make([]string, len(d.Keys))
	taken := make([]bool, len(d.Keys))
	for i, k := range d.Keys {
		n, ok := pickle.AsInt(k)
		name, named := pickle.AsString(d.Values[i])
		if !ok {
			name, named = pickle.AsString(k)
			n, ok = pickle.AsInt(d.Values[i])
		}
		if !ok || !named || n < 0 || n >= int64(len(names)) || taken[n] {
			return nil
		}
		names[n], taken[n] = name, true
	}
	return names
}

// name gives m the names of features and classes that the bundle lists.
func (b *bundle) name(m mlapi.Model) (mlapi.Model, error) {
	for _, list := range b.names {
		key, names := list.key, b.lists.of(list.value)
		switch {
		case ofFeatures(key) && b.nameFeatures(m, names):
			b.uses[list.path] = "names the features"
		case ofClassNames(key) && len(names) == len(m.Info().Classes) && numbered(m.Info()):
			labels := make([]mlapi.Label, len(names))
			for i, name := range names {
				labels[i] = mlapi.TextLabel(name)
			}
			relabelled, err := transform.Relabel(m, labels)
			if err != nil {
				return nil, b.unclear(list.path + ": " + err.Error())
			}
			m = relabelled
			b.uses[list.path] = "names the classes"
		default:
			b.unused = append(b.unused, list.path)
		}
	}
	return m, nil
}

// nameFeatures names the features of m, unless it has names of its own. It reports
// whether that is what names are.
func (b *bundle) nameFeatures(m mlapi.Model, names []string) bool {
	info := m.Info()
	if len(names) != len(info.Features) {
		return false
	}
	for i, f := range info.Features {
		if unnamed := b.r.unnamedFeatures(i + 1)[i].Name; f.Name != unnamed && f.Name != names[i] {
			return false
		}
	}
	sorted := slices.Sorted(slices.Values(names))
	if len(slices.Compact(sorted)) != len(names) {
		return false
	}
	info.Features = slices.Clone(info.Features)
	for i := range names {
		info.Features[i].Name = names[i]
	}
	return true
}

// ofFeatures reports whether a list under such a key may be one of features.
func ofFeatures(key string) bool {
	return has(strings.ToLower(key), "feature", "column", "cols", "input", "predictor", "variable")
}

// ofClassNames reports whether a list under such a key may be one of classes.
func ofClassNames(key string) bool {
	return has(strings.ToLower(key), "class", "target", "label", "categor")
}

func has(key string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(key, w) })
}
