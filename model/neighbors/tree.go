package neighbors

import (
	"errors"
	"fmt"
	"math"
)

// Tree is the binary tree that samples were sorted into: scikit-learn's KDTree or
// BallTree. Nodes are numbered level by level, so that those below node i are 2i+1 and
// 2i+2.
type Tree struct {
	Ball   bool
	Order  []int64   // the samples, each once; a node has those from Starts to Ends
	Starts []int64   // by node, into Order
	Ends   []int64   // by node
	Leaf   []bool    // by node
	Radius []float64 // by node; of a BallTree
	// Bounds are, of a KDTree, the least value of each feature in each node and then the
	// greatest (2 x nodes x features); of a BallTree the centres (nodes x features).
	Bounds []float64
}

// nodes returns the number of nodes.
func (t *Tree) nodes() int { return len(t.Starts) }

// check returns an error unless the tree has each of n samples in one leaf.
func (t *Tree) check(n, features int) error {
	nodes := t.nodes()
	bounds := nodes * features
	if !t.Ball {
		bounds *= 2
	}
	if nodes < 1 || len(t.Ends) != nodes || len(t.Leaf) != nodes || len(t.Bounds) != bounds || t.Ball && len(t.Radius) != nodes {
		return errors.New("the arrays of the tree do not agree in length")
	}
	if t.Starts[0] != 0 || t.Ends[0] != int64(n) || len(t.Order) != n {
		return errors.New("the tree's root has not all samples")
	}
	seen := make([]bool, n)
	for _, i := range t.Order {
		if i < 0 || i >= int64(n) || seen[i] {
			return errors.New("the tree has a sample twice, or one that there is not")
		}
		seen[i] = true
	}
	for i := range nodes {
		if t.Leaf[i] {
			continue
		}
		left := 2*i + 1
		if left+1 >= nodes {
			return fmt.Errorf("node %d of the tree has no nodes below", i)
		}
		if t.Starts[left] != t.Starts[i] || t.Ends[left] != t.Starts[left+1] || t.Ends[left+1] != t.Ends[i] ||
			t.Starts[left] > t.Ends[left] || t.Starts[left+1] > t.Ends[left+1] {
			return fmt.Errorf("the nodes below node %d of the tree have other samples than it", i)
		}
	}
	return nil
}

// least returns a reduced distance from q that no sample of a node is nearer than.
func (t *Tree) least(m *Metric, node int, q []float64) float64 {
	if t.Ball {
		center := t.Bounds[node*len(q) : (node+1)*len(q)]
		return m.reduce(max(0, m.distance(m.reduced(q, center))-t.Radius[node]))
	}
	low := t.Bounds[node*len(q):]
	high := t.Bounds[(t.nodes()+node)*len(q):]
	sum := 0.0
	for j, v := range q {
		d := max(low[j]-v, 0) + max(v-high[j], 0)
		switch m.power {
		case 1:
			sum += d
		case 2:
			sum += float64(d * d)
		case math.Inf(1):
			sum = max(sum, d)
		default:
			sum += math.Pow(d, m.power)
		}
	}
	return sum
}

// nearest pushes the samples of a node that may be among the nearest, of which least is
// the bound: the nearer half first, as scikit-learn does
// (sklearn/neighbors/_binary_tree.pxi.tp: _query_single_depthfirst).
func (t *Tree) nearest(x *Index, h *heap, node int, least float64, q []float64) {
	switch {
	case least > h.reduced[0]:
	case t.Leaf[node]:
		for _, i := range t.Order[t.Starts[node]:t.Ends[node]] {
			h.push(x.metric.reduced(q, x.points.Row(int(i))), int32(i))
		}
	default:
		left, right := 2*node+1, 2*node+2
		a, b := t.least(&x.metric, left, q), t.least(&x.metric, right, q)
		if a > b {
			left, right, a, b = right, left, b, a
		}
		t.nearest(x, h, left, a, q)
		t.nearest(x, h, right, b, q)
	}
}

// within appends the samples of a node whose reduced distance is at most most.
func (t *Tree) within(x *Index, h *heap, node int, most float64, q []float64) {
	switch {
	case t.least(&x.metric, node, q) > most*(1+1e-9): // a bound is as exact as its sum
	case t.Leaf[node]:
		for _, i := range t.Order[t.Starts[node]:t.Ends[node]] {
			if d := x.metric.reduced(q, x.points.Row(int(i))); d <= most {
				h.append(d, int32(i))
			}
		}
	default:
		t.within(x, h, 2*node+1, most, q)
		t.within(x, h, 2*node+2, most, q)
	}
}
