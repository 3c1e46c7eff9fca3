package pickle

import (
	"math"
	"strconv"
)

// mostItem is the size in bytes of the largest array element that is read.
const mostItem = 1 << 30

// dtype is numpy.dtype(name, align, copy): "f8", "U3", "V64", ... BUILD may add
// the byte order and the fields.
func (m *machine) dtype(args []Value) (Value, error) {
	if len(args) == 0 {
		return nil, m.broken("a dtype has no name")
	}
	name, ok := args[0].(string)
	if g, isName := args[0].(Global); isName && g == (Global{"numpy", "record"}) {
		name, ok = "V0", true // the elements of a recarray; BUILD brings their fields
	}
	if !ok {
		return nil, m.broken("a dtype is named by %s", typeName(args[0]))
	}
	d, ok := parseDtype(name)
	if !ok {
		return nil, m.broken("the dtype %s is not known", printable(name))
	}
	if err := m.account.charge(costDtype); err != nil {
		return nil, err
	}
	return &d, nil
}

// parseDtype reads numpy's short names: an optional byte order, a letter, a size.
func parseDtype(name string) (Dtype, bool) {
	d := Dtype{}
	if name != "" {
		switch name[0] {
		case '>':
			d.BigEndian = true
			name = name[1:]
		case '<', '=', '|':
			name = name[1:]
		}
	}
	if name == "?" {
		name = "b1"
	}
	if name == "" {
		return d, false
	}
	d.Kind = name[0]
	size := 0
	if len(name) > 1 {
		var err error
		if size, err = strconv.Atoi(name[1:]); err != nil || size < 0 || size > mostItem/4 {
			return d, false
		}
	}
	ok := false
	switch d.Kind {
	case 'b':
		ok = size == 1
	case 'i', 'u':
		ok = size == 1 || size == 2 || size == 4 || size == 8
	case 'f':
		ok = size == 2 || size == 4 || size == 8 || size == 12 || size == 16
	case 'c':
		ok = size == 8 || size == 16 || size == 24 || size == 32
	case 'M', 'm':
		ok, size = true, 8
	case 'O':
		ok, size = true, 8
	case 'U':
		ok, size = true, 4*size
	case 'S', 'V':
		ok = true
	case 'a':
		ok, d.Kind = true, 'S'
	}
	d.Size = size
	return d, ok
}

// buildDtype reads the state of a dtype, numpy's version 3 or 4: (version, byte
// order, (dtype, shape) of a sub-array, field names, fields, element size,
// alignment, flags[, metadata]).
func (m *machine) buildDtype(d *Dtype, state Value) error {
	t, ok := state.(*Tuple)
	if !ok || len(t.Items) < 8 || len(t.Items) > 9 {
		return m.broken("a dtype has an unknown state")
	}
	switch order, _ := t.Items[1].(string); order {
	case ">":
		d.BigEndian = true
	case "<", "=", "|":
		d.BigEndian = false
	default:
		return m.broken("a dtype has an unknown byte order")
	}
	if size, ok := t.Items[5].(int64); ok && size >= 0 {
		switch d.Kind {
		case 'U', 'S', 'V':
			if size > mostItem {
				return m.broken("an array element has %d bytes", size)
			}
			d.Size = int(size)
		}
	}
	switch {
	case t.Items[2] != nil:
		return m.buildSubarray(d, t.Items[2])
	case t.Items[3] == nil:
		return nil
	case d.Kind != 'V':
		return m.broken("a plain dtype has fields")
	}
	return m.buildFields(d, t.Items[3], t.Items[4])
}

// subarray is a dtype whose elements are arrays. It occurs as that of a field.
type subarray struct {
	element Dtype
	shape   []int
}

// buildSubarray reads the (dtype, shape) of a dtype whose elements are arrays.
func (m *machine) buildSubarray(d *Dtype, v Value) error {
	parts := itemsOf(v)
	if len(parts) != 2 {
		return m.broken("a dtype has an unknown state")
	}
	element, ok := parts[0].(*Dtype)
	if !ok || element == d || element.hasObjects() || m.subarrays[element] != nil {
		return m.broken("a dtype of arrays is not described")
	}
	shape, n, err := m.shape(parts[1], element.Size)
	if err != nil {
		return err
	}
	if d.Kind != 'V' || n*element.Size != d.Size {
		return m.broken("a dtype of arrays has %d bytes, its arrays %d", d.Size, n*element.Size)
	}
	if m.subarrays == nil {
		m.subarrays = make(map[*Dtype]*subarray)
	}
	m.subarrays[d] = &subarray{element: *element, shape: shape}
	return m.account.charge(costField)
}

// buildFields reads the fields of a structured dtype: their names in order, and a
// dict of (dtype, offset[, title]) by name.
func (m *machine) buildFields(d *Dtype, names, fields Value) error {
	byName, ok := fields.(*Dict)
	if !ok {
		return m.broken("a structured dtype has no fields")
	}
	list := itemsOf(names)
	if err := m.account.charge(int64(len(list)) * costField); err != nil {
		return err
	}
	d.Fields = make([]Field, 0, len(list))
	for _, n := range list {
		name, ok := n.(string)
		if !ok {
			return m.broken("a field of a structured dtype has no name")
		}
		f, _ := byName.Get(name)
		parts := itemsOf(f)
		if len(parts) < 2 {
			return m.broken("the field %s of a structured dtype is not described", printable(name))
		}
		dtype, isDtype := parts[0].(*Dtype)
		offset, isInt := parts[1].(int64)
		if !isDtype || !isInt || dtype == d {
			return m.broken("the field %s of a structured dtype is not described", printable(name))
		}
		if offset < 0 || offset > math.MaxInt32 || offset+int64(dtype.Size) > int64(d.Size) {
			return m.broken("the field %s of a structured dtype lies outside of it", printable(name))
		}
		field := Field{Name: name, Offset: int(offset), Dtype: *dtype}
		if sub := m.subarrays[dtype]; sub != nil {
			field.Dtype, field.Shape = sub.element, sub.shape
		}
		d.Fields = append(d.Fields, field)
		d.objects = d.objects || field.Dtype.hasObjects()
	}
	return nil
}

// hasObjects reports whether elements of d hold Python objects, themselves or in a
// field. An array of such a dtype is a list of its elements in the file.
func (d *Dtype) hasObjects() bool { return d.Kind == 'O' || d.objects }
