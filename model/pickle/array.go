package pickle

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// A Column is one value per element of an array: the elements themselves, or one
// field of each. It reads the array's memory and copies nothing.
type Column struct {
	dtype   Dtype
	data    []byte
	objects []Value
	offset  int // of the first value in data
	stride  int // from one to the next
	shape   []int
	fortran bool
	length  int
}

// Len returns the number of elements.
func (a *Array) Len() int {
	n := 1
	for _, d := range a.Shape {
		n *= d
	}
	return n
}

// Float64s returns the elements in row-major order as floats, from any dtype of
// booleans, whole numbers or floats, or from objects that are numbers. Whole
// numbers beyond 2^53 are rounded, and a longdouble of x86 too. Any other dtype is an error.
func (a *Array) Float64s() ([]float64, error) { return a.column().Float64s() }

// Int64s returns the elements in row-major order as whole numbers, from any dtype
// of booleans or whole numbers, or from objects that are such. Any other dtype, and
// a number beyond an int64, is an error.
func (a *Array) Int64s() ([]int64, error) { return a.column().Int64s() }

// Strings returns the elements in row-major order as texts, from the dtypes U and
// S (bytes count as latin-1) or from objects that are texts. Any other dtype is an
// error.
func (a *Array) Strings() ([]string, error) { return a.column().Strings() }

func (a *Array) column() *Column {
	return &Column{
		dtype: a.Dtype, data: a.Data, objects: a.Objects, stride: a.Dtype.Size,
		shape: a.Shape, fortran: a.Fortran, length: a.Len(),
	}
}

// Field returns the column of a field of a structured array. A name that is no
// field, or one whose values are arrays, is an error.
func (a *Array) Field(name string) (*Column, error) {
	for k, f := range a.Dtype.Fields {
		if f.Name != name {
			continue
		}
		if f.Shape != nil {
			return nil, fmt.Errorf("the values of field %s are arrays", printable(name))
		}
		c := a.column()
		c.dtype, c.offset = f.Dtype, f.Offset
		if a.Dtype.hasObjects() {
			return c, c.take(k, len(a.Dtype.Fields))
		}
		return c, nil
	}
	return nil, fmt.Errorf("the array has no field %s", printable(name))
}

// take replaces the objects, which are tuples of n values each, by value k of each.
func (c *Column) take(k, n int) error {
	values := make([]Value, len(c.objects))
	for i, o := range c.objects {
		t, ok := o.(*Tuple)
		if !ok || len(t.Items) != n {
			return fmt.Errorf("element %d of the array is %s instead of %d values", i, typeName(o), n)
		}
		values[i] = t.Items[k]
	}
	c.objects = values
	return nil
}

// boxed reports whether the values are objects, not bytes.
func (c *Column) boxed() bool { return c.objects != nil || c.dtype.hasObjects() }

// Len returns the number of values.
func (c *Column) Len() int { return c.length }

// Float64s is Array.Float64s for the column.
func (c *Column) Float64s() ([]float64, error) {
	if c.boxed() {
		return convert(c, AsFloat, "numbers")
	}
	get, ok := c.dtype.float()
	if !ok {
		return nil, fmt.Errorf("elements of dtype %s are no numbers", c.dtype)
	}
	out := make([]float64, c.length)
	for i, at := 0, c.offset; i < len(out); i, at = i+1, at+c.stride {
		out[i] = get(c.data[at:])
	}
	return inRows(c, out), nil
}

// Int64s is Array.Int64s for the column.
func (c *Column) Int64s() ([]int64, error) {
	if c.boxed() {
		return convert(c, AsInt, "whole numbers")
	}
	get, ok := c.dtype.int()
	if !ok {
		return nil, fmt.Errorf("elements of dtype %s are no whole numbers", c.dtype)
	}
	out := make([]int64, c.length)
	for i, at := 0, c.offset; i < len(out); i, at = i+1, at+c.stride {
		out[i] = get(c.data[at:])
		if c.dtype.Kind == 'u' && out[i] < 0 {
			return nil, fmt.Errorf("element %d is larger than an int64", i)
		}
	}
	return inRows(c, out), nil
}

// Strings is Array.Strings for the column.
func (c *Column) Strings() ([]string, error) {
	if c.boxed() {
		return convert(c, AsString, "texts")
	}
	if c.dtype.Kind != 'U' && c.dtype.Kind != 'S' {
		return nil, fmt.Errorf("elements of dtype %s are no texts", c.dtype)
	}
	out := make([]string, c.length)
	for i, at := 0, c.offset; i < len(out); i, at = i+1, at+c.stride {
		s, err := c.dtype.text(c.data[at : at+c.dtype.Size])
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		out[i] = s
	}
	return inRows(c, out), nil
}

// convert returns the objects of c as each of them is by as.
func convert[T any](c *Column, as func(Value) (T, bool), what string) ([]T, error) {
	out := make([]T, len(c.objects))
	for i, o := range c.objects {
		v, ok := as(o)
		if !ok {
			return nil, fmt.Errorf("the objects of the array are not all %s: element %d is %s", what, i, typeName(o))
		}
		out[i] = v
	}
	return inRows(c, out), nil
}

// inRows returns the values of a column, which are in the array's own order, in
// row-major order.
func inRows[T any](c *Column, values []T) []T {
	if !c.fortran || len(c.shape) < 2 || len(values) == 0 {
		return values
	}
	strides, step := make([]int, len(c.shape)), 1
	for i, d := range c.shape {
		strides[i] = step
		step *= d
	}
	out := make([]T, 0, len(values))
	walk(c.shape, strides, func(at int) { out = append(out, values[at]) })
	return out
}

// rowMajor returns the strides, in elements, of a row-major array.
func rowMajor(shape []int) []int {
	strides, step := make([]int, len(shape)), 1
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = step
		step *= shape[i]
	}
	return strides
}

// walk calls visit with the position of each element in row-major order of shape,
// for an array that lies in memory by strides.
func walk(shape, strides []int, visit func(at int)) {
	for _, d := range shape {
		if d == 0 {
			return
		}
	}
	index := make([]int, len(shape))
	for at := 0; ; {
		visit(at)
		axis := len(shape) - 1
		for ; axis >= 0; axis-- {
			index[axis]++
			at += strides[axis]
			if index[axis] < shape[axis] {
				break
			}
			at -= index[axis] * strides[axis]
			index[axis] = 0
		}
		if axis < 0 {
			return
		}
	}
}

// String returns the dtype in numpy's short form: "<f8", "|S5", ">U3".
func (d Dtype) String() string {
	order, size := "<", d.Size
	switch {
	case d.Kind == 'U':
		size /= 4
	case d.Kind == 'S' || d.Kind == 'V' || d.Kind == 'O' || d.Kind == 'b' || d.Size == 1:
		order = "|"
	}
	if d.BigEndian && order == "<" {
		order = ">"
	}
	return fmt.Sprintf("%s%c%d", order, d.Kind, size)
}

func (d Dtype) order() binary.ByteOrder {
	if d.BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// float returns the function that reads an element as a float.
func (d Dtype) float() (func([]byte) float64, bool) {
	order := d.order()
	switch {
	case d.Kind == 'f' && d.Size == 8 && !d.BigEndian:
		return func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }, true
	case d.Kind == 'f' && d.Size == 8:
		return func(b []byte) float64 { return math.Float64frombits(order.Uint64(b)) }, true
	case d.Kind == 'f' && d.Size == 4:
		return func(b []byte) float64 { return float64(math.Float32frombits(order.Uint32(b))) }, true
	case d.Kind == 'f' && d.Size == 2:
		return func(b []byte) float64 { return halfFloat(order.Uint16(b)) }, true
	case d.Kind == 'f' && (d.Size == 12 || d.Size == 16) && !d.BigEndian:
		return extendedFloat, true
	case d.Kind == 'u' && d.Size == 8:
		return func(b []byte) float64 { return float64(order.Uint64(b)) }, true
	}
	get, ok := d.int()
	if !ok {
		return nil, false
	}
	return func(b []byte) float64 { return float64(get(b)) }, true
}

// int returns the function that reads an element as a whole number. An unsigned one
// beyond an int64 comes out negative.
func (d Dtype) int() (func([]byte) int64, bool) {
	order := d.order()
	switch {
	case d.Kind == 'b':
		return func(b []byte) int64 {
			if b[0] != 0 {
				return 1
			}
			return 0
		}, true
	case d.Kind != 'i' && d.Kind != 'u':
	case d.Size == 8 && !d.BigEndian:
		return func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) }, true
	case d.Size == 8:
		return func(b []byte) int64 { return int64(order.Uint64(b)) }, true
	case d.Size == 4 && d.Kind == 'i':
		return func(b []byte) int64 { return int64(int32(order.Uint32(b))) }, true
	case d.Size == 4:
		return func(b []byte) int64 { return int64(order.Uint32(b)) }, true
	case d.Size == 2 && d.Kind == 'i':
		return func(b []byte) int64 { return int64(int16(order.Uint16(b))) }, true
	case d.Size == 2:
		return func(b []byte) int64 { return int64(order.Uint16(b)) }, true
	case d.Size == 1 && d.Kind == 'i':
		return func(b []byte) int64 { return int64(int8(b[0])) }, true
	case d.Size == 1:
		return func(b []byte) int64 { return int64(b[0]) }, true
	}
	return nil, false
}

// extendedFloat returns the value of an x87 80-bit number, which numpy.longdouble is
// on x86: 64 bits of fraction with the leading one, 15 of exponent, the sign. It is
// rounded to the nearest float64.
func extendedFloat(b []byte) float64 {
	fraction, top := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint16(b[8:])
	v := math.Ldexp(float64(fraction), int(top&0x7fff)-16383-63)
	if top&0x7fff == 0x7fff {
		v = math.Inf(1)
		if fraction<<1 != 0 {
			v = math.NaN()
		}
	}
	if top&0x8000 != 0 {
		v = -v
	}
	return v
}

// halfFloat returns the value of an IEEE 754 binary16 number.
func halfFloat(h uint16) float64 {
	exponent, fraction := int(h>>10&0x1f), float64(h&0x3ff)
	var v float64
	switch exponent {
	case 0:
		v = math.Ldexp(fraction, -24)
	case 0x1f:
		v = math.Inf(1)
		if fraction != 0 {
			v = math.NaN()
		}
	default:
		v = math.Ldexp(1024+fraction, exponent-25)
	}
	if h&0x8000 != 0 {
		v = -v
	}
	return v
}

// text returns an element of dtype U (UTF-32) or S, without the NULs that fill it
// up.
func (d Dtype) text(b []byte) (string, error) {
	if d.Kind == 'S' {
		return latin1([]byte(strings.TrimRight(string(b), "\x00"))), nil
	}
	order := d.order()
	for len(b) >= 4 && order.Uint32(b[len(b)-4:]) == 0 {
		b = b[:len(b)-4]
	}
	out := make([]byte, 0, len(b)/4)
	for ; len(b) >= 4; b = b[4:] {
		r := order.Uint32(b)
		if r > utf8.MaxRune {
			return "", fmt.Errorf("0x%x is no character", r)
		}
		out = appendRune(out, rune(r))
	}
	return string(out), nil
}
