package text

import (
	"regexp/syntax"
	"unicode/utf8"
)

// matcher finds what a compiled pattern matches, with word boundaries by Unicode, which
// package regexp does not have. It follows all alternatives at once, in the order in
// which a backtracking matcher would try them, so that it finds the same match in a
// time that grows with the text alone.
type matcher struct {
	program *syntax.Prog
	group   bool // the token is the group, not the whole match
	ascii   bool // word boundaries go by ASCII
}

// thread is one alternative under way.
type thread struct {
	pc                uint32
	begin, open, shut int // of the match and of its group
}

// threads are the alternatives before and behind a character.
type threads struct {
	now, then []thread
	seen      []uint32 // by instruction: the last step that it was reached in
	step      uint32
	todo      []thread
}

// start makes room for a program.
func (t *threads) start(program *syntax.Prog) {
	if len(t.seen) != len(program.Inst) {
		t.seen, t.step = make([]uint32, len(program.Inst)), 0
	}
	t.now, t.then = t.now[:0], t.then[:0]
}

// nextStep makes all instructions unreached again.
func (t *threads) nextStep() {
	if t.step++; t.step == 0 {
		clear(t.seen)
		t.step = 1
	}
}

// next returns the next match from place from on.
func (m *matcher) next(w *work, text []byte, from int) (begin, end, then int) {
	t := &w.threads
	t.start(m.program)
	var best thread
	found, last := false, 0
	before, _ := utf8.DecodeLastRune(text[:from])
	if from == 0 {
		before = -1
	}
	t.nextStep()
	for at := from; !w.watch.stopped(); {
		after, size := rune(-1), 0
		if at < len(text) {
			after, size = utf8.DecodeRune(text[at:])
		}
		if !found {
			// One more place where a match may begin, after all that began before.
			t.now = m.follow(t, t.now, thread{pc: uint32(m.program.Start), begin: at, open: -1}, at, before, after)
		}
		if len(t.now) == 0 && (found || at >= len(text)) {
			break
		}
		t.nextStep()
		t.then = t.then[:0]
		next := rune(-1)
		if at+size < len(text) {
			next, _ = utf8.DecodeRune(text[at+size:])
		}
		for _, th := range t.now {
			in := &m.program.Inst[th.pc]
			if in.Op == syntax.InstMatch {
				best, found, last = th, true, at
				break // those behind it come second
			}
			if size > 0 && matches(in, after) {
				th.pc = in.Out
				t.then = m.follow(t, t.then, th, at+size, after, next)
			}
		}
		t.now, t.then = t.then, t.now
		if size == 0 {
			break
		}
		before, at = after, at+size
	}
	switch {
	case !found:
		return -1, -1, len(text)
	case m.group && best.open < 0:
		return last, last, last // a group that took no part is an empty token
	case m.group:
		return best.open, best.shut, last
	}
	return best.begin, last, last
}

// follow adds the instructions that th reaches without a character, in order.
func (m *matcher) follow(t *threads, list []thread, th thread, at int, before, after rune) []thread {
	t.todo = append(t.todo[:0], th)
	for len(t.todo) > 0 {
		th := t.todo[len(t.todo)-1]
		t.todo = t.todo[:len(t.todo)-1]
		if t.seen[th.pc] == t.step {
			continue
		}
		t.seen[th.pc] = t.step
		in := &m.program.Inst[th.pc]
		switch in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			second := th
			second.pc, th.pc = in.Arg, in.Out
			t.todo = append(t.todo, second, th)
		case syntax.InstCapture:
			switch in.Arg {
			case 2:
				th.open = at
			case 3:
				th.shut = at
			}
			th.pc = in.Out
			t.todo = append(t.todo, th)
		case syntax.InstEmptyWidth:
			if m.holds(syntax.EmptyOp(in.Arg), before, after) {
				th.pc = in.Out
				t.todo = append(t.todo, th)
			}
		case syntax.InstNop:
			th.pc = in.Out
			t.todo = append(t.todo, th)
		case syntax.InstFail:
		default:
			list = append(list, th)
		}
	}
	return list
}

// matches reports whether the instruction takes r.
func matches(in *syntax.Inst, r rune) bool {
	switch in.Op {
	case syntax.InstRune, syntax.InstRune1:
		return in.MatchRune(r)
	case syntax.InstRuneAny:
		return true
	case syntax.InstRuneAnyNotNL:
		return r != '\n'
	}
	return false
}

// holds reports whether the conditions hold between two characters, -1 being an end of
// the text.
func (m *matcher) holds(conditions syntax.EmptyOp, before, after rune) bool {
	var here syntax.EmptyOp
	if before < 0 {
		here |= syntax.EmptyBeginText
	}
	if after < 0 {
		here |= syntax.EmptyEndText
	}
	if m.word(before) != m.word(after) {
		here |= syntax.EmptyWordBoundary
	} else {
		here |= syntax.EmptyNoWordBoundary
	}
	return conditions&^here == 0
}

// word reports whether \w takes r, which may be an end of the text.
func (m *matcher) word(r rune) bool {
	return r >= 0 && isWord(r) && !(m.ascii && r >= utf8.RuneSelf)
}
