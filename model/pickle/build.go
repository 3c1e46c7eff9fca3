package pickle

// build runs BUILD, which gives the value below it its state.
func (m *machine) build() error {
	state, err := m.pop()
	if err != nil {
		return err
	}
	target, err := m.top()
	if err != nil {
		return err
	}
	switch t := target.(type) {
	case *Object:
		return m.setState(t, state)
	case *Dtype:
		return m.buildDtype(t, state)
	case *Array:
		wants := m.pending[t]
		delete(m.pending, t)
		switch wants {
		case wantsState:
			return m.buildArray(t, state)
		case wantsBytes:
			return m.readArray(t, state)
		case wantsFile, wantsRawFile:
			return m.readSibling(t, state, wants == wantsRawFile)
		}
	}
	return &RefusedError{Reason: "the file gives a state to " + typeName(target), hostile: true}
}

// setState keeps the state of an object. The attributes by which Python would
// choose code to run have no place in it.
func (m *machine) setState(o *Object, state Value) error {
	if o.State != nil {
		return &RefusedError{Global: o.Class, Reason: "the file gives one object two states", hostile: true}
	}
	if state == nil {
		return m.broken("an object gets no state")
	}
	o.State = state
	parts := []Value{state}
	if t, ok := state.(*Tuple); ok && len(t.Items) == 2 {
		parts = t.Items
	}
	for _, p := range parts {
		d, ok := p.(*Dict)
		if !ok {
			continue
		}
		for _, name := range [...]string{"__setstate__", "__class__", "__reduce__", "__reduce_ex__", "__getattribute__", "__getattr__"} {
			if _, ok := d.Get(name); ok {
				return &RefusedError{Global: o.Class, Reason: "the file sets the attribute " + name + " of an object", hostile: true}
			}
		}
	}
	return nil
}
