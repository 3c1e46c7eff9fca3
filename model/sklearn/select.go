package sklearn

import (
	"fmt"
	"strconv"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
)

// choose follows path from v into dicts, lists and tuples: $ is v itself, .name and
// ["name"] a value of a dict, [2] an item of a list or tuple, counted from 0.
func choose(v pickle.Value, path string) (pickle.Value, error) {
	rest, ok := strings.CutPrefix(path, "$")
	if !ok {
		return nil, badPath(path, "it does not begin with $")
	}
	at := "$"
	for rest != "" {
		key, left, err := nextKey(rest)
		if err != nil {
			return nil, badPath(path, err.Error())
		}
		next, ok := item(v, key)
		if !ok {
			return nil, &Error{
				What: fmt.Sprintf("the file holds nothing at %s", mlapi.Quote([]byte(at+rest[:len(rest)-len(left)]))),
				hint: hintPath + "; there is " + listKeys(v, at), unsupported: true,
			}
		}
		at += rest[:len(rest)-len(left)]
		v, rest = next, left
	}
	return v, nil
}

const hintPath = `name a part as in model.pkl#$.pipeline, model.pkl#$[0] or model.pkl#$["my model"]`

func badPath(path, why string) error {
	return &Error{What: fmt.Sprintf("%s is no path into a file: %s", mlapi.Quote([]byte(path)), why), hint: hintPath, unsupported: true}
}

// nextKey reads the first step of a path: a string or an int64, and what follows.
func nextKey(path string) (key pickle.Value, rest string, err error) {
	if name, dotted := strings.CutPrefix(path, "."); dotted {
		end := strings.IndexAny(name, ".[")
		if end < 0 {
			end = len(name)
		}
		if end == 0 {
			return nil, "", fmt.Errorf("a name is missing after a dot")
		}
		return name[:end], name[end:], nil
	}
	inside, bracket := strings.CutPrefix(path, "[")
	if !bracket {
		return nil, "", fmt.Errorf("a dot or a bracket is missing before %s", mlapi.Quote([]byte(path)))
	}
	if quoted, err := strconv.QuotedPrefix(inside); err == nil && quoted[0] == '"' {
		if rest, ok := strings.CutPrefix(inside[len(quoted):], "]"); ok {
			name, err := strconv.Unquote(quoted)
			return name, rest, err
		}
	}
	number, rest, ok := strings.Cut(inside, "]")
	n, err := strconv.ParseInt(number, 10, 32)
	if !ok || err != nil || n < 0 {
		return nil, "", fmt.Errorf(`there is neither a number nor a "name" in brackets`)
	}
	return n, rest, nil
}

// item returns the value under a key of a dict, or at a place of a list or tuple.
func item(v, key pickle.Value) (pickle.Value, bool) {
	var items []pickle.Value
	switch v := v.(type) {
	case *pickle.Dict:
		for i, k := range v.Keys {
			if k == key {
				return v.Values[i], true
			}
		}
		return nil, false
	case *pickle.List:
		items = v.Items
	case *pickle.Tuple:
		items = v.Items
	}
	n, ok := key.(int64)
	if !ok || n >= int64(len(items)) {
		return nil, false
	}
	return items[n], true
}

// keyPath returns a key as a path has it.
func keyPath(key pickle.Value) string {
	switch k := key.(type) {
	case string:
		plain := k != "" && !strings.ContainsFunc(k, func(r rune) bool {
			return !(r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
		})
		if plain {
			return "." + k
		}
		const most = 40
		if len(k) > most {
			k = k[:most]
		}
		return "[" + strconv.QuoteToASCII(k) + "]"
	case int64:
		return fmt.Sprintf("[%d]", k)
	}
	return "[?]"
}

// children returns the keys and values of a dict, list or tuple.
func children(v pickle.Value) (keys, values []pickle.Value) {
	var items []pickle.Value
	switch v := v.(type) {
	case *pickle.Dict:
		return v.Keys, v.Values
	case *pickle.List:
		items = v.Items
	case *pickle.Tuple:
		items = v.Items
	}
	for i := range items {
		keys = append(keys, int64(i))
	}
	return keys, items
}

// listKeys names what there is below a path.
func listKeys(v pickle.Value, at string) string {
	const most = 12
	keys, _ := children(v)
	if len(keys) == 0 {
		return "nothing below " + at
	}
	var names []string
	for i, k := range keys {
		if i == most {
			names = append(names, "...")
			break
		}
		names = append(names, at+keyPath(k))
	}
	return strings.Join(names, ", ")
}
