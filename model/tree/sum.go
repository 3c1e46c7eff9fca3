package tree

import (
	"context"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

const (
	// blockRows is how many rows at most are walked down one tree before the next:
	// enough to use a tree well while it is in the cache, few enough that the rows
	// and their sums stay there too. It is a multiple of lanes.
	blockRows = 512
	// blockBytes bounds the features of a block, for rows of many columns.
	blockBytes = 256 << 10
)

// scratch is the memory of one prediction.
type scratch struct {
	groups []float32 // eight rows after eight rows, each group feature by feature
	row    []float32 // one row
	dense  []float64 // one row of a sparse matrix
	dirty  []int     // rows of the block that hold NaN
	sums   []float64 // for callers that do not want to keep the sums
	at     [lanes]uint32
}

func (e *Ensemble) newScratch() any {
	return &scratch{row: make([]float32, e.options.Features)}
}

// rowsPerBlock returns how many rows of these many features make a block.
func rowsPerBlock(features int) int {
	return min(max(blockBytes/(4*features)/lanes*lanes, lanes), blockRows)
}

// blocks calls do for every block of the samples of m, with the number of the
// block's first sample and the sums of the leaf vectors of all trees, one vector
// per sample. The sums lie in sums (samples x Width) or, where that is nil, in
// memory that is reused.
//
// It checks ctx before every block. A missing value where the ensemble takes none,
// or a value too large for a float32, is an Invalid *mlapi.Error.
func (e *Ensemble) blocks(ctx context.Context, m *mlapi.Matrix, sums []float64, do func(first int, sums []float64)) error {
	s := e.scratch.Get().(*scratch)
	defer e.scratch.Put(s)
	width, size := e.width, rowsPerBlock(e.options.Features)
	for first := 0; first < m.Samples(); first += size {
		if err := mlapi.Cancelled(ctx); err != nil {
			return err
		}
		n := min(size, m.Samples()-first)
		if sums == nil {
			s.sums = vector.Resize(s.sums, n*width)
		} else {
			s.sums = sums[first*width : (first+n)*width]
		}
		clear(s.sums)
		if err := e.sum(s, m, first, n); err != nil {
			return err
		}
		do(first, s.sums)
	}
	if sums != nil {
		s.sums = nil // the caller's memory is not kept
	}
	return nil
}

// sum adds to s.sums the leaf vectors of n samples of m from first on: eight rows
// at a time, tree after tree, and the rows left over one by one.
func (e *Ensemble) sum(s *scratch, m *mlapi.Matrix, first, n int) error {
	group := lanes * e.options.Features
	full := n / lanes
	s.dirty = s.dirty[:0]
	s.groups = vector.Resize(s.groups, full*group)
	for g := range full {
		if err := e.fill(s, s.groups[g*group:(g+1)*group], m, first, g*lanes); err != nil {
			return err
		}
	}
	for _, t := range e.trees {
		for g := range full {
			walkRows(e.nodes, s.groups[g*group:(g+1)*group], &s.at, t.root, t.depth)
			e.addRows(s.sums[g*lanes*e.width:], &s.at)
		}
	}
	for _, i := range s.dirty {
		sums := s.sums[i*e.width : (i+1)*e.width]
		clear(sums) // what the fast walk made of NaN is wrong
		if err := e.sumRow(s, sums, m, first+i); err != nil {
			return err
		}
	}
	for i := full * lanes; i < n; i++ {
		if err := e.sumRow(s, s.sums[i*e.width:(i+1)*e.width], m, first+i); err != nil {
			return err
		}
	}
	return nil
}

// fill writes eight samples of m from first+from on into group, feature by
// feature, as float32, and notes those with a missing value in s.dirty.
func (e *Ensemble) fill(s *scratch, group []float32, m *mlapi.Matrix, first, from int) error {
	for lane := range lanes {
		missing := false
		at := lane
		for column, v := range s.features(m, first+from+lane) {
			f := float32(v)
			if f-f != 0 { // NaN or infinite
				if err := e.accept(v, m.Number(first+from+lane), column); err != nil {
					return err
				}
				missing = true
			}
			group[at] = f
			at += lanes
		}
		if missing {
			s.dirty = append(s.dirty, from+lane)
		}
	}
	return nil
}

// features returns the features of sample i of m, which may be sparse.
func (s *scratch) features(m *mlapi.Matrix, i int) []float64 {
	if m.Sparse() {
		s.dense = vector.Resize(s.dense, m.Width())
	}
	return m.DenseRow(i, s.dense)
}

// accept returns an error unless v, which is no finite float32, is a missing value
// and the ensemble takes those.
func (e *Ensemble) accept(v float64, row, column int) error {
	switch {
	case v == v:
		return mlapi.Cellf("value_too_large", row, column, "the value %v is too large for this model (32-bit floats).", v)
	case !e.options.Missing:
		return mlapi.MissingValue(row, column)
	}
	return nil
}

// sumRow adds to sums the leaf vectors of sample i of m: eight trees at a time.
func (e *Ensemble) sumRow(s *scratch, sums []float64, m *mlapi.Matrix, i int) error {
	missing := false
	for column, v := range s.features(m, i) {
		f := float32(v)
		if f-f != 0 { // NaN or infinite
			if err := e.accept(v, m.Number(i), column); err != nil {
				return err
			}
			missing = true
		}
		s.row[column] = f
	}
	if missing {
		for _, t := range e.trees {
			e.add(sums, e.walkMissing(s.row, t.root))
		}
		return nil
	}
	for first := 0; first < len(e.trees); first += lanes {
		trees := e.trees[first:min(first+lanes, len(e.trees))]
		depth := 0
		for k := range s.at {
			t := trees[min(k, len(trees)-1)] // the last group is filled up with its last tree
			s.at[k], depth = t.root, max(depth, t.depth)
		}
		walkTrees(e.nodes, s.row, &s.at, depth)
		for k := range trees {
			e.add(sums, s.at[k])
		}
	}
	return nil
}

// add adds the vector of a leaf to sums.
func (e *Ensemble) add(sums []float64, leaf uint32) {
	at := int(e.leaf[leaf]) * len(sums)
	for k, v := range e.values[at : at+len(sums)] {
		sums[k] += v
	}
}

// addRows adds the vectors of eight leaves to the first eight rows of sums.
func (e *Ensemble) addRows(sums []float64, at *[lanes]uint32) {
	switch width := e.width; width {
	case 1:
		sums = sums[:lanes]
		for k, leaf := range at {
			sums[k] += e.values[e.leaf[leaf]]
		}
	case 2:
		sums = sums[:2*lanes]
		for k, leaf := range at {
			v := e.values[2*e.leaf[leaf]:][:2]
			sums[2*k] += v[0]
			sums[2*k+1] += v[1]
		}
	default:
		for k, leaf := range at {
			e.add(sums[k*width:(k+1)*width], leaf)
		}
	}
}
