package tree

// walkSpecial walks the row x down a tree that may split by category and returns the
// leaf.
func (p *packed[T]) walkSpecial(x []T, i uint32) uint32 {
	for {
		n := &p.nodes[i]
		if n.left == i {
			return i
		}
		right := x[n.column] > n.threshold
		if s := p.special[i]; s != 0 {
			right = p.sets[s-1].right(float64(x[n.column]), p.options.Compare)
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
