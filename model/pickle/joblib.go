package pickle

// mostPadding is the largest alignment of array bytes in a joblib file.
const mostPadding = 255

// wrapper makes what joblib's NumpyArrayWrapper stands for: an array that is
// described by BUILD and whose bytes follow.
func (m *machine) wrapper() (Value, error) {
	if m.nested {
		return nil, m.broken("an array of objects holds an array stored the way of joblib")
	}
	m.joblib = true
	return m.newArray(wantsBytes)
}

// readArray reads the state of a wrapper and then the array itself, which follows
// in the file: a padding where the state asks for one and the bytes, or a pickle
// of the array where its elements are objects.
func (m *machine) readArray(a *Array, state Value) error {
	d, ok := state.(*Dict)
	if !ok {
		return m.broken("a joblib array has an unknown state")
	}
	if class, _ := d.Get("subclass"); !isArrayClass(class) {
		return &RefusedError{Reason: "the file holds an array of a class of its own: " + typeName(class)}
	}
	described, _ := d.Get("dtype")
	dtype, err := m.arrayDtype(described)
	if err != nil {
		return err
	}
	dimensions, _ := d.Get("shape")
	shape, n, err := m.shape(dimensions, dtype.Size)
	if err != nil {
		return err
	}
	if dtype.hasObjects() {
		return m.readObjects(a, n)
	}
	order, _ := d.Get("order")
	if order != "C" && order != "F" {
		return m.broken("a joblib array has an unknown order of its axes")
	}
	if alignment, _ := d.Get("numpy_array_alignment_bytes"); alignment != nil {
		if err := m.skipPadding(alignment); err != nil {
			return err
		}
	}
	a.Dtype, a.Shape, a.Fortran = *dtype, shape, order == "F"
	a.Data, err = m.src.bytes(uint64(n)*uint64(dtype.Size), m.account)
	return err
}

func isArrayClass(v Value) bool {
	g, ok := v.(Global)
	return ok && lookup(g) == knownArrayClass
}

// skipPadding skips the padding in front of array bytes: its length in one byte
// (1 to the alignment), then as many bytes 0xff.
func (m *machine) skipPadding(alignment Value) error {
	most, ok := alignment.(int64)
	if !ok || most < 1 || most > mostPadding {
		return m.broken("a joblib array has an unknown alignment")
	}
	n, err := m.src.byte()
	if err != nil {
		return err
	}
	if int64(n) > most {
		return m.broken("the padding of a joblib array has %d bytes, its alignment is %d", n, most)
	}
	padding, err := m.src.peek(int(n))
	if err != nil {
		return err
	}
	for _, b := range padding {
		if b != 0xff {
			return m.broken("the padding of a joblib array is not what it should be")
		}
	}
	return nil
}

// readObjects reads an array of Python objects: a pickle of its own, with a memo
// of its own and maybe of another protocol.
func (m *machine) readObjects(a *Array, n int) error {
	inner := &machine{src: m.src, allow: m.allow, account: m.account, nested: true, scan: m.scan}
	v, err := inner.run()
	if err != nil {
		return err
	}
	array, ok := v.(*Array)
	if !ok || !array.Dtype.hasObjects() || array.Len() != n {
		return m.broken("an array of %d objects is stored as something else", n)
	}
	*a = *array
	return nil
}
