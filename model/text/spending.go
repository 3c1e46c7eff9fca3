package text

import "context"

// spending is what the n-grams of one text may still take: their number is memory, their
// bytes are time.
type spending struct{ terms, bytes int }

// affordable is enough for the words of a text of 16 MiB, or for n-grams of one to five
// characters of 3 MiB.
func affordable() spending { return spending{terms: 1 << 24, bytes: 1 << 30} }

// afford takes off what the n-grams from minN to maxN of so many units (characters or
// tokens) take, which are size bytes together. It returns false, and w.left stays below 0,
// where that is too much for one text.
func (w *work) afford(units, size, minN, maxN int) bool {
	for n := minN; n <= min(maxN, units); n++ {
		count := units - n + 1
		w.left.terms -= count
		w.left.bytes -= count * n * (size/units + 1)
		if w.left.terms < 0 || w.left.bytes < 0 {
			w.left.terms = -1
			return false
		}
	}
	return true
}

// watch looks now and then whether the request that a text came with goes on: one text
// can take seconds, and a pattern of a file's choosing longer.
type watch struct {
	ctx   context.Context // of the Transform under way
	steps uint
	over  bool
}

// stopped reports whether to leave off, and counts a step.
func (w *watch) stopped() bool {
	const often = 1 << 12 // steps; n-grams have at most mostN characters
	if w.steps++; w.steps%often == 0 && w.ctx.Err() != nil {
		w.over = true
	}
	return w.over
}
