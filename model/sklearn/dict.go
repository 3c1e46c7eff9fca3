package sklearn

import (
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model/transform"
)

const hintDict = "train the DictVectorizer with records in which each name has texts only or numbers only"

func dictClasses() []class {
	return []class{{
		name:        "DictVectorizer",
		modules:     []string{"sklearn.feature_extraction.dict_vectorizer", "sklearn.feature_extraction._dict_vectorizer"},
		transformer: dictVectorizer, names: dictNames,
	}}
}

// textMapBytes is what a map of one text takes, here and in what is made of it.
const textMapBytes = 512

// dictEntry is what a DictVectorizer knows of one name of the records.
type dictEntry struct {
	name   string
	column transform.DictColumn
}

// entries takes the features of a DictVectorizer apart: "city=Oslo" is the text Oslo of
// the name city, "age" is a number. A name or text that has the separator in it is cut
// at the first.
func (a *attrs) entries() []dictEntry {
	vocabulary := a.vocabulary()
	separator := a.text("separator")
	if a.err == nil && separator == "" {
		a.unsupported(hintDict, "without a separator it cannot be told which features are texts")
	}
	if a.err != nil || !a.charge(160*int64(len(vocabulary))) {
		return nil
	}
	features := make([]string, len(vocabulary))
	seen := make([]bool, len(vocabulary))
	for name, at := range vocabulary {
		if seen[at] {
			a.wrong("vocabulary_", "a place of its own for each feature")
			return nil
		}
		features[at], seen[at] = name, true
	}
	var entries []dictEntry
	byName := make(map[string]int)
	for at, feature := range features {
		name, value, isText := strings.Cut(feature, separator)
		i, known := byName[name]
		if !known {
			i = len(entries)
			byName[name] = i
			entries = append(entries, dictEntry{name: name, column: transform.DictColumn{Number: at}})
			if isText {
				if !a.charge(textMapBytes) {
					return nil
				}
				entries[i].column.Texts = map[string]int{}
			}
		}
		e := &entries[i]
		if known && (!isText || e.column.Texts == nil) {
			a.unsupported(hintDict, "%s was a text in some of the records and a number in others", mlapi.Quote([]byte(name)))
			return nil
		}
		if isText {
			e.column.Texts[value] = at
		}
	}
	return entries
}

// dictNames returns the names that the records may have.
func dictNames(a *attrs) []string {
	entries := a.entries()
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.name
	}
	return names
}

func dictVectorizer(a *attrs) transform.Transformer {
	entries := a.entries()
	sparse := a.bool("sparse")
	if a.err != nil {
		return nil
	}
	columns, features := make([]transform.DictColumn, len(entries)), 0
	for i, e := range entries {
		columns[i] = e.column
		features += max(1, len(e.column.Texts))
	}
	d, err := transform.NewDict(columns, features, sparse)
	a.wrap(err)
	return d
}
