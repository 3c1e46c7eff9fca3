package tree

import (
	"context"
	"unsafe"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// boostScratch is the memory of one prediction.
type boostScratch[T float] struct {
	groups []T // eight rows after eight rows, each group slot by slot
	row    []T // one row
	at     [lanes]uint32
}

// margins is Boosted.Margins, with shapes that have been checked.
func (p *packed[T]) margins(ctx context.Context, dst []float64, m *mlapi.Matrix) error {
	s := p.scratch.Get().(*boostScratch[T])
	defer p.scratch.Put(s)
	outputs := p.options.Outputs
	size := rowsPerBlock(len(p.slots) * int(unsafe.Sizeof(T(0))) / 4)
	for first := 0; first < m.Samples(); first += size {
		if err := mlapi.Cancelled(ctx); err != nil {
			return err
		}
		n := min(size, m.Samples()-first)
		sums := dst[first*outputs : (first+n)*outputs]
		p.start(sums)
		if err := p.sum(s, sums, m, first, n); err != nil {
			return err
		}
	}
	return nil
}

// start sets every row of sums to the base.
func (p *packed[T]) start(sums []float64) {
	if p.options.Base == nil {
		clear(sums)
		return
	}
	base := p.options.Base
	for len(sums) > 0 {
		for k, v := range base {
			sums[k] = p.round(v)
		}
		sums = sums[len(base):]
	}
}

// sum adds to sums the leaves of n samples of m from first on: eight rows at a time,
// tree after tree, and the rows left over one by one.
func (p *packed[T]) sum(s *boostScratch[T], sums []float64, m *mlapi.Matrix, first, n int) error {
	outputs := p.options.Outputs
	full, group := n/lanes, lanes*len(p.slots)
	if p.special != nil {
		full = 0
	}
	s.groups = vector.Resize(s.groups, full*group)
	for i := range full * lanes {
		if err := p.fill(s.groups[i/lanes*group+i%lanes:], lanes, m, first+i); err != nil {
			return err
		}
	}
	for _, t := range p.trees {
		for g := range full {
			walkRows(p.nodes, s.groups[g*group:(g+1)*group], &s.at, t.root, t.depth)
			p.addRows(sums[g*lanes*outputs:(g+1)*lanes*outputs], &s.at, t.output)
		}
	}
	for i := full * lanes; i < n; i++ {
		if err := p.fill(s.row, 1, m, first+i); err != nil {
			return err
		}
		if err := p.sumRow(s, sums[i*outputs:(i+1)*outputs], m.Number(first+i)); err != nil {
			return err
		}
	}
	return nil
}

// fill writes the slots of sample i of m to every stride-th element of dst.
func (p *packed[T]) fill(dst []T, stride int, m *mlapi.Matrix, i int) error {
	if m.Sparse() {
		return p.fillSparse(dst, stride, m, i)
	}
	row := m.Row(i)
	if !p.options.Missing {
		// Columns that no tree looks at count too.
		for column, v := range row {
			if err := p.refuse(v, m.Number(i), column); err != nil {
				return err
			}
		}
	}
	at := 0
	for _, s := range p.slots {
		v := row[s.feature]
		f := T(v)
		if f-f != 0 || p.nearly && v <= zeroReach && v >= -zeroReach || p.options.Sentinel != nil {
			var taken bool
			if f, taken = p.odd(v, s.kind); !taken {
				return p.refuse(v, m.Number(i), int(s.feature))
			}
		}
		dst[at] = f
		at += stride
	}
	return nil
}

// fillSparse is fill for a sparse matrix.
func (p *packed[T]) fillSparse(dst []T, stride int, m *mlapi.Matrix, i int) error {
	at := 0
	for _, v := range p.absent {
		dst[at] = v
		at += stride
	}
	columns, values := m.Entries(i)
	from := 0
	for k, column := range columns {
		v := values[k]
		if err := p.refuse(v, m.Number(i), int(column)); err != nil {
			return err
		}
		from += p.firstSlot(from, uint32(column))
		for ; from < len(p.slots) && p.slots[from].feature == uint32(column); from++ {
			dst[from*stride], _ = p.odd(v, p.slots[from].kind)
		}
	}
	return nil
}

// firstSlot returns how far behind from the first slot of a feature, or of one after
// it, is.
func (p *packed[T]) firstSlot(from int, feature uint32) int {
	slots := p.slots[from:]
	low, high := 0, len(slots)
	for low < high {
		middle := int(uint(low+high) / 2)
		if slots[middle].feature < feature {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// sumRow adds to sums the leaves of the row in s.row, whose number is for messages.
func (p *packed[T]) sumRow(s *boostScratch[T], sums []float64, number int) error {
	if p.special != nil {
		return p.sumSpecial(s, sums, number)
	}
	for first := 0; first < len(p.trees); first += lanes {
		trees := p.trees[first:min(first+lanes, len(p.trees))]
		depth := 0
		for k := range s.at {
			t := trees[min(k, len(trees)-1)] // the last group is filled up with its last tree
			s.at[k], depth = t.root, max(depth, t.depth)
		}
		walkTrees(p.nodes, s.row, &s.at, depth)
		if p.leaf == nil && len(sums) == 1 && p.options.Float32Sums {
			sum := float32(sums[0])
			for k := range trees {
				sum += float32(p.value[s.at[k]])
			}
			sums[0] = float64(sum)
			continue
		}
		for k, t := range trees {
			p.add(sums, s.at[k], t.output)
		}
	}
	return nil
}

// sumSpecial is sumRow for trees with categories or linear leaves.
func (p *packed[T]) sumSpecial(s *boostScratch[T], sums []float64, number int) error {
	for _, t := range p.trees {
		leaf := p.walkSpecial(s.row, t.root)
		if at := p.special[leaf]; at != 0 {
			sums[t.output] = p.round(sums[t.output] + linearValue(&p.linear[at-1], s.row, p.value[leaf]))
			continue
		}
		p.add(sums, leaf, t.output)
	}
	// Other than constant leaves, linear ones know no bound.
	for _, v := range sums {
		if v-v != 0 {
			return mlapi.ValueTooLarge(number, p.largest(s.row))
		}
	}
	return nil
}

// largest returns the feature of linear leaves that has the largest value.
func (p *packed[T]) largest(row []T) int {
	best, most := 0, T(-1)
	for i, s := range p.slots {
		if v := max(row[i], -row[i]); s.kind == asItIs && v > most {
			best, most = int(s.feature), v
		}
	}
	return best
}

// linearValue returns what the linear leaf l answers for the row x, and otherwise
// where a value that it takes is missing.
func linearValue[T float](l *packedLinear, x []T, otherwise float64) float64 {
	sum := l.constant
	for k, slot := range l.slots {
		v := float64(x[slot])
		if v != v {
			return otherwise
		}
		sum += float64(l.coefficients[k] * v) // converted, so that it is rounded before it is added
	}
	return sum
}

// add adds a leaf to sums.
func (p *packed[T]) add(sums []float64, leaf uint32, output int32) {
	if p.leaf == nil {
		sums[output] = p.round(sums[output] + p.value[leaf])
		return
	}
	for k, v := range p.vectors[p.leaf[leaf]:][:len(sums)] {
		sums[k] = p.round(sums[k] + v)
	}
}

// addRows adds eight leaves to eight rows of sums.
func (p *packed[T]) addRows(sums []float64, at *[lanes]uint32, output int32) {
	outputs := p.options.Outputs
	if p.leaf != nil {
		for k, leaf := range at {
			p.add(sums[k*outputs:(k+1)*outputs], leaf, output)
		}
		return
	}
	if p.options.Float32Sums {
		for k, leaf := range at {
			sum := &sums[k*outputs+int(output)]
			*sum = float64(float32(*sum) + float32(p.value[leaf]))
		}
		return
	}
	for k, leaf := range at {
		sums[k*outputs+int(output)] += p.value[leaf]
	}
}
