package pickle

import (
	"hash/maphash"
	"math/bits"
)

// Dict is a Python dict (or OrderedDict, defaultdict, Counter) in file order. Of a text
// key set twice the last value counts.
type Dict struct {
	Keys, Values []Value

	// index holds the places of text keys, plus one, by their hashes: a table with room
	// for twice as many, searched from slot to slot. A map would take four times the
	// memory, and vocabularies have millions of keys. nil where there are few keys.
	index []uint32
	seed  maphash.Seed // of this dict, so that no file can be made to collide
}

// smallDict is how many keys are looked through one by one.
const smallDict = 8

// Get returns the value under a text key.
func (d *Dict) Get(key string) (Value, bool) {
	i, ok := d.find(key)
	if !ok {
		return nil, false
	}
	return d.Values[i], true
}

// Set sets a key; text keys are found by Get.
func (d *Dict) Set(key, value Value) {
	name, isText := key.(string)
	if isText {
		if i, ok := d.find(name); ok {
			d.Values[i] = value
			return
		}
	}
	if len(d.Keys) == cap(d.Keys) {
		d.grow(1)
	}
	d.Keys, d.Values = append(d.Keys, key), append(d.Values, value)
	if isText && d.index != nil {
		d.place(name, len(d.Keys)-1)
	}
}

func (d *Dict) find(key string) (int, bool) {
	if d.index == nil {
		for i, k := range d.Keys {
			if s, ok := k.(string); ok && s == key {
				return i, true
			}
		}
		return 0, false
	}
	for at := d.slot(key); d.index[at] != 0; at = (at + 1) % len(d.index) {
		i := int(d.index[at] - 1)
		if d.Keys[i] == Value(key) {
			return i, true
		}
	}
	return 0, false
}

func (d *Dict) slot(key string) int {
	return int(maphash.String(d.seed, key) & uint64(len(d.index)-1))
}

// place puts key i into the index, where it is not yet.
func (d *Dict) place(key string, i int) {
	at := d.slot(key)
	for d.index[at] != 0 {
		at = (at + 1) % len(d.index)
	}
	d.index[at] = uint32(i + 1)
}

// room returns how many keys grow(n) makes room for, 0 where there is room for n more.
func (d *Dict) room(n int) int {
	if len(d.Keys)+n <= cap(d.Keys) {
		return 0
	}
	return max(2*cap(d.Keys), len(d.Keys)+n)
}

// growth returns the bytes that making room for n more keys allocates.
func (d *Dict) growth(n int) int64 {
	room := d.room(n)
	if room == 0 {
		return 0
	}
	bytes := 2 * costSlot * room
	if room > smallDict {
		bytes += 4 * indexSize(room)
	}
	return int64(bytes)
}

// grow makes room for n more keys, and the index anew.
func (d *Dict) grow(n int) {
	room := d.room(n)
	if room == 0 {
		return
	}
	d.Keys = append(make([]Value, 0, room), d.Keys...)
	d.Values = append(make([]Value, 0, room), d.Values...)
	if room <= smallDict {
		return
	}
	if d.index == nil {
		d.seed = maphash.MakeSeed()
	}
	d.index = make([]uint32, indexSize(room))
	for i, k := range d.Keys {
		if name, ok := k.(string); ok {
			d.place(name, i)
		}
	}
}

// indexSize returns the size of the index of n keys: a power of two, and never more
// than half full.
func indexSize(n int) int { return 1 << bits.Len(uint(2*n-1)) }
