package tree

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"

	"example.com/mlapi/model/vector"
)

// Tree is one fitted tree as parallel arrays over its nodes, the root first, the
// way scikit-learn stores it.
type Tree struct {
	Left, Right []int64   // children; both -1 in a leaf
	Feature     []int64   // column compared in an inner node; anything in a leaf
	Threshold   []float64 // x <= Threshold goes left; anything in a leaf
	MissingLeft []bool    // where NaN goes; nil sends it right everywhere
	Values      []float64 // nodes x Options.Width; only those of leaves are used
}

// Options describe all trees of an ensemble.
type Options struct {
	Features int  // columns of the rows
	Width    int  // values per leaf: classes, or 1
	Missing  bool // whether rows may hold NaN
	Counts   bool // the values are (weighted) counts, to be divided by their sum
	Class    bool // each leaf also gets the index of its first greatest value
}

// span is one tree inside Ensemble.nodes.
type span struct {
	root  uint32
	depth int // steps from the root to the deepest leaf
}

// Ensemble is a checked, packed sequence of trees. It is immutable and safe for
// concurrent use. Make one with Pack.
type Ensemble struct {
	options Options
	trees   []span
	nodes   []node[float32]
	leaf    []uint32 // by node: index into values of a leaf's vector
	// missingRight has one bit per node, set where NaN goes right.
	missingRight []uint64
	values       []float64 // distinct leaf vectors x width
	width        int       // Options.Width, and one more with Options.Class
	scratch      sync.Pool // of *scratch
}

const (
	maxNodes    = math.MaxInt32
	maxFeatures = math.MaxInt32 / lanes
)

// Pack checks trees and lays them out for prediction. Its error says which tree
// and node breaks which rule. The trees are not kept.
func Pack(trees []Tree, o Options) (*Ensemble, error) {
	if len(trees) == 0 {
		return nil, errors.New("there are no trees")
	}
	if o.Features < 1 || o.Features > maxFeatures {
		return nil, fmt.Errorf("%d features is outside 1..%d", o.Features, maxFeatures)
	}
	if o.Width < 1 {
		return nil, fmt.Errorf("%d values per leaf", o.Width)
	}
	total := 0
	for i := range trees {
		if err := trees[i].check(o); err != nil {
			return nil, fmt.Errorf("tree %d: %w", i, err)
		}
		if total += len(trees[i].Left); total > maxNodes {
			return nil, fmt.Errorf("more than %d nodes", maxNodes)
		}
	}
	width := o.Width
	if o.Class {
		width++
	}
	p := packer{e: &Ensemble{
		options:      o,
		width:        width,
		trees:        make([]span, 0, len(trees)),
		nodes:        make([]node[float32], 0, total),
		leaf:         make([]uint32, 0, total),
		missingRight: make([]uint64, (total+63)/64),
	}, seen: make(map[string]uint32), vector: make([]float64, width), key: make([]byte, 8*width)}
	for i := range trees {
		p.add(&trees[i])
	}
	p.e.scratch.New = p.e.newScratch
	return p.e, nil
}

// Trees returns the number of trees.
func (e *Ensemble) Trees() int { return len(e.trees) }

// check makes sure that t is a tree: every child after its parent and inside the
// arrays, no node with two parents, features known, numbers where numbers are due.
func (t *Tree) check(o Options) error {
	n := len(t.Left)
	switch {
	case n == 0:
		return errors.New("no nodes")
	case len(t.Right) != n || len(t.Feature) != n || len(t.Threshold) != n ||
		t.MissingLeft != nil && len(t.MissingLeft) != n:
		return errors.New("the node arrays have different lengths")
	case len(t.Values)/o.Width != n || len(t.Values)%o.Width != 0:
		return fmt.Errorf("%d nodes have %d values, want %d each", n, len(t.Values), o.Width)
	}
	hasParent := make([]bool, n)
	for i := range n {
		if t.isLeaf(i) {
			for _, v := range t.Values[i*o.Width : (i+1)*o.Width] {
				if math.IsNaN(v) || math.IsInf(v, 0) || o.Counts && v < 0 {
					return fmt.Errorf("leaf %d has the value %v", i, v)
				}
			}
			continue
		}
		for _, child := range [2]int64{t.Left[i], t.Right[i]} {
			if child <= int64(i) || child >= int64(n) {
				return fmt.Errorf("node %d of %d has the child %d", i, n, child)
			}
			if hasParent[child] {
				return fmt.Errorf("node %d has two parents", child)
			}
			hasParent[child] = true
		}
		if f := t.Feature[i]; f < 0 || f >= int64(o.Features) {
			return fmt.Errorf("node %d compares feature %d of %d", i, f, o.Features)
		}
		if math.IsNaN(t.Threshold[i]) {
			return fmt.Errorf("node %d has no threshold (NaN)", i)
		}
	}
	return nil
}

func (t *Tree) isLeaf(i int) bool { return t.Left[i] == -1 && t.Right[i] == -1 }

// packer appends trees to an ensemble.
type packer struct {
	e      *Ensemble
	seen   map[string]uint32 // leaf vectors stored so far, by their bytes
	vector []float64         // of the leaf at hand
	key    []byte            // its bytes
	todo   []visit           // nodes whose place is known, the next one last
}

// visit says that node old of the file's tree belongs at index at, depth steps
// below the root.
type visit struct {
	old   int64
	at    uint32
	depth int
}

// add appends t, which has been checked: the two children of a node side by side,
// and left subtrees near their parents.
func (p *packer) add(t *Tree) {
	e := p.e
	s := span{root: uint32(len(e.nodes))}
	p.grow(1)
	p.todo = append(p.todo[:0], visit{old: 0, at: s.root})
	for len(p.todo) > 0 {
		v := p.todo[len(p.todo)-1]
		p.todo = p.todo[:len(p.todo)-1]
		s.depth = max(s.depth, v.depth)
		i := int(v.old)
		if t.isLeaf(i) {
			e.nodes[v.at] = node[float32]{threshold: float32(math.Inf(1)), left: v.at}
			e.leaf[v.at] = p.store(t.Values[i*e.options.Width : (i+1)*e.options.Width])
			continue
		}
		left := uint32(len(e.nodes))
		p.grow(2)
		e.nodes[v.at] = node[float32]{threshold: roundDown(t.Threshold[i]), column: uint32(t.Feature[i]), left: left}
		if t.MissingLeft == nil || !t.MissingLeft[i] {
			e.missingRight[v.at/64] |= 1 << (v.at % 64)
		}
		p.todo = append(p.todo, visit{t.Right[i], left + 1, v.depth + 1}, visit{t.Left[i], left, v.depth + 1})
	}
	e.trees = append(e.trees, s)
}

// grow makes room for n more nodes.
func (p *packer) grow(n int) {
	for range n {
		p.e.nodes, p.e.leaf = append(p.e.nodes, node[float32]{}), append(p.e.leaf, 0)
	}
}

// store returns the index in Ensemble.values of the vector made of a leaf's values,
// appending it if it is new.
func (p *packer) store(values []float64) uint32 {
	n := copy(p.vector, values)
	if n < len(p.vector) {
		p.vector[n] = float64(vector.ArgMax(values))
	}
	if p.e.options.Counts {
		if sum := pairwiseSum(values); sum != 0 {
			for k := range values {
				p.vector[k] /= sum
			}
		}
	}
	for i, v := range p.vector {
		binary.LittleEndian.PutUint64(p.key[8*i:], math.Float64bits(v))
	}
	at, ok := p.seen[string(p.key)]
	if !ok {
		at = uint32(len(p.e.values) / p.e.width)
		p.e.values = append(p.e.values, p.vector...)
		p.seen[string(p.key)] = at
	}
	return at
}

// pairwiseSum adds in numpy's order (add.reduce over contiguous float64), which
// decides the last bit of a sum of weighted counts.
func pairwiseSum(v []float64) float64 {
	switch n := len(v); {
	case n < 8:
		sum := 0.0
		for _, x := range v {
			sum += x
		}
		return sum
	case n <= 128:
		r := [8]float64(v)
		for v = v[8:]; len(v) >= 8; v = v[8:] {
			for k := range r {
				r[k] += v[k]
			}
		}
		sum := ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
		for _, x := range v {
			sum += x
		}
		return sum
	default:
		half := n / 2
		half -= half % 8
		return pairwiseSum(v[:half]) + pairwiseSum(v[half:])
	}
}

// roundDown returns the greatest float32 that is not above t: a float32 x
// satisfies x <= t exactly where it satisfies x <= roundDown(t).
func roundDown(t float64) float32 {
	f := float32(t)
	if float64(f) > t {
		f = math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return f
}
