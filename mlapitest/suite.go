package mlapitest

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"unicode"

	"example.com/mlapi"
)

// poison is written over memory that a part may not look at any more.
const poison = -7.77e77

// caught runs f and returns its error, a panic as an error too.
func caught(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return f()
}

// concurrently runs check on many goroutines at once, several times each, and
// returns one of the errors.
func concurrently(check func() error) error {
	const goroutines, runs = 8, 10
	errs := make([]error, goroutines)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for range runs {
				if errs[g] = check(); errs[g] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// logAllocations logs how often a warm call of f allocates. The figure is of the
// whole process, as tests that run beside it allocate too, and so only a hint.
func logAllocations(t testing.TB, name string, f func() error) {
	t.Helper()
	const runs = 50
	for range 2 { // warm up
		if f() != nil {
			return // a fault that comes and goes: other checks report it
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		_ = f()
	}
	runtime.ReadMemStats(&after)
	t.Logf("%s: %.1f allocations per warm call", name, float64(after.Mallocs-before.Mallocs)/runs)
}

// checkCode returns an error unless err is an *mlapi.Error of that code.
func checkCode(err error, code string) error {
	var e *mlapi.Error
	switch {
	case err == nil:
		return fmt.Errorf("accepted; want the error %q", code)
	case !errors.As(err, &e):
		return fmt.Errorf("error of type %T, want *mlapi.Error: %v", err, err)
	case e.Code != code:
		return fmt.Errorf("error %q, want %q: %v", e.Code, code, err)
	}
	return checkDetail(e)
}

// checkInput returns an error unless err blames the one row sent, number row of the
// request and so many cells wide, and names the place.
func checkInput(err error, row, width int) error {
	var e *mlapi.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("error of type %T, want *mlapi.Error: %v", err, err)
	}
	if e.Kind != mlapi.Invalid {
		return fmt.Errorf("an error of kind %d, want Invalid: the input is at fault: %v", e.Kind, err)
	}
	if got, known := e.Row(); !known || got != row {
		return fmt.Errorf("the error names row %d (known: %t), want %d, counted over the whole request: %v", got, known, row, err)
	}
	if got, known := e.Column(); !known || got >= width {
		return fmt.Errorf("the error names column %d (known: %t) of %d: %v", got, known, width, err)
	}
	return checkDetail(e)
}

// checkDetail returns an error where e's public text is none or is not fit to be
// shown.
func checkDetail(e *mlapi.Error) error {
	const most = 1000
	if e.Code == "" || e.Detail == "" {
		return fmt.Errorf("an error without code or detail: %#v", e)
	}
	if len(e.Detail) > most {
		return fmt.Errorf("error %q has a detail of %d bytes: quote values with mlapi.Quote", e.Code, len(e.Detail))
	}
	for _, r := range e.Detail {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return fmt.Errorf("error %q has the raw character %U in its detail: quote values with mlapi.Quote", e.Code, r)
		}
	}
	return nil
}

// same reports whether a and b are the same value, NaN being equal to NaN.
func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

// compare returns an error naming the first cell where got is not want.
func compare(got, want [][]any) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d rows, want %d", len(got), len(want))
	}
	for i := range got {
		if len(got[i]) != len(want[i]) {
			return fmt.Errorf("row %d has %d values, want %d", i, len(got[i]), len(want[i]))
		}
		for j, g := range got[i] {
			w := want[i][j]
			if a, ok := g.(float64); ok {
				if b, ok := w.(float64); ok && same(a, b) {
					continue
				}
			}
			if g == poison {
				return fmt.Errorf("row %d, column %d is what the suite wrote over the memory of a call that was done: the part has kept it, or left this place unwritten", i, j)
			}
			if g != w {
				return fmt.Errorf("row %d, column %d is %v (%T), want %v (%T)", i, j, g, g, w, w)
			}
		}
	}
	return nil
}

// caseName names a case in messages.
func caseName(name string, number int) string {
	if name != "" {
		return name
	}
	return fmt.Sprintf("case %d", number)
}

// accepted fails t where no case was accepted.
func accepted(t testing.TB, cases int) {
	t.Helper()
	if cases == 0 {
		t.Errorf("no case that is accepted: there is nothing to check")
	}
}

// check is one rule and what becomes of it for a part.
type check struct {
	rule string
	hold func() error
}

// run reports each rule that does not hold.
func run(t testing.TB, name string, checks []check) {
	t.Helper()
	for _, c := range checks {
		if err := c.hold(); err != nil {
			t.Errorf("%s: %s: %v", name, c.rule, err)
		}
	}
}
