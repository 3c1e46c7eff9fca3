package pickle

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzRead reads anything as a pickle with a list that allows everything, and takes
// from the result whatever the methods give: nothing may panic.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"N.", "](K\x01K\x02e.", "}(U\x01aK\x01u.", "cshop\nCart\n)\x81}U\x01aK\x01sb.", "\x80\x04\x95\x04\x00\x00\x00\x00\x00\x00\x00\x8c\x01x.",
		"(lp0\nI1\naF2.5\naS'x'\naVy\na.", "\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.", "ccollections\nOrderedDict\n](](U\x01aK\x01ee\x85R.",
		numpyBuilt("K\x02\x85", numpyF8, "\x88", "C\x100123456789abcdef"),
		numpyBuilt("K\x01K\x02\x86", numpyNamed("O8"), "\x89", "](NK\x01e"),
		"cnumpy.core.multiarray\nscalar\n" + numpyF8 + "C\x0812345678\x86R.",
		"cnumpy._core.numeric\n_frombuffer\n(C\x0812345678" + numpyNamed("u1") + "K\x02K\x04\x86U\x01KK\x01K\x00\x86tR.",
		"cscipy.sparse._csr\ncsr_matrix\n)\x81}(U\x06_shapeK\x01K\x02\x86U\x04data" + strings.TrimSuffix(numpyBuilt("K\x01\x85", numpyNamed("u1"), "\x89", "C\x01\x05"), ".") +
			"U\x07indices" + strings.TrimSuffix(numpyBuilt("K\x01\x85", numpyNamed("u1"), "\x89", "C\x01\x01"), ".") +
			"U\x06indptr" + strings.TrimSuffix(numpyBuilt("K\x02\x85", numpyNamed("u1"), "\x89", "C\x02\x00\x01"), ".") + "ub.",
		"cpandas\n_new_Index\ncpandas\nIndex\n}U\x04data](U\x01aU\x01bes\x86R.", "cpandas\n_new_Index\ncpandas\nIndex\n}(U\x05startK\x00U\x04stopK\x05U\x04stepK\x02u\x86R.",
		"cbuiltins\ngetattr\ncscipy.stats._discrete_distns\nrandint_gen\n)\x81U\x02_a\x86R.", "cnumpy.core\n_ufunc_reconstruct\nU\x05numpyU\x05log1p\x86R.",
		wrapped("K\x02\x85", numpyNamed("U2")) + "0123456789abcdef.", padded("K\x10", "\x01\xff"),
		wrapped("K\x01\x85", numpyNamed("O8")) + numpyBuilt("K\x01\x85", numpyNamed("O8"), "\x89", "]Na") + ".",
	} {
		f.Add([]byte(seed))
	}
	limits := Limits{Bytes: 1 << 16, Memory: 1 << 20, Opcodes: 1 << 14, Memo: 1 << 10, Depth: 50}
	f.Fuzz(func(t *testing.T, data []byte) {
		Detect(data)
		v, err := readValue(bytes.NewReader(data), func(Global) bool { return true }, limits)
		if err != nil {
			if v != nil {
				t.Fatalf("a value %v beside the error %v", v, err)
			}
			return
		}
		exercise(v, make(map[Value]bool))
	})
}

// exercise calls all that a value can do, for each value once.
func exercise(v Value, seen map[Value]bool) {
	switch v.(type) {
	case *List, *Tuple, *Set, *Dict, *Object, *Array:
		if seen[v] {
			return
		}
		seen[v] = true
	}
	var inside []Value
	switch v := v.(type) {
	case *List:
		inside = v.Items
	case *Tuple:
		inside = v.Items
	case *Set:
		inside = v.Items
	case *Dict:
		v.Get("a")
		inside = append(append(inside, v.Keys...), v.Values...)
	case *Object:
		v.Attr("a")
		inside = append(append(append(inside, v.Args...), v.Items...), v.State)
	case *Array:
		_, _ = v.Float64s()
		_, _ = v.Int64s()
		_, _ = v.Strings()
		for _, f := range v.Dtype.Fields {
			if c, err := v.Field(f.Name); err == nil {
				_, _ = c.Float64s()
				_, _ = c.Int64s()
				_, _ = c.Strings()
			}
		}
		inside = v.Objects
	}
	AsInt(v)
	AsFloat(v)
	AsString(v)
	AsBool(v)
	_ = typeName(v)
	_, _ = Strings(v)
	_, _ = Floats(v)
	_, _ = Elements(v)
	_, _ = CSR(v)
	for _, w := range inside {
		exercise(w, seen)
	}
}
