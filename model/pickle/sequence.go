package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	// mostRange is how many values a RangeIndex, which the file does not hold, may give.
	mostRange = 1 << 20
	// mostInside is how many values of pandas may lie in each other to be one sequence.
	mostInside = 8
)

// Strings returns the texts of a sequence: a list, a tuple, a numpy array of texts (dtype
// U, S or object), or an Index, Series, Categorical or string array of pandas 0.2x to
// 3.x. Anything else, and an element that is no text, is an error.
func Strings(v Value) ([]string, error) {
	if a, ok := v.(*Array); ok {
		return a.Strings()
	}
	return elementsAs(v, AsString, "text")
}

// Floats returns the numbers of a sequence, as Strings returns texts.
func Floats(v Value) ([]float64, error) {
	if a, ok := v.(*Array); ok {
		return a.Float64s()
	}
	return elementsAs(v, AsFloat, "number")
}

func elementsAs[T any](v Value, as func(Value) (T, bool), what string) ([]T, error) {
	items, err := Elements(v)
	if err != nil {
		return nil, err
	}
	out := make([]T, len(items))
	for i, item := range items {
		var ok bool
		if out[i], ok = as(item); !ok {
			return nil, fmt.Errorf("element %d is %s instead of a %s", i, typeName(item), what)
		}
	}
	return out, nil
}

// Elements returns the values of a sequence of any kind that Strings and Floats take.
// The elements of arrays come as an int64, float64, bool or string each, in row-major
// order; a missing value of pandas as nil.
func Elements(v Value) ([]Value, error) { return elements(v, mostInside) }

func elements(v Value, depth int) ([]Value, error) {
	if depth == 0 {
		return nil, errors.New("a sequence of pandas lies too deep in others")
	}
	switch v := v.(type) {
	case *List:
		return v.Items, nil
	case *Tuple:
		return v.Items, nil
	case *Array:
		return v.elements()
	case *Object:
		return pandasElements(v, depth-1)
	}
	return nil, fmt.Errorf("%s is no sequence of values", typeName(v))
}

func (a *Array) elements() ([]Value, error) {
	switch a.Dtype.Kind {
	case 'O':
		return a.Objects, nil
	case 'U', 'S':
		return boxed(a.Strings())
	case 'f':
		return boxed(a.Float64s())
	case 'b':
		whole, err := a.Int64s()
		items := make([]Value, len(whole))
		for i, n := range whole {
			items[i] = n != 0
		}
		return items, err
	}
	return boxed(a.Int64s())
}

func boxed[T any](values []T, err error) ([]Value, error) {
	items := make([]Value, len(values))
	for i, v := range values {
		items[i] = v
	}
	return items, err
}

// pandasElements returns the values of an object of pandas. All that counts is where
// its parts are: pandas has moved its classes often, and stores them in few ways.
func pandasElements(o *Object, depth int) ([]Value, error) {
	switch o.Class.Name {
	case "_new_Index":
		if len(o.Args) == 2 {
			if d, ok := o.Args[1].(*Dict); ok {
				return indexElements(d, depth)
			}
		}
	case "Series":
		return seriesElements(o, depth)
	case "Categorical":
		// Up to 1.2: an object with attributes.
		codes, _ := o.Attr("_codes")
		dtype, _ := o.Attr("_dtype")
		return categoricalElements(dtype, codes, depth)
	case "__pyx_unpickle_NDArrayBacked":
		// Since 1.3: (dtype, array[, attributes]).
		if parts := itemsOf(o.State); len(parts) >= 2 {
			if class, ok := o.Args[0].(Global); ok && class.Name == "Categorical" {
				return categoricalElements(parts[0], parts[1], depth)
			}
			return elements(parts[1], depth)
		}
	case "StringArray":
		if values, ok := o.Attr("_ndarray"); ok {
			return elements(values, depth)
		}
	case "ArrowStringArray", "ArrowExtensionArray":
		for _, name := range [...]string{"_pa_array", "_data"} {
			if values, ok := o.Attr(name); ok {
				return elements(values, depth)
			}
		}
	case "chunked_array", "_restore_array":
		return arrowElements(o, depth)
	}
	return nil, fmt.Errorf("%s is no sequence of values", typeName(o))
}

// indexElements returns the values of an Index, made of {data, name} or, of a
// RangeIndex, {start, stop, step, name}.
func indexElements(d *Dict, depth int) ([]Value, error) {
	if data, ok := d.Get("data"); ok {
		return elements(data, depth)
	}
	var bounds [3]int64
	for i, name := range [...]string{"start", "stop", "step"} {
		v, _ := d.Get(name)
		var ok bool
		if bounds[i], ok = AsInt(v); !ok || bounds[i] > 1<<40 || bounds[i] < -1<<40 {
			return nil, errors.New("an index of pandas is neither of values nor a range")
		}
	}
	start, stop, step := bounds[0], bounds[1], bounds[2]
	if step == 0 {
		return nil, errors.New("a range has the step 0")
	}
	sign := int64(1)
	if step < 0 {
		sign = -1
	}
	n := max(0, (stop-start+step-sign)/step)
	if n > mostRange {
		return nil, fmt.Errorf("a range of %d values is too long", n)
	}
	items := make([]Value, n)
	for i := range items {
		items[i] = start + int64(i)*step
	}
	return items, nil
}

// seriesElements returns the values of a Series, whose manager has the state (axes,
// [values], ...).
func seriesElements(o *Object, depth int) ([]Value, error) {
	manager, ok := o.Attr("_mgr") // since 1.1
	if !ok {
		manager, _ = o.Attr("_data")
	}
	if m, ok := manager.(*Object); ok {
		if parts := itemsOf(m.State); len(parts) >= 2 {
			if blocks := itemsOf(parts[1]); len(blocks) == 1 {
				return elements(blocks[0], depth)
			}
		}
	}
	return nil, errors.New("a series of pandas has no values that can be read")
}

// categoricalElements returns the categories of the dtype by the codes; -1 is missing.
func categoricalElements(dtype, codes Value, depth int) ([]Value, error) {
	d, isObject := dtype.(*Object)
	a, isArray := codes.(*Array)
	if !isObject || !isArray {
		return nil, errors.New("a categorical of pandas has no codes or no dtype")
	}
	list, ok := d.Attr("categories")
	if !ok && len(d.Args) > 0 {
		list = d.Args[0]
	}
	categories, err := elements(list, depth)
	if err != nil {
		return nil, err
	}
	numbers, err := a.Int64s()
	if err != nil {
		return nil, err
	}
	items := make([]Value, len(numbers))
	for i, n := range numbers {
		if n < -1 || n >= int64(len(categories)) {
			return nil, fmt.Errorf("code %d of a categorical of pandas has no category", n)
		}
		if n >= 0 {
			items[i] = categories[n]
		}
	}
	return items, nil
}

// arrowElements returns the texts of an array of pyarrow: chunked_array(chunks, type) or
// _restore_array((type, length, nulls, offset, buffers, children, dictionary)), whose
// buffers are a bitmap of what is there, the places and the text.
func arrowElements(o *Object, depth int) ([]Value, error) {
	if o.Class.Name == "chunked_array" {
		var items []Value
		if len(o.Args) == 0 {
			return nil, errors.New("an array of pyarrow has no chunks")
		}
		for _, chunk := range itemsOf(o.Args[0]) {
			more, err := elements(chunk, depth)
			if err != nil {
				return nil, err
			}
			if items = append(items, more...); len(items) > mostRange {
				return nil, errors.New("an array of pyarrow is too long")
			}
		}
		return items, nil
	}
	var parts []Value
	if len(o.Args) > 0 {
		parts = itemsOf(o.Args[0])
	}
	if len(parts) < 5 {
		return nil, errors.New("an array of pyarrow cannot be read")
	}
	width, ok := arrowWidth(parts[0])
	length, isInt := parts[1].(int64)
	offset, areInts := parts[3].(int64)
	buffers := itemsOf(parts[4])
	if !ok || !isInt || !areInts || length < 0 || offset < 0 || length > mostRange || offset > 1<<31 || len(buffers) != 3 {
		return nil, errors.New("an array of pyarrow is not one of texts")
	}
	return arrowTexts(arrowBuffer(buffers[0]), arrowBuffer(buffers[1]), arrowBuffer(buffers[2]), int(offset), int(length), width)
}

// arrowWidth returns the size in bytes of the places of a type of texts.
func arrowWidth(v Value) (int, bool) {
	t, ok := v.(*Object)
	if !ok || t.Class.Name != "type_for_alias" || len(t.Args) != 1 {
		return 0, false
	}
	switch t.Args[0] {
	case "string", "str", "utf8":
		return 4, true
	case "large_string", "large_str", "large_utf8":
		return 8, true
	}
	return 0, false
}

// arrowBuffer returns the bytes of a buffer, nil where there is none.
func arrowBuffer(v Value) []byte {
	o, ok := v.(*Object)
	if !ok || len(o.Args) != 1 {
		return nil
	}
	b, _ := o.Args[0].([]byte)
	return b
}

func arrowTexts(there, places, text []byte, offset, length, width int) ([]Value, error) {
	if length > 0 && len(places) < (offset+length+1)*width || there != nil && len(there)*8 < offset+length {
		return nil, errors.New("an array of pyarrow is shorter than it says")
	}
	place := func(i int) uint64 {
		if width == 4 {
			return uint64(binary.LittleEndian.Uint32(places[i*4:]))
		}
		return binary.LittleEndian.Uint64(places[i*8:])
	}
	items := make([]Value, length)
	for i := range items {
		at := offset + i
		if there != nil && there[at/8]>>(at%8)&1 == 0 {
			continue
		}
		begin, end := place(at), place(at+1)
		if begin > end || end > uint64(len(text)) {
			return nil, errors.New("a text of an array of pyarrow lies outside of it")
		}
		items[i] = string(text[begin:end])
	}
	return items, nil
}
