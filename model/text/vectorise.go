package text

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"sync"

	"example.com/mlapi"
	"example.com/mlapi/model/transform"
)

// column is embedded by what takes one column of texts.
type column struct{ features int }

// Width returns 1 and how many features are made.
func (c column) Width() (in, out int) { return 1, c.features }

// Columns returns that any text is taken.
func (column) Columns([]transform.Column) []transform.Column {
	return []transform.Column{{Kind: transform.Text}}
}

// Origin returns 0: all features come from the one column.
func (column) Origin(int) int { return 0 }

// Counter counts the terms of a vocabulary (scikit-learn's CountVectorizer) and weighs
// the counts (TfidfVectorizer).
type Counter struct {
	column
	analysis   *Analysis
	vocabulary map[string]int
	weights    Weights
	pool       sync.Pool // of *work
}

// NewCounter returns a vectoriser; vocabulary has for each term its feature, which is
// one of so many.
func NewCounter(a *Analysis, vocabulary map[string]int, features int, w Weights) (*Counter, error) {
	if features < 1 || len(vocabulary) == 0 {
		return nil, errors.New("the vocabulary is empty")
	}
	for term, at := range vocabulary {
		if at < 0 || at >= features {
			return nil, fmt.Errorf("the term %s is feature %d of %d", mlapi.Quote([]byte(term)), at, features)
		}
	}
	if err := w.check(features); err != nil {
		return nil, err
	}
	c := &Counter{column: column{features}, analysis: a.limit(vocabulary), vocabulary: vocabulary, weights: w}
	c.pool.New = func() any { return new(work) }
	return c, nil
}

// found looks a term up.
func (c *Counter) found(w *work, term []byte) {
	if at, known := c.vocabulary[string(term)]; known {
		w.terms = append(w.terms, int64(at)<<1)
	}
}

// Transform counts the terms of every text. A missing text is an Invalid *mlapi.Error.
func (c *Counter) Transform(ctx context.Context, dst, src *mlapi.Matrix) error {
	return vectorise(ctx, dst, src, c.features, &c.pool, func(w *work, text string) {
		c.analysis.terms(w, text, c)
		w.count()
		c.weights.apply(w.columns, w.values)
	})
}

// vectorise makes a sparse row of each text of src: row leaves it in w.
func vectorise(ctx context.Context, dst, src *mlapi.Matrix, features int, pool *sync.Pool, row func(w *work, text string)) error {
	w := pool.Get().(*work)
	w.watch = watch{ctx: ctx}
	defer func() {
		w.watch.ctx = nil // the pool outlives the request
		pool.Put(w)
	}()
	dst.ResizeSparse(features)
	for i := range src.Samples() {
		if err := mlapi.Cancelled(ctx); err != nil {
			return err
		}
		var one [1]float64
		v := src.DenseRow(i, one[:])[0]
		if v != v {
			return mlapi.Cellf("missing_value", src.Number(i), 0, "the text is missing.")
		}
		if at := int(v); at < 0 || at >= len(src.Texts) {
			return mlapi.Internalf("text: row %d has text %v of %d", i, v, len(src.Texts))
		}
		w.terms, w.left = w.terms[:0], affordable()
		row(w, src.Texts[int(v)])
		if w.watch.over {
			return mlapi.Cancelled(ctx)
		}
		if w.left.terms < 0 {
			return mlapi.Cellf("text_too_long", src.Number(i), 0, "the text has too many n-grams for this model.")
		}
		if finite(w.values) >= 0 {
			return mlapi.ValueTooLarge(src.Number(i), 0)
		}
		for k, column := range w.columns {
			dst.Append(int(column), w.values[k])
		}
		dst.EndSample()
	}
	return nil
}

// count makes columns and values of the terms: a term is twice its feature, and one
// more where it counts as -1.
func (w *work) count() {
	slices.Sort(w.terms)
	w.columns, w.values = w.columns[:0], w.values[:0]
	last := int64(-1)
	for _, t := range w.terms {
		if t>>1 != last {
			last = t >> 1
			w.columns, w.values = append(w.columns, int32(last)), append(w.values, 0)
		}
		w.values[len(w.values)-1] += float64(1 - 2*(t&1))
	}
}

// Hasher counts terms by a hash (scikit-learn's HashingVectorizer): several may fall
// on one feature.
type Hasher struct {
	column
	analysis *Analysis
	signs    Signs
	weights  Weights
	pool     sync.Pool // of *work
}

// Signs says what a term adds to its feature.
type Signs uint8

const (
	// NoSigns: 1 (alternate_sign=False).
	NoSigns Signs = iota
	// AlternateSigns: 1 or -1, by the sign of the hash.
	AlternateSigns
	// AbsoluteSigns: the same, of whose sum the size counts (non_negative=True, up to
	// scikit-learn 0.20).
	AbsoluteSigns
)

// NewHasher returns a vectoriser of so many features.
func NewHasher(a *Analysis, features int, signs Signs, w Weights) (*Hasher, error) {
	if features < 1 || features > 1<<31-1 || signs > AbsoluteSigns {
		return nil, fmt.Errorf("%d features are not served", features)
	}
	if err := w.check(features); err != nil {
		return nil, err
	}
	h := &Hasher{column: column{features}, analysis: a, signs: signs, weights: w}
	h.pool.New = func() any { return new(work) }
	return h, nil
}

// found hashes a term. The feature is the remainder of the hash's size, where -2^31,
// which has none in 32 bits, stands for 2^31 (sklearn/feature_extraction/_hashing_fast.pyx).
func (h *Hasher) found(w *work, term []byte) {
	hash := int64(int32(murmur3(term)))
	negative := int64(0)
	if hash < 0 {
		hash = -hash
		if h.signs != NoSigns {
			negative = 1
		}
	}
	w.terms = append(w.terms, hash%int64(h.features)<<1|negative)
}

// Transform counts the terms of every text. A missing text is an Invalid *mlapi.Error.
func (h *Hasher) Transform(ctx context.Context, dst, src *mlapi.Matrix) error {
	return vectorise(ctx, dst, src, h.features, &h.pool, func(w *work, text string) {
		h.analysis.terms(w, text, h)
		w.count()
		if h.signs == AbsoluteSigns {
			for k, v := range w.values {
				w.values[k] = max(v, -v)
			}
		}
		h.weights.apply(w.columns, w.values)
	})
}

// murmur3 is MurmurHash3_x86_32 with the seed 0 (Austin Appleby, public domain).
func murmur3(data []byte) uint32 {
	const c1, c2 = 0xcc9e2d51, 0x1b873593
	h, n := uint32(0), uint32(len(data))
	for ; len(data) >= 4; data = data[4:] {
		k := uint32(data[0]) | uint32(data[1])<<8 | uint32(data[2])<<16 | uint32(data[3])<<24
		h ^= bits.RotateLeft32(k*c1, 15) * c2
		h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
	}
	k := uint32(0)
	for i := len(data) - 1; i >= 0; i-- {
		k = k<<8 | uint32(data[i])
	}
	if len(data) > 0 {
		h ^= bits.RotateLeft32(k*c1, 15) * c2
	}
	h ^= n
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return h ^ h>>16
}
