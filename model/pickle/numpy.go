package pickle

import "math"

const (
	mostDimensions = 64      // as in numpy 2
	mostEmpty      = 1 << 24 // the largest dimension of an array without elements
)

// newArray returns an empty array that waits for what wants says.
func (m *machine) newArray(wants pending) (Value, error) {
	if err := m.account.charge(costArray + costPending); err != nil {
		return nil, err
	}
	a := &Array{}
	if m.pending == nil {
		m.pending = make(map[*Array]pending)
	}
	m.pending[a] = wants
	return a, nil
}

// reconstruct is numpy's _reconstruct(class, shape, typecode): an array to which
// BUILD gives everything that counts.
func (m *machine) reconstruct(args []Value) (Value, error) {
	if len(args) != 3 {
		return nil, m.broken("numpy's _reconstruct has %d arguments", len(args))
	}
	if class, ok := args[0].(Global); !ok || lookup(class) != knownArrayClass {
		return nil, &RefusedError{Reason: "the file holds an array of a class of its own: " + typeName(args[0])}
	}
	return m.newArray(wantsState)
}

// buildArray reads the state of an array: (version, shape, dtype, column-major,
// data), where data is bytes or a list of objects.
func (m *machine) buildArray(a *Array, state Value) error {
	items := itemsOf(state)
	if len(items) == 5 {
		items = items[1:] // the version is 1
	}
	if len(items) != 4 {
		return m.broken("an array has an unknown state")
	}
	dtype, err := m.arrayDtype(items[1])
	if err != nil {
		return err
	}
	shape, n, err := m.shape(items[0], dtype.Size)
	if err != nil {
		return err
	}
	fortran, ok := AsInt(items[2])
	if !ok {
		return m.broken("an array has an unknown state")
	}
	a.Dtype, a.Shape, a.Fortran = *dtype, shape, fortran != 0
	if dtype.hasObjects() {
		list, ok := items[3].(*List)
		if !ok || len(list.Items) != n {
			return m.broken("an array of objects does not have the %d objects of its shape", n)
		}
		// numpy lists objects row by row, whatever the order in memory was.
		a.Objects, a.Fortran = list.Items[:n:n], false
		return nil
	}
	data, err := m.rawBytes(items[3])
	if err != nil {
		return err
	}
	if len(data) != n*dtype.Size {
		return m.broken("an array has %d bytes, its shape and dtype ask for %d", len(data), n*dtype.Size)
	}
	a.Data = data
	return nil
}

// scalar is numpy's scalar(dtype, bytes): an array without dimensions.
func (m *machine) scalar(args []Value) (Value, error) {
	if len(args) != 2 {
		return nil, m.broken("a numpy scalar has %d arguments", len(args))
	}
	dtype, err := m.arrayDtype(args[0])
	if err != nil {
		return nil, err
	}
	if err := m.account.charge(costArray); err != nil {
		return nil, err
	}
	if dtype.hasObjects() {
		return &Array{Dtype: *dtype, Objects: args[1:2:2]}, nil
	}
	data, err := m.rawBytes(args[1])
	if err != nil {
		return nil, err
	}
	if len(data) != dtype.Size {
		return nil, m.broken("a numpy scalar has %d bytes, its dtype asks for %d", len(data), dtype.Size)
	}
	return &Array{Dtype: *dtype, Data: data}, nil
}

// fromBuffer is numpy's _frombuffer(buffer, dtype, shape, order[, axes]). The order
// is C, F, or K with the axes by which a C array was transposed.
func (m *machine) fromBuffer(args []Value) (Value, error) {
	if len(args) != 4 && len(args) != 5 {
		return nil, m.broken("numpy's _frombuffer has %d arguments", len(args))
	}
	dtype, err := m.arrayDtype(args[1])
	if err != nil {
		return nil, err
	}
	shape, n, err := m.shape(args[2], dtype.Size)
	if err != nil {
		return nil, err
	}
	data, err := m.rawBytes(args[0])
	if err != nil {
		return nil, err
	}
	if dtype.hasObjects() || len(data) != n*dtype.Size {
		return nil, m.broken("an array has %d bytes, its shape and dtype ask for %d", len(data), n*dtype.Size)
	}
	if err := m.account.charge(costArray); err != nil {
		return nil, err
	}
	a := &Array{Dtype: *dtype, Shape: shape, Data: data}
	switch order, _ := args[3].(string); {
	case order == "C":
	case order == "F":
		a.Fortran = true
	case order == "K" && len(args) == 5:
		return m.transpose(a, args[4])
	default:
		return nil, m.broken("an array has an unknown order of its axes")
	}
	return a, nil
}

// transpose returns a, which is row-major, with its axes in another order.
func (m *machine) transpose(a *Array, axes Value) (Value, error) {
	if axes == nil {
		return a, nil
	}
	list := itemsOf(axes)
	if len(list) != len(a.Shape) {
		return nil, m.broken("an array has an unknown order of its axes")
	}
	if err := m.account.charge(int64(len(a.Data))); err != nil {
		return nil, err
	}
	strides := rowMajor(a.Shape)
	shape, turned := make([]int, len(list)), make([]int, len(list))
	seen := make([]bool, len(list))
	for i, v := range list {
		axis, ok := AsInt(v)
		if !ok || axis < 0 || axis >= int64(len(list)) || seen[axis] {
			return nil, m.broken("an array has an unknown order of its axes")
		}
		seen[axis] = true
		shape[i], turned[i] = a.Shape[axis], strides[axis]
	}
	size := a.Dtype.Size
	data := make([]byte, 0, len(a.Data))
	walk(shape, turned, func(at int) { data = append(data, a.Data[at*size:(at+1)*size]...) })
	return &Array{Dtype: a.Dtype, Shape: shape, Data: data}, nil
}

// arrayDtype returns v as the dtype of an array.
func (m *machine) arrayDtype(v Value) (*Dtype, error) {
	d, ok := v.(*Dtype)
	if !ok {
		return nil, m.broken("the dtype of an array is %s", typeName(v))
	}
	if m.subarrays[d] != nil {
		return nil, m.broken("the dtype of an array is one of arrays")
	}
	return d, nil
}

// shape reads a tuple of dimensions and returns it with the number of elements.
// Elements of size bytes (1 at least) that do not fit into the memory are refused.
func (m *machine) shape(v Value, size int) (shape []int, n int, err error) {
	items := itemsOf(v)
	if single, ok := AsInt(v); ok && items == nil {
		items = []Value{single}
	}
	if _, isTuple := v.(*Tuple); items == nil && !isTuple {
		return nil, 0, m.broken("the shape of an array is %s", typeName(v))
	}
	if len(items) > mostDimensions {
		return nil, 0, m.broken("an array has %d dimensions", len(items))
	}
	shape = make([]int, len(items))
	empty := false
	for i, item := range items {
		d, ok := AsInt(item)
		if !ok || d < 0 || d > math.MaxInt {
			return nil, 0, m.broken("a dimension of an array is no count")
		}
		shape[i] = int(d)
		empty = empty || d == 0
	}
	if empty {
		for _, d := range shape {
			if d > mostEmpty {
				return nil, 0, m.broken("an array without elements has a dimension of %d", d)
			}
		}
		return shape, 0, nil
	}
	most := m.account.limits.Memory / int64(max(size, 1))
	n = 1
	for _, d := range shape {
		if int64(d) > most/int64(n) {
			return nil, 0, &LimitError{What: "bytes of memory", Limit: m.account.limits.Memory}
		}
		n *= d
	}
	if size == 0 {
		// Elements without bytes cost the file nothing, and whoever reads them
		// something.
		err = m.account.charge(int64(n) * costEmpty)
	}
	return shape, n, err
}
