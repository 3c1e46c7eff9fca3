package pickle

import (
	"fmt"
	"strconv"
)

// numberLine is the longest line that holds a number or an index.
const numberLine = 5000

func (m *machine) broken(format string, args ...any) error {
	return &FormatError{Offset: m.src.offset(), What: fmt.Sprintf(format, args...)}
}

// push puts a value on the stack, whose growth is charged.
func (m *machine) push(v Value) error {
	if len(m.stack) == cap(m.stack) {
		room := max(2*len(m.stack), 16)
		if err := m.account.charge(int64(room) * costSlot); err != nil {
			return err
		}
		m.stack = append(make([]Value, 0, room), m.stack...)
	}
	m.stack = append(m.stack, v)
	return nil
}

// base returns the height of the stack at the last mark: what is below belongs to
// opcodes that are still to come.
func (m *machine) base() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

// pop takes the top value off the stack.
func (m *machine) pop() (Value, error) {
	v, err := m.top()
	if err == nil {
		m.stack[len(m.stack)-1] = nil
		m.stack = m.stack[:len(m.stack)-1]
	}
	return v, err
}

// top returns the top value of the stack.
func (m *machine) top() (Value, error) {
	if len(m.stack) <= m.base() {
		return nil, m.broken("the stack is empty")
	}
	return m.stack[len(m.stack)-1], nil
}

// popMark takes the values above the last mark off the stack, and the mark. The
// slice is valid until the next push.
func (m *machine) popMark() ([]Value, error) {
	if len(m.marks) == 0 {
		return nil, m.broken("there is no mark")
	}
	at := m.base()
	m.marks = m.marks[:len(m.marks)-1]
	items := m.stack[at:]
	m.stack = m.stack[:at]
	return items, nil
}

func (m *machine) arrange(op byte) error {
	switch op {
	case opMark:
		if len(m.marks) >= m.account.limits.Depth {
			return &LimitError{What: "levels of nesting", Limit: int64(m.account.limits.Depth)}
		}
		m.marks = append(m.marks, len(m.stack))
		return nil
	case opPopMark:
		_, err := m.popMark()
		return err
	case opDup:
		v, err := m.top()
		if err != nil {
			return err
		}
		return m.push(v)
	}
	// POP right after a mark takes the mark.
	if len(m.marks) > 0 && len(m.stack) == m.base() {
		_, err := m.popMark()
		return err
	}
	_, err := m.pop()
	return err
}

// memo is what the file remembers, by index. Indexes that ascend from 0 or near
// it, as all picklers write them, lie in pieces of a fixed size; others in a map.
type memo struct {
	dense  [][]Value
	length uint64 // of dense, in values
	sparse map[uint64]Value
	count  int
}

// memoPiece is how many values a piece of the memo has.
const memoPiece = 256

// absent stands for an index of a piece that was not set.
type absent struct{}

// memoGap is how far beyond the pieces an index may lie to still go into it.
const memoGap = 16

func (m *memo) get(i uint64) (Value, bool) {
	if i < m.length {
		v := m.dense[i/memoPiece][i%memoPiece]
		_, missing := v.(absent)
		return v, !missing
	}
	v, ok := m.sparse[i]
	return v, ok
}

// put sets an entry, and returns how many bytes of memory that took. The caller has
// found out by get whether it is new.
func (m *memo) put(i uint64, v Value, isNew bool) (bytes int64) {
	if isNew {
		m.count++
	}
	_, strayed := m.sparse[i]
	if strayed || i > m.length+memoGap {
		if m.sparse == nil {
			m.sparse = make(map[uint64]Value)
		}
		m.sparse[i] = v
		return costStray
	}
	for ; m.length <= i; m.length++ {
		if m.length%memoPiece == 0 {
			m.dense = append(m.dense, make([]Value, memoPiece))
			bytes += memoPiece*costSlot + 4*costSlot
		}
		// An index that the pieces grow over keeps what the map has.
		stray, ok := m.sparse[m.length]
		if !ok {
			stray = absent{}
		}
		delete(m.sparse, m.length)
		m.dense[m.length/memoPiece][m.length%memoPiece] = stray
	}
	m.dense[i/memoPiece][i%memoPiece] = v
	return bytes
}

// remember runs the opcodes that put the top value into the memo.
func (m *machine) remember(op byte) error {
	i, err := m.index(op)
	if err != nil {
		return err
	}
	v, err := m.top()
	if err != nil {
		return err
	}
	_, known := m.memo.get(i)
	if !known {
		if err := m.account.remember(); err != nil {
			return err
		}
	}
	return m.account.charge(m.memo.put(i, v, !known))
}

// recall runs the opcodes that push a value from the memo.
func (m *machine) recall(op byte) error {
	i, err := m.index(op)
	if err != nil {
		return err
	}
	v, ok := m.memo.get(i)
	if !ok {
		return m.broken("there is no memo entry %d", i)
	}
	return m.push(v)
}

// index returns the memo index that an opcode means.
func (m *machine) index(op byte) (uint64, error) {
	switch op {
	case opBinPut, opBinGet:
		return m.src.uint(1)
	case opLongBinPut, opLongBinGet:
		return m.src.uint(4)
	case opMemoize:
		return uint64(m.memo.count), nil
	}
	line, err := m.src.line(numberLine)
	if err != nil {
		return 0, err
	}
	i, err := strconv.ParseUint(string(line), 10, 62)
	if err != nil {
		return 0, m.broken("a memo index is no number")
	}
	return i, nil
}
