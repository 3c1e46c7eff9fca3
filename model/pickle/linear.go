package pickle

import (
	"bytes"
	"strings"
)

// mostTexts is how many texts linear remembers, and mostText how long they may be:
// names are few and short.
const (
	mostTexts = 4096
	mostText  = 256
)

// linear walks through the rest of a pickle whose stack is lost, opcode by opcode, and
// notes what it names. The texts of STACK_GLOBAL are the two that came last, or were
// taken from the memo last. It keeps no values and allocates next to nothing, so only
// the limit on bytes holds it.
func (s *scanner) linear(m *machine) {
	texts := &recent{memo: make(map[uint64]string)}
	for {
		op, err := m.src.byte()
		if err != nil {
			return
		}
		info, ok := opcodes[op]
		if !ok {
			return
		}
		s.counts[op]++
		s.op = op
		switch op {
		case opStop:
			return
		case opGlobal, opInst:
			if _, err := m.global(opGlobal); err != nil {
				return
			}
		case opStackGlobal:
			s.passed(m, Global{strings.Clone(texts.last[0]), strings.Clone(texts.last[1])})
		case opGet, opBinGet, opLongBinGet:
			i, err := m.index(op)
			if err != nil {
				return
			}
			texts.get(i)
		case opPut, opBinPut, opLongBinPut:
			i, err := m.index(op)
			if err != nil {
				return
			}
			texts.put(i)
		case opMemoize:
			texts.put(texts.memos)
		default:
			text, err := m.src.skip(info.argument)
			if err != nil {
				return
			}
			texts.add(text)
		}
	}
}

// passed notes a name that linear comes by, with the verdict it would get.
func (s *scanner) passed(m *machine, g Global) {
	if g.Module == "" || g.Name == "" {
		return
	}
	var err error
	if lookup(g) == foreign && (strings.Contains(g.Name, ".") || !m.allow(g)) {
		err = &RefusedError{Global: g}
	}
	_, _ = s.named(m, g, err) // a refusal is noted, and no end here
}

// recent are the texts that a pickle had last.
type recent struct {
	last  [2]string
	memo  map[uint64]string
	memos uint64 // entries made
}

func (r *recent) add(text []byte) {
	if text != nil {
		r.last = [2]string{r.last[1], string(text)}
	}
}

func (r *recent) put(i uint64) {
	if r.memos++; len(r.memo) < mostTexts {
		r.memo[i] = r.last[1]
	}
}

func (r *recent) get(i uint64) {
	if text, ok := r.memo[i]; ok {
		r.last = [2]string{r.last[1], text}
	}
}

// skip skips the argument of an opcode, and returns it where it is a short text.
func (s *source) skip(kind argument) ([]byte, error) {
	width, isText := 0, false
	switch kind {
	case argNone:
		return nil, nil
	case arg1, arg2, arg4, arg8:
		_, err := s.peek(map[argument]int{arg1: 1, arg2: 2, arg4: 4, arg8: 8}[kind])
		return nil, err
	case argLine:
		line, err := s.line(numberLine)
		return short(bytes.Trim(line, "'\"")), err
	case argText1, argText4, argText8:
		isText, width = true, map[argument]int{argText1: 1, argText4: 4, argText8: 8}[kind]
	default:
		width = map[argument]int{argBytes1: 1, argBytes4: 4, argBytes8: 8}[kind]
	}
	n, err := s.uint(width)
	if err != nil {
		return nil, err
	}
	if isText && n <= mostText {
		return s.peek(int(n))
	}
	for n > 0 {
		k, err := s.r.Discard(int(min(n, 1<<30)))
		if n -= uint64(k); err != nil {
			return nil, s.fail(err)
		}
	}
	return nil, nil
}

// short returns text, or nil where it is longer than a name.
func short(text []byte) []byte {
	if len(text) > mostText {
		return nil
	}
	return text
}

// resume goes to where another pickle seems to begin: an opcode PROTO, or one that
// names a class. It reports whether there is such a place.
func (s *scanner) resume(src *source) bool {
	for {
		window, err := src.r.Peek(sourceBuffer)
		if len(window) == 0 {
			return false
		}
		if at := beginning(window); at >= 0 {
			_, err := src.r.Discard(at)
			return err == nil
		}
		// A beginning may lie across the end of the window.
		step := len(window)
		if err == nil {
			step -= 2 * mostText
		}
		if _, err := src.r.Discard(step); err != nil {
			return false
		}
	}
}

// beginning returns where in data a pickle seems to begin, -1 where none does.
func beginning(data []byte) int {
	for at, c := range data {
		rest := data[at+1 : min(len(data), at+2*mostText)]
		switch c {
		case opProto:
			if len(rest) > 0 && rest[0] >= 2 && rest[0] <= highestProtocol {
				return at
			}
		case opGlobal:
			module, rest, _ := bytes.Cut(rest, []byte("\n"))
			name, _, whole := bytes.Cut(rest, []byte("\n"))
			if whole && isDotted(module) && isDotted(name) {
				return at
			}
		}
	}
	return -1
}

func isDotted(name []byte) bool {
	for i, c := range name {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c != '.' && (c < '0' || c > '9')) {
			return false
		}
	}
	return len(name) > 0
}
