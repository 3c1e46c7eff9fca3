package tree

// lanes is how many walks are under way at once. A walk waits for memory at every
// step; eight that do not depend on each other fill that time.
const lanes = 8

// stride is how many steps are taken between two looks at whether all walks have
// ended. Looking costs a branch that is hard to predict, walking on in a leaf is
// harmless.
const stride = 4

// float is what values are compared as.
type float interface{ float32 | float64 }

// node is one packed node. The children of an inner node are left and left+1; a leaf
// is its own left child and its threshold is +Inf.
type node[T float] struct {
	threshold T
	column    uint32 // of the row as it is walked: a feature, or a slot of boosted trees
	left      uint32
}

// step returns the node that follows node i for the row x. The comparison compiles
// to an addition of 0 or 1, not to a jump; of NaN it makes a step to the left. (A slot
// of boosted trees never has NaN: it is made -Inf or +Inf before.)
func step[T float](nodes []node[T], x []T, i uint32) uint32 {
	n := &nodes[i]
	var right uint32
	if x[n.column] > n.threshold {
		right = 1
	}
	return n.left + right
}

// stepLane is step for one lane of eight rows stored column by column.
func stepLane[T float](nodes []node[T], x []T, i, lane uint32) uint32 {
	n := &nodes[i]
	var right uint32
	if x[n.column*lanes+lane] > n.threshold {
		right = 1
	}
	return n.left + right
}

// walkTrees walks the row x down eight trees, from the nodes in at, which it
// replaces by the leaves. depth is at least that of the deepest of them.
func walkTrees[T float](nodes []node[T], x []T, at *[lanes]uint32, depth int) {
	a, b, c, d := at[0], at[1], at[2], at[3]
	e, f, g, h := at[4], at[5], at[6], at[7]
	for depth > 0 {
		for range stride {
			a, b = step(nodes, x, a), step(nodes, x, b)
			c, d = step(nodes, x, c), step(nodes, x, d)
			e, f = step(nodes, x, e), step(nodes, x, f)
			g, h = step(nodes, x, g), step(nodes, x, h)
		}
		depth -= stride
		if nodes[a].left == a && nodes[b].left == b && nodes[c].left == c && nodes[d].left == d &&
			nodes[e].left == e && nodes[f].left == f && nodes[g].left == g && nodes[h].left == h {
			break
		}
	}
	*at = [lanes]uint32{a, b, c, d, e, f, g, h}
}

// walkRows walks eight rows, stored column by column in x, down the tree whose
// root and depth are given, and leaves the leaves in at.
func walkRows[T float](nodes []node[T], x []T, at *[lanes]uint32, root uint32, depth int) {
	a, b, c, d, e, f, g, h := root, root, root, root, root, root, root, root
	for depth > 0 {
		for range stride {
			a, b = stepLane(nodes, x, a, 0), stepLane(nodes, x, b, 1)
			c, d = stepLane(nodes, x, c, 2), stepLane(nodes, x, d, 3)
			e, f = stepLane(nodes, x, e, 4), stepLane(nodes, x, f, 5)
			g, h = stepLane(nodes, x, g, 6), stepLane(nodes, x, h, 7)
		}
		depth -= stride
		if nodes[a].left == a && nodes[b].left == b && nodes[c].left == c && nodes[d].left == d &&
			nodes[e].left == e && nodes[f].left == f && nodes[g].left == g && nodes[h].left == h {
			break
		}
	}
	*at = [lanes]uint32{a, b, c, d, e, f, g, h}
}

// walkMissing walks a row that may hold NaN down one tree, sending each NaN where
// the node says, and returns the leaf.
func (e *Ensemble) walkMissing(x []float32, i uint32) uint32 {
	for {
		n := &e.nodes[i]
		if n.left == i {
			return i
		}
		v := x[n.column]
		next := n.left
		if v > n.threshold || v != v && e.missingRight[i/64]>>(i%64)&1 == 1 {
			next++
		}
		i = next
	}
}
