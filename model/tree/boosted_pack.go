package tree

import (
	"math"
	"sync"

	"example.com/mlapi"
)

// packed is the laid-out form of boosted trees whose thresholds are T.
type packed[T float] struct {
	options BoostOptions
	trees   []boostSpan
	nodes   []node[T]
	value   []float64 // by node: the value of a leaf; nil where leaves have vectors
	leaf    []uint32  // by node: where a leaf's vector begins in vectors; else nil
	vectors []float64
	special []uint32 // by node: 1 + the index of its set or of its linear terms; nil where there are none
	sets    []packedSet
	linear  []packedLinear
	slots   []slot // sorted by feature
	absent  []T    // the slots of a row that stores nothing
	nearly  bool   // values about 0 are changed by some slots
	scratch sync.Pool
}

// boostSpan is one tree inside packed.nodes.
type boostSpan struct {
	root   uint32
	output int32
	depth  int // steps from the root to the deepest leaf
}

// packedSet is a split by category.
type packedSet struct {
	CategorySet
	missingLeft bool
}

// packedLinear is a linear leaf.
type packedLinear struct {
	constant     float64
	slots        []uint32
	coefficients []float64
}

// packBoosted lays out trees that have been checked and have total nodes in use.
func packBoosted[T float](trees []BoostedTree, o BoostOptions, slots *slotTable, total int) *packed[T] {
	slots.sort()
	p := &packed[T]{options: o, trees: make([]boostSpan, 0, len(trees)), nodes: make([]node[T], 0, total), slots: slots.list}
	special := false
	for i := range trees {
		special = special || trees[i].Category != nil || trees[i].Linear != nil
	}
	if special {
		p.special = make([]uint32, 0, total)
	}
	if len(trees) > 0 && trees[0].Output == AllOutputs {
		p.leaf = make([]uint32, 0, total)
	} else {
		p.value = make([]float64, 0, total)
	}
	l := layout[T]{p: p, slots: slots.at}
	for i := range trees {
		l.add(&trees[i])
	}
	p.nearly = o.TinyZero
	for _, s := range p.slots {
		if s.kind == zeroMissingLeft || s.kind == zeroMissingRight {
			p.nearly = true
		}
	}
	p.absent = make([]T, len(p.slots))
	nothing := 0.0
	if o.AbsentMissing {
		nothing = math.NaN()
	}
	for i, s := range p.slots {
		p.absent[i], _ = p.odd(nothing, s.kind)
	}
	p.scratch.New = func() any { return &boostScratch[T]{row: make([]T, len(p.slots))} }
	return p
}

// layout appends trees to a packed.
type layout[T float] struct {
	p     *packed[T]
	slots map[uint64]uint32
	todo  []visit
}

// add appends t: the two children of a node side by side, and left subtrees near
// their parents.
func (l *layout[T]) add(t *BoostedTree) {
	p := l.p
	s := boostSpan{root: uint32(len(p.nodes)), output: int32(t.Output)}
	l.grow(1)
	l.todo = append(l.todo[:0], visit{old: 0, at: s.root})
	for len(l.todo) > 0 {
		v := l.todo[len(l.todo)-1]
		l.todo = l.todo[:len(l.todo)-1]
		s.depth = max(s.depth, v.depth)
		i := int(v.old)
		if t.boostedLeaf(i) {
			l.addLeaf(t, i, v.at)
			continue
		}
		left := uint32(len(p.nodes))
		l.grow(2)
		key := t.nodeSlot(i).key()
		p.nodes[v.at] = node[T]{column: l.slots[key], left: left}
		if t.categorical(i) {
			p.sets = append(p.sets, packedSet{t.Sets[t.Category[i]], t.MissingLeft != nil && t.MissingLeft[i]})
			p.special[v.at] = uint32(len(p.sets))
		} else {
			p.nodes[v.at].threshold = atMost[T](t.Threshold[i], p.options.Compare)
		}
		l.todo = append(l.todo, visit{t.Right[i], left + 1, v.depth + 1}, visit{t.Left[i], left, v.depth + 1})
	}
	p.trees = append(p.trees, s)
}

func (l *layout[T]) addLeaf(t *BoostedTree, i int, at uint32) {
	p := l.p
	p.nodes[at] = node[T]{threshold: T(math.Inf(1)), left: at}
	w := t.width(p.options.Outputs)
	values := t.Values[i*w : (i+1)*w]
	if p.leaf != nil {
		p.leaf[at] = uint32(len(p.vectors))
		for _, v := range values {
			p.vectors = append(p.vectors, p.round(v))
		}
		return
	}
	p.value[at] = p.round(values[0])
	if t.Linear == nil {
		return
	}
	from := &t.Linear[i]
	to := packedLinear{constant: from.Constant, coefficients: append([]float64(nil), from.Coefficients...)}
	for _, f := range from.Features {
		to.slots = append(to.slots, l.slots[slot{feature: uint32(f), kind: asItIs}.key()])
	}
	p.linear = append(p.linear, to)
	p.special[at] = uint32(len(p.linear))
}

// round returns v as sums take it.
func (p *packed[T]) round(v float64) float64 {
	if p.options.Float32Sums {
		return float64(float32(v))
	}
	return v
}

// grow makes room for n more nodes.
func (l *layout[T]) grow(n int) {
	p := l.p
	for range n {
		p.nodes = append(p.nodes, node[T]{})
		if p.leaf != nil {
			p.leaf = append(p.leaf, 0)
		} else {
			p.value = append(p.value, 0)
		}
		if p.special != nil {
			p.special = append(p.special, 0)
		}
	}
}

// atMost returns the greatest T that goes left at a threshold, by the comparison of
// the file. It is never +Inf: that stands for a missing value that goes right.
func atMost[T float](threshold float64, compare Comparison) T {
	switch compare {
	case Float32AtMost:
		return T(min(roundDown(threshold), math.MaxFloat32))
	case Float32Below:
		return T(math.Nextafter32(float32(threshold), float32(math.Inf(-1))))
	}
	return T(min(threshold, math.MaxFloat64))
}

// finite reports whether v is neither missing nor too large for a T.
func finite[T float](v float64) bool {
	f := T(v)
	return f-f == 0
}

// odd returns what a slot of that kind makes of the value v, which may be missing.
// It reports false where the ensemble does not take v.
func (p *packed[T]) odd(v float64, kind slotKind) (T, bool) {
	f := T(v)
	if p.options.Sentinel != nil && f == T(*p.options.Sentinel) {
		f = T(math.NaN())
	}
	if f == f && f-f != 0 {
		return p.infinite(v)
	}
	missing := f != f
	if math.Abs(v) <= zeroReach && !missing {
		missing = kind == zeroMissingLeft || kind == zeroMissingRight
		if p.options.TinyZero {
			f = 0
		}
	}
	if !missing {
		return f, true
	}
	switch kind {
	case missingLeft, zeroMissingLeft:
		return T(math.Inf(-1)), true
	case missingRight, zeroMissingRight:
		return T(math.Inf(1)), true
	case missingZero:
		return 0, true
	}
	return f, true
}

// infinite returns what an infinite v is compared as where features are float64. A
// float32 takes none.
func (p *packed[T]) infinite(v float64) (T, bool) {
	if p.options.Compare != Float64AtMost {
		return 0, false
	}
	return T(max(min(v, math.MaxFloat64), -math.MaxFloat64)), true
}

// refuse returns the error about a value that the ensemble does not take, or nil.
func (p *packed[T]) refuse(v float64, row, column int) error {
	switch {
	case v != v && !p.options.Missing:
		return mlapi.MissingValue(row, column)
	case v == v && p.options.Compare != Float64AtMost && !finite[T](v):
		if p.options.Sentinel != nil && T(v) == T(*p.options.Sentinel) {
			return nil
		}
		return mlapi.ValueTooLarge(row, column)
	}
	return nil
}
