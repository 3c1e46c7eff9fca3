package transform_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"example.com/mlapi/model/transform"
)

// TestPlaces finds categories again: of equal ones the first, a zero by either sign.
func TestPlaces(t *testing.T) {
	given := func(c *transform.Categories, cell any) float64 {
		values := make([]float64, c.Len())
		for i := range values {
			values[i] = float64(i)
		}
		l := must[*transform.Lookup](t)(transform.NewLookup([]transform.LookupColumn{{Categories: c, Values: values, Other: []float64{-1}}}, 1, false))
		return dense(t, l, table([]any{cell}))[0][0]
	}
	texts := make([]string, 1000)
	numbers := make([]float64, len(texts))
	for i := range texts {
		texts[i], numbers[i] = fmt.Sprint(i/2), math.Ldexp(float64(i/2), 40)
	}
	byText := must[*transform.Categories](t)(transform.TextCategories(texts, 0, 7, 999))
	byValue := must[*transform.Categories](t)(transform.NumberCategories(numbers, 7, 999))
	for i := range texts {
		want := float64(i - i%2)
		wantText := want
		switch i {
		case 0, 1:
			wantText = 1 // 0 is a missing one
		case 6, 7:
			wantText, want = 6, 6
		}
		if got := given(byText, texts[i]); got != wantText {
			t.Errorf("text %q is category %v, want %v", texts[i], got, wantText)
		}
		if got := given(byValue, numbers[i]); got != want {
			t.Errorf("%v is category %v, want %v", numbers[i], got, want)
		}
	}
	if got := given(byValue, math.Copysign(0, -1)); got != 0 {
		t.Errorf("-0 is category %v", got)
	}
	if a, b := given(byText, nil), given(byText, "no"); a != 999 || b != -1 {
		t.Errorf("a missing text is category %v, an unknown one %v", a, b)
	}
	if _, err := transform.TextCategories(texts, 7, 7); err == nil {
		t.Error("one category is missing twice")
	}
}

// TestPlacesAreSmall: what finds a million short texts again takes less than they do.
func TestPlacesAreSmall(t *testing.T) {
	texts := make([]string, 1_000_000)
	for i := range texts {
		texts[i] = fmt.Sprintf("%05x", i)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c, err := transform.TextCategories(texts)
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / uint64(len(texts)); err != nil || c.Len() != len(texts) || each > 16 {
		t.Errorf("each takes %d bytes (%v)", each, err)
	}
}
