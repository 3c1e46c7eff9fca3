package preprocess

import (
	"math"
	"strings"
	"testing"
)

// TestFold compares texts in groups that Python 3.11's str.casefold makes equal; of
// different groups it makes none equal. (All of Unicode's code points were compared
// once in this way when the table was made.)
func TestFold(t *testing.T) {
	groups := [][]string{
		{"TCP", "tcp", "tCp"}, {" tcp"}, {"tcp "}, {""}, {"i", "I"}, {"[", "["}, {"{"}, {"@"}, {"`"},
		{"Stra\u00dfe", "STRASSE", "STRA\u1e9eE", "strasse"},
		{"\u0130", "i\u0307"}, {"\u0131"},
		{"\u017f", "s", "S"}, {"\u212a", "K", "k"},
		{"\u03a3\u038a\u03a3\u03a5\u03a6\u039f\u03a3", "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3"},
		{"\u0149", "\u02bcn"}, {"\ufb01", "fi", "FI"}, {"\ufb00", "ff"}, {"\ufb03", "ffi"},
		{"\u0390"}, {"\u03a9", "\u03c9", "\u2126"}, {"\u01c6", "\u01c4", "\u01c5"},
		{"\u1fb3", "\u03b1\u03b9", "\u1fbc"}, {"\u13a0", "\uab70"},
		{"\u00e9", "\u00c9"}, {"e\u0301"}, {"\u65e5\u672c"}, {"\u00c5", "\u00e5", "\u212b"}, {"\u00b5", "\u03bc", "\u039c"},
		{"\xff"}, {"\xfe"}, {"\ufffd"}, // broken UTF-8 is equal to itself only
	}
	group := map[string]int{}
	for n, texts := range groups {
		for _, text := range texts {
			key, ok := appendFold(nil, []byte(text), math.MaxInt)
			if !ok {
				t.Fatalf("%q does not fold", text)
			}
			if first, seen := group[string(key)]; seen && first != n {
				t.Errorf("%q is folded as %q is", text, groups[first][0])
			}
			group[string(key)] = n
		}
	}
	if len(group) != len(groups) {
		t.Errorf("%d keys for %d groups: texts of one group differ", len(group), len(groups))
	}
}

func TestFoldGivesUp(t *testing.T) {
	for _, c := range []struct {
		text string
		most int
		want bool
	}{
		{"abc", 3, true}, {"abcd", 3, false}, {"", 0, true}, {"a", 0, false},
		{"\u00df", 2, true}, {"\u00df", 1, false}, {"\u212a\u212a", 2, true},
	} {
		if _, ok := appendFold(nil, []byte(c.text), c.most); ok != c.want {
			t.Errorf("folding %q to at most %d bytes: %t, want %t", c.text, c.most, ok, c.want)
		}
	}
	var memory [16]byte
	if got, _ := appendFold(memory[:0], []byte(strings.Repeat("x", 1<<20)), 8); cap(got) != len(memory) {
		t.Errorf("folding 1 MiB to at most 8 bytes took %d bytes of memory", cap(got))
	}
}
