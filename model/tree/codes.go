package tree

import (
	"context"
	"math"
	"sync"

	"example.com/mlapi"
)

// Codes are the numbers that the categories of a feature had when the trees were
// trained: the place in Texts or in Numbers, of which one is set.
type Codes struct {
	Feature int
	Texts   []string  // the cells are texts (indexes into Matrix.Texts)
	Numbers []float64 // the cells are numbers
	// Strict makes a category that is not listed an Invalid *mlapi.Error
	// ("unknown_category"). Otherwise it is a missing value.
	Strict bool
}

// Coded is a Marginal whose rows hold categories where the trees know their codes.
type Coded struct {
	Marginal
	columns map[int]*codeTable
	order   []int     // the keys of columns as they were given
	scratch sync.Pool // of *mlapi.Matrix
}

type codeTable struct {
	texts   map[string]float64
	numbers map[float64]float64
	strict  bool
}

// NewCoded returns b for rows whose categories become codes first. A missing value
// stays one. It returns b itself where codes is empty.
func NewCoded(b Marginal, codes []Codes) Marginal {
	if len(codes) == 0 {
		return b
	}
	c := &Coded{Marginal: b, columns: make(map[int]*codeTable, len(codes))}
	for _, list := range codes {
		t := &codeTable{strict: list.Strict}
		if list.Texts != nil {
			t.texts = make(map[string]float64, len(list.Texts))
			for code, text := range list.Texts {
				t.texts[text] = float64(code)
			}
		} else {
			t.numbers = make(map[float64]float64, len(list.Numbers))
			for code, v := range list.Numbers {
				t.numbers[v] = float64(code)
			}
		}
		c.columns[list.Feature], c.order = t, append(c.order, list.Feature)
	}
	c.scratch.New = func() any { return new(mlapi.Matrix) }
	return c
}

// Margins is Marginal's, of the rows with codes. It does not change m.
func (c *Coded) Margins(ctx context.Context, dst []float64, m *mlapi.Matrix) error {
	coded := c.scratch.Get().(*mlapi.Matrix)
	defer func() {
		coded.Reset(0) // lets go of the texts of m
		c.scratch.Put(coded)
	}()
	coded.Copy(m)
	for i := range coded.Samples() {
		var err error
		if coded.Sparse() {
			err = c.codeSparse(coded, i)
		} else {
			err = c.codeDense(coded, i)
		}
		if err != nil {
			return err
		}
	}
	return c.Marginal.Margins(ctx, dst, coded)
}

func (c *Coded) codeDense(m *mlapi.Matrix, i int) error {
	row := m.Row(i)
	for _, column := range c.order {
		code, err := c.columns[column].code(m, row[column], i, column)
		if err != nil {
			return err
		}
		row[column] = code
	}
	return nil
}

func (c *Coded) codeSparse(m *mlapi.Matrix, i int) error {
	columns, values := m.Entries(i)
	for k, column := range columns {
		t := c.columns[int(column)]
		if t == nil {
			continue
		}
		code, err := t.code(m, values[k], i, int(column))
		if err != nil {
			return err
		}
		values[k] = code
	}
	return nil
}

// code returns the code of the cell v of sample i.
func (t *codeTable) code(m *mlapi.Matrix, v float64, i, column int) (float64, error) {
	if v != v {
		return v, nil
	}
	code, known := 0.0, false
	if t.numbers != nil {
		code, known = t.numbers[v]
	} else if v >= 0 && v < float64(len(m.Texts)) {
		code, known = t.texts[m.Texts[int(v)]]
	}
	switch {
	case known:
		return code, nil
	case t.strict:
		return 0, t.unknown(m, v, i, column)
	}
	return math.NaN(), nil
}

func (t *codeTable) unknown(m *mlapi.Matrix, v float64, i, column int) error {
	if t.numbers == nil && v >= 0 && v < float64(len(m.Texts)) {
		return mlapi.Cellf("unknown_category", m.Number(i), column, "the category %s is not known to this model.", mlapi.Quote([]byte(m.Texts[int(v)])))
	}
	return mlapi.Cellf("unknown_category", m.Number(i), column, "the category %v is not known to this model.", v)
}
