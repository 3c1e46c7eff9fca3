package skops

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"math/big"
	"strconv"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
)

// loader makes values of nodes.
type loader struct {
	archive *archive
	allow   func(pickle.Global) bool
	limits  model.Limits
	memory  int64
	arrays  map[string]*pickle.Array // by entry
}

// What values take in memory, on the high side.
const (
	costValue  = 64
	costObject = 256
	costEntry  = 160
)

func (l *loader) charge(n int64) error {
	if l.memory -= n; l.memory < 0 || n < 0 {
		return broken("the model takes too much memory for a file of its size")
	}
	return nil
}

// node makes the value that a node describes.
func (l *loader) node(v any, depth int) (pickle.Value, error) {
	o, ok := v.(object)
	if !ok {
		return nil, broken("the schema has something else where a node belongs")
	}
	if depth > l.limits.Depth {
		return nil, broken("the values are nested too deeply")
	}
	if err := l.charge(costValue); err != nil {
		return nil, err
	}
	switch kind := o.text("__loader__"); kind {
	case "JsonNode":
		return l.json(o.text("content"))
	case "DictNode":
		return l.dict(o, depth)
	case "DefaultDictNode", "_DictWithDeprecatedKeysNode", "DictWithDeprecatedKeysNode":
		return l.inside(o, "main", depth)
	case "ListNode":
		items, err := l.items(o, depth)
		return &pickle.List{Items: items}, err
	case "TupleNode":
		items, err := l.items(o, depth)
		return &pickle.Tuple{Items: items}, err
	case "SetNode":
		items, err := l.items(o, depth)
		return &pickle.Set{Items: items}, err
	case "NdArrayNode":
		return l.array(o, depth)
	case "BytesNode", "BytearrayNode":
		return l.bytes(o.text("file"))
	case "SparseMatrixNode":
		return l.sparse(o)
	case "TypeNode", "FunctionNode":
		return l.named(o)
	case "DTypeNode":
		return l.dtype(o, depth)
	case "SliceNode":
		return l.slice(o)
	case "RandomStateNode", "RandomGeneratorNode", "PartialNode", "MethodNode", "OperatorFuncNode", "MaskedArrayNode":
		return l.inert(o, depth)
	case "":
		return nil, broken("a node does not say what it is")
	default:
		return l.object(o, depth)
	}
}

func global(o object) pickle.Global {
	return pickle.Global{Module: o.text("__module__"), Name: o.text("__class__")}
}

// named returns the class or function that a node names, which has to be a known one.
func (l *loader) named(o object) (pickle.Value, error) {
	g := global(o)
	if !pickle.Plain(g) && !l.allow(g) {
		return nil, &pickle.RefusedError{Global: g}
	}
	return g, nil
}

// surrounding are the classes of what means nothing for a prediction and is no instance
// of a class that pickles name.
var surrounding = map[pickle.Global]bool{
	{Module: "numpy.random.mtrand", Name: "RandomState"}:   true,
	{Module: "numpy.random._generator", Name: "Generator"}: true,
	{Module: "numpy.ma", Name: "MaskedArray"}:              true,
	{Module: "numpy.ma.core", Name: "MaskedArray"}:         true,
	{Module: "functools", Name: "partial"}:                 true,
}

// inert makes a name of what means nothing for a prediction, or is a function, which is
// never called. What it names inside has to be known all the same.
func (l *loader) inert(o object, depth int) (pickle.Value, error) {
	g := global(o)
	if !surrounding[g] {
		if _, err := l.named(o); err != nil {
			return nil, err
		}
	}
	var inside []field
	for _, key := range [...]string{"content", "attrs"} {
		if part, ok := o.get(key).(object); ok {
			inside = append(append(inside, field{key, part}), part...)
		}
	}
	for _, f := range inside {
		if part, ok := f.value.(object); ok && part.text("__loader__") != "" {
			if _, err := l.node(part, depth+1); err != nil {
				return nil, err
			}
		}
	}
	return &pickle.Object{Class: g}, l.charge(costObject)
}

// object makes an instance of a class: ObjectNode, those of skops for the classes
// that need more than their attributes (TreeNode, LossNode, ...), random states.
func (l *loader) object(o object, depth int) (pickle.Value, error) {
	made := &pickle.Object{Class: global(o)}
	if !l.allow(made.Class) {
		return nil, &pickle.RefusedError{Global: made.Class}
	}
	if err := l.charge(costObject); err != nil {
		return nil, err
	}
	if reduce, ok := o.get("__reduce__").(object); ok {
		args, err := l.node(reduce.get("args"), depth+1)
		if err != nil {
			return nil, err
		}
		if t, ok := args.(*pickle.Tuple); ok {
			made.Args = t.Items
		}
	}
	content, ok := o.get("content").(object)
	if !ok {
		return made, nil // an object without attributes
	}
	state, err := l.node(content, depth+1)
	made.State = state
	return made, err
}

// inside makes the value of one node of the content.
func (l *loader) inside(o object, key string, depth int) (pickle.Value, error) {
	content, _ := o.get("content").(object)
	return l.node(content.get(key), depth+1)
}

func (l *loader) items(o object, depth int) ([]pickle.Value, error) {
	list, ok := o.get("content").([]any)
	if !ok {
		return nil, broken("a list has no content")
	}
	items := make([]pickle.Value, 0, len(list)) // as many as the schema, which was charged, has
	for _, v := range list {
		item, err := l.node(v, depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// dict makes a dict. JSON has texts for keys; key_types tells what they were.
func (l *loader) dict(o object, depth int) (pickle.Value, error) {
	content, ok := o.get("content").(object)
	if !ok && o.get("content") != nil {
		return nil, broken("a dict has no content")
	}
	var types []any
	if t, ok := o.get("key_types").(object); ok {
		types, _ = t.get("content").([]any)
	}
	d := new(pickle.Dict)
	for i, f := range content {
		if err := l.charge(costEntry); err != nil {
			return nil, err
		}
		v, err := l.node(f.value, depth+1)
		if err != nil {
			return nil, err
		}
		var key pickle.Value = f.key
		if i < len(types) {
			if t, ok := types[i].(object); ok {
				key = keyOf(t.text("__class__"), f.key)
			}
		}
		d.Set(key, v)
	}
	return d, nil
}

// keyOf returns the key of a dict that was of the named type.
func keyOf(class, text string) pickle.Value {
	switch class {
	case "int", "int64", "int32", "bool":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		if text == "true" || text == "True" {
			return true
		}
		if text == "false" || text == "False" {
			return false
		}
	case "float", "float64":
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	}
	return text
}

// array makes an array, a numpy scalar being one without dimensions.
func (l *loader) array(o object, depth int) (pickle.Value, error) {
	if o.text("type") == "json" { // of objects
		shape, err := l.shape(o.get("shape"), depth)
		if err != nil {
			return nil, err
		}
		items, err := l.items(o, depth)
		if err != nil {
			return nil, err
		}
		if items = flat(items, len(shape)-1); !fits(shape, len(items)) {
			return nil, broken("an array of %d values has the shape %v", len(items), shape)
		}
		return &pickle.Array{Dtype: pickle.Dtype{Kind: 'O', Size: 8}, Shape: shape, Objects: items}, nil
	}
	name := o.text("file")
	if known, ok := l.arrays[name]; ok {
		return known, nil
	}
	var a *pickle.Array
	err := l.archive.read(name, func(r io.Reader) error {
		var err error
		a, err = l.npy(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	l.arrays[name] = a
	return a, nil
}

// flat returns the elements of lists inside lists, so many levels deep: how skops
// writes an array of objects of several dimensions.
func flat(items []pickle.Value, levels int) []pickle.Value {
	for ; levels > 0; levels-- {
		var inner []pickle.Value
		for _, item := range items {
			switch v := item.(type) {
			case *pickle.List:
				inner = append(inner, v.Items...)
			case *pickle.Array:
				inner = append(inner, v.Objects...)
			default:
				inner = append(inner, item)
			}
		}
		items = inner
	}
	return items
}

// npy reads an .npy file, whose memory is charged.
func (l *loader) npy(r io.Reader) (*pickle.Array, error) {
	limits := pickle.Limits(l.limits)
	limits.Memory = l.memory
	a, err := pickle.ReadNPY(r, nil, limits)
	if err != nil {
		return nil, err
	}
	return a, l.charge(costObject + int64(len(a.Data)))
}

// shape reads the shape of an array of objects, a tuple of whole numbers.
func (l *loader) shape(v any, depth int) ([]int, error) {
	value, err := l.node(v, depth+1)
	if err != nil {
		return nil, err
	}
	var items []pickle.Value
	switch t := value.(type) {
	case *pickle.Tuple:
		items = t.Items
	case *pickle.List: // what JSON makes of a tuple
		items = t.Items
	}
	shape := make([]int, 0, len(items))
	for _, item := range items {
		n, ok := pickle.AsInt(item)
		if !ok || n < 0 || n > 1<<31-1 {
			return nil, broken("an array has a shape of other things than numbers")
		}
		shape = append(shape, int(n))
	}
	return shape, nil
}

// fits reports whether an array of the shape has n elements.
func fits(shape []int, n int) bool {
	product := 1
	for _, size := range shape {
		if product *= size; product > n {
			return false
		}
	}
	return product == n
}

func (l *loader) bytes(name string) (pickle.Value, error) {
	var b bytes.Buffer
	err := l.archive.read(name, func(r io.Reader) error {
		_, err := io.Copy(&b, io.LimitReader(r, l.memory/4+1)) // a buffer grows by doubling
		return err
	})
	if err != nil {
		return nil, err
	}
	return b.Bytes(), l.charge(4 * int64(b.Len()))
}

// sparse reads a matrix of scipy.sparse.save_npz: a zip archive of .npy files.
func (l *loader) sparse(o object) (pickle.Value, error) {
	raw, err := l.bytes(o.text("file"))
	if err != nil {
		return nil, err
	}
	b, _ := raw.([]byte)
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil || len(z.File) > 16 {
		return nil, broken("a sparse matrix is no archive of arrays")
	}
	inner := &archive{entries: make(map[string]*zip.File), left: l.archive.left}
	for _, f := range z.File {
		inner.entries[f.Name] = f
	}
	state := new(pickle.Dict)
	for _, part := range [...]string{"data", "indices", "indptr", "row", "col", "shape"} {
		if inner.entries[part+".npy"] == nil {
			continue
		}
		err := inner.read(part+".npy", func(r io.Reader) error {
			a, err := l.npy(r)
			if err != nil || part != "shape" {
				state.Set(part, a)
				return err
			}
			sizes, err := a.Int64s()
			shape := new(pickle.Tuple)
			for _, size := range sizes {
				shape.Items = append(shape.Items, size)
			}
			state.Set("_shape", shape)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	l.archive.left = inner.left
	return &pickle.Object{Class: global(o), State: state}, nil
}

// dtype makes a dtype of the empty array that skops stores for it.
func (l *loader) dtype(o object, depth int) (pickle.Value, error) {
	v, err := l.node(o.get("content"), depth+1)
	if err != nil {
		return nil, err
	}
	if a, ok := v.(*pickle.Array); ok {
		d := a.Dtype
		return &d, nil
	}
	return nil, broken("a dtype is stored as something else than an array")
}

func (l *loader) slice(o object) (pickle.Value, error) {
	content, _ := o.get("content").(object)
	made := &pickle.Object{Class: pickle.Global{Module: "builtins", Name: "slice"}}
	for _, key := range [...]string{"start", "stop", "step"} {
		v, err := l.plain(content.get(key))
		if err != nil {
			return nil, err
		}
		made.Args = append(made.Args, v)
	}
	return made, nil
}

// json makes a value of JSON text, as json.dumps of Python writes it.
func (l *loader) json(text string) (pickle.Value, error) {
	switch text {
	case "NaN", "Infinity", "-Infinity":
		return strconv.ParseFloat(text, 64)
	}
	limits := l.limits
	limits.Memory = l.memory
	v, err := parse(bytes.NewReader([]byte(text)), limits)
	if err != nil {
		return nil, broken("a value is no JSON: %s", mlapi.Quote([]byte(text)))
	}
	return l.plain(v)
}

// plain makes a value of JSON.
func (l *loader) plain(v any) (pickle.Value, error) {
	if err := l.charge(costValue); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case nil, bool, string:
		return v, nil
	case json.Number:
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return n, nil
		}
		if n, ok := new(big.Int).SetString(string(v), 10); ok && len(v) < 1000 {
			return n, nil
		}
		f, err := strconv.ParseFloat(string(v), 64)
		if err != nil {
			return nil, broken("the number %s is out of range", mlapi.Quote([]byte(v)))
		}
		return f, nil
	case []any:
		list := new(pickle.List)
		for _, item := range v {
			value, err := l.plain(item)
			if err != nil {
				return nil, err
			}
			list.Items = append(list.Items, value)
		}
		return list, nil
	case object:
		d := new(pickle.Dict)
		for _, f := range v {
			value, err := l.plain(f.value)
			if err != nil {
				return nil, err
			}
			d.Set(f.key, value)
		}
		return d, l.charge(costEntry * int64(len(v)))
	}
	return nil, broken("a value is of no known kind")
}
