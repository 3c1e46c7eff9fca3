package pickle

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestDict holds dicts of every size against a map.
func TestDict(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for size := range 300 {
		d, want := &Dict{}, map[string]int64{}
		for i := range int64(2 * size) {
			key := fmt.Sprint(random.IntN(size))
			d.Set(key, i)
			want[key] = i
			if i%7 == 0 {
				d.Set(i, "no text") // a key that Get does not find
			}
		}
		texts := 0
		for i, k := range d.Keys {
			if key, ok := k.(string); ok {
				texts++
				if d.Values[i] != want[key] {
					t.Fatalf("size %d: %s is %v, want %v", size, key, d.Values[i], want[key])
				}
			}
		}
		if texts != len(want) || len(d.Keys) != len(d.Values) {
			t.Fatalf("size %d: %d text keys, want %d", size, texts, len(want))
		}
		for key, v := range want {
			if got, ok := d.Get(key); !ok || got != v {
				t.Fatalf("size %d: %s is %v, want %v", size, key, got, v)
			}
		}
		if got, ok := d.Get("none"); ok {
			t.Fatalf("size %d: a key that is not there is %v", size, got)
		}
	}
}

// TestVocabulary checks that the largest thing in honest files, a vocabulary with short
// words, fits into the limits of an uncompressed file (model.DefaultLimits).
func TestVocabulary(t *testing.T) {
	const words = 500000
	file := []byte("\x80\x04}\x94")
	for i := range words {
		if i%1000 == 0 {
			if i > 0 {
				file = append(file, 'u')
			}
			file = append(file, '(')
		}
		file = fmt.Appendf(file, "\x8c\x08w%07d\x94J%s", i, le(uint64(i), 4))
	}
	file = append(file, "u."...)
	limits := smallLimits
	limits.Memory += 12 * int64(len(file))
	limits.Bytes, limits.Opcodes, limits.Memo = limits.Bytes+int64(len(file)), limits.Opcodes+int64(len(file)), limits.Memo+int64(len(file))
	v, err := readValue(bytes.NewReader(file), nil, limits)
	if err != nil {
		t.Fatal(err)
	}
	if i, ok := v.(*Dict).Get("w0123456"); !ok || i != int64(123456) {
		t.Errorf("got %v", i)
	}
}
