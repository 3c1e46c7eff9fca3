package pickle

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// scanner notes what a machine does, and keeps it going where it would stop.
type scanner struct {
	report *Report
	uses   map[Global]int // places in report.Globals
	counts [256]int64     // opcodes
	op     byte           // the opcode under way
	inside string         // what the pickle under way is hidden in
	hidden int            // how deep
	base   int64          // offset of a hidden pickle in the file
}

// run is machine.run for a file that may be hostile: what is refused is noted, and an
// opaque object stands for what it would have made.
func (s *scanner) run(m *machine) (Value, error) {
	for {
		if err := m.account.opcode(); err != nil {
			return nil, err
		}
		op, err := m.src.byte()
		if err != nil {
			return nil, err
		}
		s.counts[op]++
		s.op = op
		if op == opStop {
			v, err := m.stop()
			s.problem(m, err)
			return v, nil
		}
		if err := s.step(m, op); err != nil {
			return nil, err
		}
	}
}

func (s *scanner) step(m *machine, op byte) error {
	switch op {
	case opGlobal, opStackGlobal:
		g, err := m.global(op)
		if err == nil {
			return m.push(g)
		}
		return s.opaque(m, len(m.stack), err)
	case opReduce, opNewObj:
		return s.call(m, op, len(m.stack)-2)
	case opNewObjEx:
		return s.call(m, op, len(m.stack)-3)
	case opInst, opObj:
		if len(m.marks) == 0 {
			return m.step(op)
		}
		err := m.step(op)
		if err == nil {
			return nil
		}
		return s.opaque(m, len(m.stack), err) // the arguments are off it
	case opBuild:
		return s.build(m)
	case opPersID, opBinPersID, opExt1, opExt2, opExt4, opNextBuffer, opReadonlyBuffer:
		return s.mechanism(m, op)
	}
	height := len(m.stack)
	err := m.step(op)
	if err == nil && len(m.stack) == height+1 {
		switch v := m.stack[height].(type) {
		case []byte:
			s.look(m, v, "bytes")
		case string:
			if !mayHideIn(v) {
				break
			}
			if raw, ok := latin1Bytes(v); ok {
				s.look(m, raw, "a text")
			}
		}
	}
	return err
}

// call runs an opcode that takes a callable and its arguments off the stack, down to
// height, and leaves one value.
func (s *scanner) call(m *machine, op byte, height int) error {
	if height < m.base() {
		return m.step(op)
	}
	if err := m.step(op); err != nil {
		return s.opaque(m, height, err)
	}
	return nil
}

// opaque goes on after err where that is no end: it is noted, and an object that means
// nothing is pushed at height.
func (s *scanner) opaque(m *machine, height int, err error) error {
	var limit *LimitError
	if errors.As(err, &limit) || height < m.base() || height > len(m.stack) {
		return err
	}
	var broken *FormatError
	if errors.As(err, &broken) && (s.op == opGlobal || s.op == opStackGlobal || s.op == opInst) {
		return err // the name did not end, or the stack was empty
	}
	s.problem(m, err)
	m.stack = m.stack[:height]
	if err := m.account.charge(costObject); err != nil {
		return err
	}
	return m.push(&Object{})
}

// build runs BUILD. A state that is refused is noted and left out.
func (s *scanner) build(m *machine) error {
	if len(m.stack)-m.base() < 2 {
		return m.step(opBuild)
	}
	height := len(m.stack) - 1
	a, isArray := m.stack[height-1].(*Array)
	inFile := isArray && m.pending[a] != 0 && m.pending[a] != wantsState
	err := m.step(opBuild)
	var limit *LimitError
	if err == nil || inFile || errors.As(err, &limit) {
		return err // the bytes of an array follow: where they end is not known
	}
	s.problem(m, err)
	m.stack = m.stack[:height]
	return nil
}

// mechanism notes an opcode that is never run, and runs its part on the stack.
func (s *scanner) mechanism(m *machine, op byte) error {
	s.problem(m, m.refuse(op))
	var err error
	switch op {
	case opPersID:
		_, err = m.src.line(numberLine)
	case opBinPersID:
		_, err = m.pop()
	case opExt1:
		_, err = m.src.peek(1)
	case opExt2:
		_, err = m.src.peek(2)
	case opExt4:
		_, err = m.src.peek(4)
	case opReadonlyBuffer:
		return nil
	}
	if err == nil {
		err = m.account.charge(costObject)
	}
	if err != nil {
		return err
	}
	return m.push(&Object{})
}

// named notes that a file names g, and lets it pass. err is what reading it gave.
func (s *scanner) named(m *machine, g Global, err error) (Global, error) {
	var refused *RefusedError
	if err != nil && (!errors.As(err, &refused) || g == Global{}) {
		return g, err
	}
	verdict := Known
	switch {
	case err != nil && dangerous(g):
		verdict = Dangerous
	case err != nil:
		verdict = Refused
	case lookup(g) == foreign:
		verdict = Allowed
	}
	s.fail(err)
	if i, ok := s.use(m, g, verdict); ok {
		s.report.Globals[i].Named++
	}
	return g, nil
}

// use returns the place of g in the report, where it is put with a verdict if it is not
// there yet.
func (s *scanner) use(m *machine, g Global, v Verdict) (int, bool) {
	g = Global{g.Module[:min(len(g.Module), mostName)], g.Name[:min(len(g.Name), mostName)]}
	if i, ok := s.uses[g]; ok {
		return i, true
	}
	if len(s.report.Globals) >= mostUses {
		s.report.More = true
		return 0, false
	}
	s.uses[g] = len(s.report.Globals)
	s.report.Globals = append(s.report.Globals, Use{Global: g, Verdict: v, Offset: s.base + m.src.offset(), Inside: s.inside})
	return len(s.report.Globals) - 1, true
}

// called notes that the file has g called.
func (s *scanner) called(m *machine, g Global) {
	name := opcodes[s.op].name
	i, ok := s.use(m, g, Refused)
	if ok && !slices.Contains(s.report.Globals[i].Calls, name) {
		s.report.Globals[i].Calls = append(s.report.Globals[i].Calls, name)
	}
}

// fail keeps the first error, which is that of Read.
func (s *scanner) fail(err error) {
	if s.report.Err == nil {
		s.report.Err = err
	}
}

// problem notes an error that is not about a name that is on no list.
func (s *scanner) problem(m *machine, err error) {
	if err == nil {
		return
	}
	s.fail(err)
	finding := Finding{Offset: s.base + m.src.offset(), Inside: s.inside, What: err.Error()}
	var refused *RefusedError
	if errors.As(err, &refused) {
		// What follows the first pickle may be anything, and no pickle at all.
		finding.Hostile = refused.hostile && s.report.Pickles <= 1
		s.condemn(m, refused.Global)
	}
	s.note(finding)
}

// condemn changes the verdict on a name that may be given in one way, and was met in
// another.
func (s *scanner) condemn(m *machine, g Global) {
	verdict := Refused
	if dangerous(g) {
		verdict = Dangerous
	}
	if k := lookup(g); g == (Global{}) || k == foreign && m.allow(g) {
		return
	}
	if i, ok := s.use(m, g, verdict); ok {
		s.report.Globals[i].Verdict = verdict
	}
}

func (s *scanner) note(f Finding) {
	if len(s.report.Findings) >= mostFindings {
		s.report.More = true
		return
	}
	s.report.Findings = append(s.report.Findings, f)
}

// look looks for a pickle in bytes that the file holds.
func (s *scanner) look(m *machine, data []byte, what string) {
	if s.hidden >= mostHidden || !mayHide(data) {
		return
	}
	at := s.base + m.src.offset() - int64(len(data))
	inner := &scanner{
		report: &Report{}, uses: make(map[Global]int), hidden: s.hidden + 1, base: at,
		inside: fmt.Sprintf("%s at byte %d", what, at),
	}
	if m.account.charge(int64(2*len(data))) != nil {
		s.report.More = true
		return
	}
	src := newSizedSource(bytes.NewReader(data), int64(len(data)), min(len(data), sourceBuffer))
	hidden := &machine{src: src, allow: m.allow, account: m.account, scan: inner}
	if _, err := inner.run(hidden); err != nil {
		inner.problem(hidden, err)
		inner.linear(hidden)
	}
	if len(inner.report.Globals) == 0 {
		return // nothing that a pickle would be hidden for, and maybe none
	}
	s.note(Finding{Offset: at, Inside: s.inside, What: "a pickle lies in " + inner.inside})
	for _, u := range inner.report.Globals {
		if len(s.report.Globals) >= mostUses {
			s.report.More = true
			return
		}
		s.report.Globals = append(s.report.Globals, u)
	}
	for _, f := range inner.report.Findings {
		s.note(f)
	}
}

// mayHideIn is mayHide for a text, whose characters stand for bytes.
func mayHideIn(s string) bool {
	const proto, stackGlobal = "\u0080", "\u0093"
	return strings.HasPrefix(s, proto) || strings.Contains(s, stackGlobal) || strings.Contains(s, "\n") && strings.Contains(s, ".")
}

// mayHide reports whether data can be a pickle that names something: it begins as one,
// or has somewhere the opcode or the lines that name a class.
func mayHide(data []byte) bool {
	if len(data) < 4 {
		return false
	}
	return data[0] == opProto && data[1] <= highestProtocol || bytes.IndexByte(data, opStackGlobal) >= 0 ||
		bytes.IndexByte(data, '\n') >= 0 && bytes.IndexByte(data, opStop) >= 0
}
