package tree

// boostStep is step for boosted trees. Of a missing value the slot has made -Inf or
// +Inf before.
func boostStep[T float32 | float64](nodes []boostNode[T], x []T, i uint32) uint32 {
	n := &nodes[i]
	var right uint32
	if x[n.slot] > n.threshold {
		right = 1
	}
	return n.left + right
}

// boostLane is boostStep for one lane of eight rows stored slot by slot.
func boostLane[T float32 | float64](nodes []boostNode[T], x []T, i, lane uint32) uint32 {
	n := &nodes[i]
	var right uint32
	if x[n.slot*lanes+lane] > n.threshold {
		right = 1
	}
	return n.left + right
}

// boostTrees walks the row x down eight trees, as walkTrees does.
func boostTrees[T float32 | float64](nodes []boostNode[T], x []T, at *[lanes]uint32, depth int) {
	a, b, c, d := at[0], at[1], at[2], at[3]
	e, f, g, h := at[4], at[5], at[6], at[7]
	for depth > 0 {
		for range stride {
			a, b = boostStep(nodes, x, a), boostStep(nodes, x, b)
			c, d = boostStep(nodes, x, c), boostStep(nodes, x, d)
			e, f = boostStep(nodes, x, e), boostStep(nodes, x, f)
			g, h = boostStep(nodes, x, g), boostStep(nodes, x, h)
		}
		depth -= stride
		if nodes[a].left == a && nodes[b].left == b && nodes[c].left == c && nodes[d].left == d &&
			nodes[e].left == e && nodes[f].left == f && nodes[g].left == g && nodes[h].left == h {
			break
		}
	}
	*at = [lanes]uint32{a, b, c, d, e, f, g, h}
}

// boostRows walks eight rows, stored slot by slot in x, down one tree, as walkRows
// does.
func boostRows[T float32 | float64](nodes []boostNode[T], x []T, at *[lanes]uint32, root uint32, depth int) {
	a, b, c, d, e, f, g, h := root, root, root, root, root, root, root, root
	for depth > 0 {
		for range stride {
			a, b = boostLane(nodes, x, a, 0), boostLane(nodes, x, b, 1)
			c, d = boostLane(nodes, x, c, 2), boostLane(nodes, x, d, 3)
			e, f = boostLane(nodes, x, e, 4), boostLane(nodes, x, f, 5)
			g, h = boostLane(nodes, x, g, 6), boostLane(nodes, x, h, 7)
		}
		depth -= stride
		if nodes[a].left == a && nodes[b].left == b && nodes[c].left == c && nodes[d].left == d &&
			nodes[e].left == e && nodes[f].left == f && nodes[g].left == g && nodes[h].left == h {
			break
		}
	}
	*at = [lanes]uint32{a, b, c, d, e, f, g, h}
}

// walkSpecial walks the row x down a tree that may split by category and returns the
// leaf.
func (p *packed[T]) walkSpecial(x []T, i uint32) uint32 {
	for {
		n := &p.nodes[i]
		if n.left == i {
			return i
		}
		right := x[n.slot] > n.threshold
		if s := p.special[i]; s != 0 {
			right = p.sets[s-1].right(float64(x[n.slot]), p.options.Compare)
		}
		i = n.left
		if right {
			i++
		}
	}
}

// right reports whether the category v goes right.
func (s *packedSet) right(v float64, compare Comparison) bool {
	const most = 1 << 31
	if v != v {
		return !s.missingLeft
	}
	// LightGBM and HistGradientBoosting cut -0.5 to 0; XGBoost knows nothing below 0.
	known := v < most && v > -1 && (v >= 0 || compare == Float64AtMost)
	if s.Known != nil && !(known && has(s.Known, uint32(v))) {
		return !s.missingLeft
	}
	return (known && has(s.Bits, uint32(v))) != s.Left
}

// has reports whether category c is in a bitset.
func has(bits []uint32, c uint32) bool {
	return c/32 < uint32(len(bits)) && bits[c/32]>>(c%32)&1 == 1
}
