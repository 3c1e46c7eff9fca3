package tree

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// slotKind says what a slot makes of a feature's value.
type slotKind uint8

const (
	missingLeft      slotKind = iota // NaN is smaller than every threshold
	missingRight                     // NaN is greater than every threshold
	missingZero                      // NaN is 0
	zeroMissingLeft                  // NaN and 0 are smaller
	zeroMissingRight                 // NaN and 0 are greater
	asItIs                           // NaN stays: categories and linear leaves
	slotKinds
)

// zeroReach is how far from 0 a value counts as 0 for ZeroMissing.
const zeroReach = float64(float32(1e-35))

// slot is one cell of the rows that trees walk with: a feature in the form that some
// nodes want it in. Two forms of a feature, one for the nodes that send missing
// values left and one for the others, make the walk free of questions.
type slot struct {
	feature uint32
	kind    slotKind
}

func (s slot) key() uint64 { return uint64(s.feature)*uint64(slotKinds) + uint64(s.kind) }

// slotTable collects the slots that trees need.
type slotTable struct {
	at   map[uint64]uint32 // by key; the index once sorted
	list []slot            // sorted by feature
}

func newSlotTable(o BoostOptions) *slotTable {
	t := &slotTable{at: make(map[uint64]uint32)}
	t.need(slot{feature: 0, kind: missingLeft}) // leaves read the first slot, in vain
	return t
}

func (t *slotTable) need(s slot) {
	if _, known := t.at[s.key()]; !known {
		t.at[s.key()] = uint32(len(t.list))
		t.list = append(t.list, s)
	}
}

// sort orders the slots by feature; from then on they are complete.
func (t *slotTable) sort() {
	slices.SortFunc(t.list, func(a, b slot) int {
		if a.key() < b.key() {
			return -1
		}
		return 1
	})
	for i, s := range t.list {
		t.at[s.key()] = uint32(i)
	}
}

// nodeSlot returns the slot that inner node i reads.
func (t *BoostedTree) nodeSlot(i int) slot {
	s := slot{feature: uint32(t.Feature[i])}
	left := t.MissingLeft != nil && t.MissingLeft[i]
	kind := NaNMissing
	if t.Kinds != nil {
		kind = t.Kinds[i]
	}
	switch {
	case t.categorical(i):
		s.kind = asItIs
	case kind == NothingMissing:
		s.kind = missingZero
	case kind == ZeroMissing && left:
		s.kind = zeroMissingLeft
	case kind == ZeroMissing:
		s.kind = zeroMissingRight
	case left:
		s.kind = missingLeft
	default:
		s.kind = missingRight
	}
	return s
}

func (t *BoostedTree) categorical(i int) bool { return t.Category != nil && t.Category[i] >= 0 }

func (t *BoostedTree) boostedLeaf(i int) bool { return t.Left[i] < 0 && t.Right[i] < 0 }

// width returns how many values a leaf has.
func (t *BoostedTree) width(outputs int) int {
	if t.Output == AllOutputs {
		return outputs
	}
	return 1
}

// treeCheck makes sure that one tree is a tree and notes what it needs.
type treeCheck struct {
	t      *BoostedTree
	o      *BoostOptions
	slots  *slotTable
	bounds []float64 // by output: the greatest sum of leaf values so far
	most   []float64 // by value of a leaf: the greatest of this tree
}

// run returns the number of nodes that are in use.
func (c *treeCheck) run(vectors bool) (int, error) {
	t, n := c.t, len(c.t.Left)
	if err := c.shape(vectors); err != nil {
		return 0, err
	}
	c.most = make([]float64, t.width(c.o.Outputs))
	seen := make([]uint64, (n+63)/64)
	todo, used := append(make([]int64, 0, 64), 0), 0
	seen[0] = 1
	for len(todo) > 0 {
		i := int(todo[len(todo)-1])
		todo = todo[:len(todo)-1]
		used++
		if t.boostedLeaf(i) {
			if err := c.leaf(i); err != nil {
				return 0, err
			}
			continue
		}
		if err := c.inner(i); err != nil {
			return 0, err
		}
		for _, child := range [2]int64{t.Right[i], t.Left[i]} {
			if child < 0 || child >= int64(n) {
				return 0, fmt.Errorf("node %d of %d has the child %d", i, n, child)
			}
			if seen[child/64]>>(child%64)&1 == 1 {
				return 0, fmt.Errorf("node %d is reached twice", child)
			}
			seen[child/64] |= 1 << (child % 64)
			todo = append(todo, child)
		}
	}
	for k, v := range c.most {
		c.bounds[max(t.Output, 0)+k] += v
	}
	return used, nil
}

func (c *treeCheck) shape(vectors bool) error {
	t, n := c.t, len(c.t.Left)
	switch {
	case n == 0:
		return errors.New("no nodes")
	case n > maxNodes/lanes:
		return fmt.Errorf("%d nodes are too many", n)
	case len(t.Right) != n || len(t.Feature) != n || len(t.Threshold) != n ||
		t.MissingLeft != nil && len(t.MissingLeft) != n || t.Kinds != nil && len(t.Kinds) != n ||
		t.Category != nil && len(t.Category) != n || t.Linear != nil && len(t.Linear) != n:
		return errors.New("the node arrays have different lengths")
	case t.Output != AllOutputs && (t.Output < 0 || t.Output >= c.o.Outputs):
		return fmt.Errorf("it adds to output %d of %d", t.Output, c.o.Outputs)
	case vectors != (t.Output == AllOutputs):
		return errors.New("leaves with one value and leaves with one for every output are mixed")
	case vectors && t.Linear != nil:
		return errors.New("linear leaves have one value only")
	}
	if w := t.width(c.o.Outputs); len(t.Values)/w != n || len(t.Values)%w != 0 {
		return fmt.Errorf("%d nodes have %d values, want %d each", n, len(t.Values), w)
	}
	return nil
}

func (c *treeCheck) inner(i int) error {
	t := c.t
	if f := t.Feature[i]; f < 0 || f >= int64(c.o.Features) {
		return fmt.Errorf("node %d compares feature %d of %d", i, f, c.o.Features)
	}
	if t.Kinds != nil && t.Kinds[i] > ZeroMissing {
		return fmt.Errorf("node %d has the unknown missing kind %d", i, t.Kinds[i])
	}
	if t.categorical(i) {
		if int(t.Category[i]) >= len(t.Sets) {
			return fmt.Errorf("node %d splits by set %d of %d", i, t.Category[i], len(t.Sets))
		}
	} else if math.IsNaN(t.Threshold[i]) {
		return fmt.Errorf("node %d has no threshold (NaN)", i)
	}
	c.slots.need(t.nodeSlot(i))
	return nil
}

func (c *treeCheck) leaf(i int) error {
	w := len(c.most)
	for k, v := range c.t.Values[i*w : (i+1)*w] {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("leaf %d has the value %v", i, v)
		}
		c.most[k] = max(c.most[k], math.Abs(v))
	}
	if c.t.Linear == nil {
		return nil
	}
	l := &c.t.Linear[i]
	if len(l.Features) != len(l.Coefficients) {
		return fmt.Errorf("linear leaf %d has %d features and %d coefficients", i, len(l.Features), len(l.Coefficients))
	}
	if v := l.Constant; math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("linear leaf %d has the constant %v", i, v)
	}
	c.most[0] = max(c.most[0], math.Abs(l.Constant))
	for k, f := range l.Features {
		if f < 0 || f >= int64(c.o.Features) {
			return fmt.Errorf("linear leaf %d takes feature %d of %d", i, f, c.o.Features)
		}
		if v := l.Coefficients[k]; math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("linear leaf %d has the coefficient %v", i, v)
		}
		c.slots.need(slot{feature: uint32(f), kind: asItIs})
	}
	return nil
}
