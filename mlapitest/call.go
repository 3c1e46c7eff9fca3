package mlapitest

import (
	"fmt"
	"testing"

	"example.com/mlapi"
)

// call is a use of a part with memory of its own, which it gives to the part as a
// pipeline does.
type call struct {
	fill    func(first, from, to int) // takes the case's samples from to to as rows first and following
	run     func() error              // may be called again
	same    func() error              // an error where the part changed what it was given; may be nil
	values  func() ([][]any, error)   // copies the answer, once its shape is found right
	soil    func()                    // leaves traces of an earlier use where the answer goes
	spoil   func()                    // overwrites what was given
	respoil func()                    // overwrites the answer
}

// suite checks a part with one case.
type suite struct {
	samples            int    // of the case
	sample, given, got string // words for a sample, for what a part is given and for what it fills
	firsts             []int  // rows of the request at which the samples are tried
	call               func() *call
	hostile            check
	wanted             [][]any               // what the case wants; nil takes any answer
	shown              func(got []any) []any // the part of a sample's answer that the case wants
	want               [][]any               // what the part answered the first time
}

// check checks a part with an accepted case.
func (s *suite) check(t testing.TB, name string) {
	t.Helper()
	want, err := s.once(0, 0, s.samples)
	if err != nil {
		t.Errorf("%s: refused: %v", name, err)
		return
	}
	s.want = want
	run(t, name, []check{
		{"the answer", s.answer},
		{"a block later in the request", func() error { return s.repeat(s.firsts[len(s.firsts)-1]) }},
		{"dirty " + s.got, s.dirty},
		{"nothing kept of the arguments", s.kept},
		{s.sample + "s one by one", s.oneByOne},
		{"many goroutines", func() error { return concurrently(s.again) }},
		s.hostile,
	})
	c := s.call()
	c.fill(0, 0, s.samples)
	logAllocations(t, name, c.run)
}

// once runs the part on some of the samples with fresh memory, which it overwrites
// afterwards.
func (s *suite) once(first, from, to int) ([][]any, error) {
	c := s.call()
	c.fill(first, from, to)
	defer c.spoil()
	defer c.respoil()
	err := c.run()
	if c.same != nil {
		if err := c.same(); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	return c.values()
}

func (s *suite) again() error { return s.repeat(0) }

// repeat runs the part on the case as rows first and following.
func (s *suite) repeat(first int) error {
	got, err := s.once(first, 0, s.samples)
	if err != nil {
		return err
	}
	return compare(got, s.want)
}

// refused returns an error unless the part refuses the case with that code.
func (s *suite) refused(code string) error {
	for _, first := range s.firsts {
		_, err := s.once(first, 0, s.samples)
		if err := checkCode(err, code); err != nil {
			return err
		}
		if row, known := mlapi.AsError(err).Row(); known && (row < first || row >= first+s.samples) {
			return fmt.Errorf("the error names row %d of a block of %d %ss that begins at row %d: %v", row, s.samples, s.sample, first, err)
		}
	}
	return nil
}

func (s *suite) answer() error {
	if s.wanted == nil {
		return nil
	}
	got := make([][]any, len(s.want))
	for i, values := range s.want {
		got[i] = s.shown(values)
	}
	return compare(got, s.wanted)
}

// dirty gives the part memory that was used before.
func (s *suite) dirty() error {
	c := s.call()
	c.fill(0, 0, s.samples)
	c.soil()
	if err := c.run(); err != nil {
		return err
	}
	got, err := c.values()
	if err != nil {
		return err
	}
	return compare(got, s.want)
}

// kept overwrites the arguments after a call, and looks whether that call's answer
// or the next one changes.
func (s *suite) kept() error {
	c := s.call()
	c.fill(0, 0, s.samples)
	if err := c.run(); err != nil {
		return err
	}
	c.spoil()
	got, err := c.values()
	if err == nil {
		err = compare(got, s.want)
	}
	if err != nil {
		return fmt.Errorf("after the %s were used again: %w", s.given, err)
	}
	c.respoil()
	if err := s.again(); err != nil {
		return fmt.Errorf("after the %s were used again: %w", s.got, err)
	}
	return nil
}

func (s *suite) oneByOne() error {
	for i := range s.samples {
		got, err := s.once(i, i, i+1)
		if err == nil {
			err = compare(got, s.want[i:i+1])
		}
		if err != nil {
			return fmt.Errorf("%s %d alone: %w", s.sample, i, err)
		}
	}
	return nil
}

// whole shows all of an answer.
func whole(got []any) []any { return got }
