package neighbors

import (
	"cmp"
	"math/bits"
	"slices"
)

// Partition moves the places of the k least of values to the front of order, which has
// places in values; NaN is greater than all. Of equal ones it takes those that numpy's
// argpartition takes where it has no vector instructions for that, which is what
// scikit-learn without a tree takes: a quick selection around the median of three
// (numpy/_core/src/npysort/selection.cpp). numpy since 2.0 may take others on processors
// with AVX2 or AVX-512.
func Partition(order []int32, values []float64, k int) {
	p := partition{order, values}
	n, last := len(order), k-1
	switch {
	case k < 1 || k > n:
		return
	case last < 3:
		p.smallest(k)
		return
	case last == n-1:
		p.greatestLast()
		return
	}
	low, high := 0, n-1
	for turns := 2 * bits.Len(uint(n)); low+1 < high; turns-- {
		if turns == 0 {
			// Nothing but made-up data comes here.
			slices.SortStableFunc(order, func(a, b int32) int {
				if values[a] != values[a] || values[b] != values[b] {
					return -cmp.Compare(values[a], values[b]) // NaN last
				}
				return cmp.Compare(values[a], values[b])
			})
			return
		}
		p.medianToFront(low, high)
		left, right := p.split(low, high)
		p.swap(low, right)
		if right >= last {
			high = right - 1
		}
		if right <= last {
			low = left
		}
	}
	if high == low+1 && p.less(high, low) {
		p.swap(high, low)
	}
}

type partition struct {
	order  []int32
	values []float64
}

// lessThan orders NaN behind all numbers.
func lessThan(a, b float64) bool { return a < b || b != b && a == a }

func (p *partition) at(i int) float64   { return p.values[p.order[i]] }
func (p *partition) less(i, j int) bool { return lessThan(p.at(i), p.at(j)) }
func (p *partition) swap(i, j int)      { p.order[i], p.order[j] = p.order[j], p.order[i] }

// smallest puts the k least in front, one after the other.
func (p *partition) smallest(k int) {
	for i := range k {
		least := i
		for j := i + 1; j < len(p.order); j++ {
			if p.less(j, least) {
				least = j
			}
		}
		p.swap(i, least)
	}
}

// greatestLast puts the last of the greatest at the end.
func (p *partition) greatestLast() {
	most := 0
	for i := range p.order {
		if !p.less(i, most) {
			most = i
		}
	}
	p.swap(len(p.order)-1, most)
}

// medianToFront puts the median of the first, the middle and the last to low, the least of
// them behind it and the greatest to high.
func (p *partition) medianToFront(low, high int) {
	middle := low + (high-low)/2
	if p.less(high, middle) {
		p.swap(high, middle)
	}
	if p.less(high, low) {
		p.swap(high, low)
	}
	if p.less(low, middle) {
		p.swap(low, middle)
	}
	p.swap(middle, low+1)
}

// split parts what lies behind low by the value at low: what is not greater ends at right,
// what is not less begins at left.
func (p *partition) split(low, high int) (left, right int) {
	pivot := p.at(low)
	left, right = low+1, high
	for {
		for left++; lessThan(p.at(left), pivot); left++ {
		}
		for right--; lessThan(pivot, p.at(right)); right-- {
		}
		if right < left {
			return left, right
		}
		p.swap(left, right)
	}
}
