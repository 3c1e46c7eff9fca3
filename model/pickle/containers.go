package pickle

// container runs the opcodes that make containers.
func (m *machine) container(op byte) error {
	var items []Value
	var err error
	switch op {
	case opList, opTuple, opDict, opFrozenSet:
		items, err = m.popMark()
	case opTuple1, opTuple2, opTuple3:
		n := int(op-opTuple1) + 1
		if len(m.stack)-m.base() < n {
			return m.broken("the stack is empty")
		}
		at := len(m.stack) - n
		items, m.stack = m.stack[at:], m.stack[:at]
	}
	if err != nil {
		return err
	}
	var v Value
	switch op {
	case opEmptyDict, opDict:
		d := &Dict{}
		if err = m.account.charge(costDict); err == nil {
			err = m.setItems(d, items)
		}
		v = d
	default:
		items, err = m.copyItems(items)
		v = newSequence(op, items)
	}
	if err != nil {
		return err
	}
	return m.push(v)
}

// newSequence returns the list, tuple or set that op makes.
func newSequence(op byte, items []Value) Value {
	switch op {
	case opEmptyList, opList:
		return &List{Items: items}
	case opEmptySet, opFrozenSet:
		return &Set{Items: items}
	}
	return &Tuple{Items: items}
}

// copyItems returns a charged copy of items, for a container of its own. The
// costs are those of the container with them.
func (m *machine) copyItems(items []Value) ([]Value, error) {
	if err := m.account.charge(costList + int64(len(items))*(costSlot+costSlot/8)); err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, nil
	}
	return append([]Value(nil), items...), nil
}

// fill runs the opcodes that put items into the container below them.
func (m *machine) fill(op byte) error {
	var items []Value
	var err error
	switch op {
	case opAppends, opSetItems, opAddItems:
		items, err = m.popMark()
	default:
		n := 1
		if op == opSetItem {
			n = 2
		}
		if len(m.stack)-m.base() < n {
			return m.broken("the stack is empty")
		}
		at := len(m.stack) - n
		items, m.stack = m.stack[at:], m.stack[:at]
	}
	if err != nil {
		return err
	}
	target, err := m.top()
	if err != nil {
		return err
	}
	switch op {
	case opSetItem, opSetItems:
		return m.setItems(target, items)
	}
	return m.appendItems(target, items, op == opAddItems)
}

// appendItems appends to a list, adds to a set, or notes the items of an object.
func (m *machine) appendItems(target Value, items []Value, toSet bool) error {
	switch t := target.(type) {
	case *List:
		if !toSet {
			return m.extend(&t.Items, items)
		}
	case *Set:
		if toSet {
			return m.extend(&t.Items, items)
		}
	case *Object:
		return m.extend(&t.Items, items)
	}
	return m.broken("items are added to %s", typeName(target))
}

// extend appends items to a slice. Where it has no room, it gets twice as much, which is
// charged: what append takes beyond that, and throws away, would not be known.
func (m *machine) extend(slice *[]Value, items []Value) error {
	if n := len(*slice) + len(items); n > cap(*slice) {
		room := max(2*cap(*slice), n)
		if err := m.account.charge(int64(room) * costSlot); err != nil {
			return err
		}
		*slice = append(make([]Value, 0, room), *slice...)
	}
	*slice = append(*slice, items...)
	return nil
}

// setItems sets pairs of keys and values in a dict, or notes them of an object.
func (m *machine) setItems(target Value, items []Value) error {
	if len(items)%2 != 0 {
		return m.broken("a key of a dict has no value")
	}
	switch t := target.(type) {
	case *Dict:
		if err := m.account.charge(t.growth(len(items) / 2)); err != nil {
			return err
		}
		t.grow(len(items) / 2)
		for i := 0; i < len(items); i += 2 {
			t.Set(items[i], items[i+1])
		}
		return nil
	case *Object:
		for i := 0; i < len(items); i += 2 {
			pair, err := m.copyItems(items[i : i+2])
			if err != nil {
				return err
			}
			if err := m.extend(&t.Items, []Value{&Tuple{Items: pair}}); err != nil {
				return err
			}
		}
		return nil
	}
	return m.broken("keys are set in %s", typeName(target))
}

// typeName names the type of a value in messages, with its article.
func typeName(v Value) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a boolean"
	case float64:
		return "a float"
	case string:
		return "a text"
	case []byte:
		return "a byte string"
	case *List:
		return "a list"
	case *Tuple:
		return "a tuple"
	case *Dict:
		return "a dict"
	case *Set:
		return "a set"
	case *Array:
		return "a numpy array"
	case *Dtype:
		return "a numpy dtype"
	case Global:
		return "the class " + printable(v.String())
	case *Object:
		return "an object of " + printable(v.Class.String())
	}
	return "a whole number"
}
