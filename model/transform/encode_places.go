package transform

import "hash/maphash"

// places finds values in a list. A map would hold each value a second time, with room for
// as many again: of a million categories that is most of what an encoder takes. This
// keeps no more than where they are, in 8 to 16 bytes for each. The zero value finds
// nothing.
type places[T comparable] struct {
	values []T
	seed   maphash.Seed // of this list alone, so that no file can be made of values that meet
	slots  []int32      // a power of two of them, at least half empty; a place and 1, 0: none
}

// newPlaces returns the places of the values of a list, but for those that are left out,
// which are in ascending order. Of equal values the first counts.
func newPlaces[T comparable](values []T, without []int) places[T] {
	size := 1
	for size < 2*len(values) {
		size *= 2
	}
	p := places[T]{values: values, seed: maphash.MakeSeed(), slots: make([]int32, size)}
	for i, v := range values {
		if len(without) > 0 && without[0] == i {
			without = without[1:]
			continue
		}
		if at := p.slot(v); p.slots[at] == 0 {
			p.slots[at] = int32(i) + 1
		}
	}
	return p
}

// find returns where v is in the list, -1 where it is not there.
func (p *places[T]) find(v T) int {
	if len(p.slots) == 0 {
		return -1
	}
	return int(p.slots[p.slot(v)]) - 1
}

// slot returns the slot that v has, or an empty one that it would get.
func (p *places[T]) slot(v T) int {
	at := int(maphash.Comparable(p.seed, v)) & (len(p.slots) - 1)
	for p.slots[at] != 0 && p.values[p.slots[at]-1] != v {
		at = (at + 1) & (len(p.slots) - 1)
	}
	return at
}
