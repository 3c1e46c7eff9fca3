package text_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/model/text"
)

func hasher(t *testing.T, o text.Options) *text.Hasher {
	t.Helper()
	a, err := text.NewAnalysis(o)
	if err != nil {
		t.Fatal(err)
	}
	h, err := text.NewHasher(a, 16, text.NoSigns, text.Weights{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestLongTextsAreRefused sends texts whose n-grams would take minutes or gigabytes.
func TestLongTextsAreRefused(t *testing.T) {
	long := strings.Repeat("ab c", 1<<18)
	for name, o := range map[string]text.Options{
		"characters":          {Unit: text.Chars, MinN: 1, MaxN: 1 << 10},
		"characters, long":    {Unit: text.Chars, MinN: 1 << 10, MaxN: 1 << 10},
		"characters of words": {Unit: text.CharsInWords, MinN: 1, MaxN: 1 << 10},
		"words":               {Unit: text.Words, Pattern: text.DefaultPattern, MinN: 1, MaxN: 1 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			sent := long
			if o.Unit == text.CharsInWords {
				sent = strings.ReplaceAll(long, " ", "")
			}
			h := hasher(t, o)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			err := h.Transform(t.Context(), new(mlapi.Matrix), texts("fine", sent))
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			var e *mlapi.Error
			if !errors.As(err, &e) || e.Code != "text_too_long" {
				t.Fatalf("error is %v", err)
			}
			if row, _ := e.Row(); row != 11 {
				t.Errorf("the error is about row %d", row)
			}
			if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 64 || took > 2*time.Second {
				t.Errorf("%d MiB were allocated in %v", mib, took)
			}
			// What one text took is not held against the next.
			for range 2 {
				if err := h.Transform(t.Context(), new(mlapi.Matrix), texts("fine", "it is")); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestLongTextsAreCounted sends a text as long as the command reads, as words.
func TestLongTextsAreCounted(t *testing.T) {
	h := hasher(t, text.Options{Pattern: text.DefaultPattern, MinN: 1, MaxN: 2})
	var m mlapi.Matrix
	if err := h.Transform(t.Context(), &m, texts(strings.Repeat("word ", 16<<20/5))); err != nil || m.Samples() != 1 {
		t.Errorf("%d samples, %v", m.Samples(), err)
	}
}

// ending is a request that is over after so many looks at it.
type ending struct {
	context.Context
	looks int
}

func (e *ending) Err() error {
	if e.looks--; e.looks < 0 {
		return context.Canceled
	}
	return nil
}

// TestOneTextCanBeStopped ends requests of one long text, of which the last takes hours:
// each place in it is followed to the end of the text.
func TestOneTextCanBeStopped(t *testing.T) {
	long := strings.Repeat("ab cd ", 1<<18)
	for name, o := range map[string]text.Options{
		"characters":          {Unit: text.Chars, MinN: 2, MaxN: 3},
		"characters of words": {Unit: text.CharsInWords, MinN: 2, MaxN: 3},
		"words":               {Unit: text.Words, Pattern: text.DefaultPattern, MinN: 1, MaxN: 2},
		"a slow pattern":      {Unit: text.Words, Pattern: "a(?:.*z)?", MinN: 1, MaxN: 1},
	} {
		h := hasher(t, o)
		begin := time.Now()
		err := h.Transform(&ending{t.Context(), 2}, new(mlapi.Matrix), texts(long))
		var e *mlapi.Error
		if !errors.As(err, &e) || e.Code != "cancelled" {
			t.Errorf("%s: error is %v", name, err)
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
		// Nothing of it is held against the next.
		if err := h.Transform(t.Context(), new(mlapi.Matrix), texts("fine", "it is")); err != nil {
			t.Errorf("%s: the next request: %v", name, err)
		}
	}
}
