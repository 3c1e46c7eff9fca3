package text

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// least returns the least number of characters that re matches; 0 also where it may be
// none.
func least(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpCapture, syntax.OpPlus:
		return least(re.Sub[0])
	case syntax.OpRepeat:
		return min(re.Min, 1) * least(re.Sub[0])
	case syntax.OpConcat:
		sum := 0
		for _, sub := range re.Sub {
			sum = min(sum+least(sub), 1)
		}
		return sum
	case syntax.OpAlternate:
		fewest := 1
		for _, sub := range re.Sub {
			fewest = min(fewest, least(sub))
		}
		return fewest
	}
	return 0
}

// runs finds the longest runs of characters of a set that are at least so long: what
// \b\w\w+\b and most other patterns come to.
type runs struct {
	ascii [utf8.RuneSelf]bool
	wide  set
	least int
}

// asRuns returns re as runs, where it is a set repeated without an end: greedily, and
// between word boundaries only where the set is word, the characters of \w.
func asRuns(re *syntax.Regexp, word set) (*runs, bool) {
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	parts := []*syntax.Regexp{re}
	if re.Op == syntax.OpConcat {
		parts = re.Sub
	}
	bounded := false
	for len(parts) > 0 && parts[0].Op == syntax.OpWordBoundary {
		parts, bounded = parts[1:], true
	}
	for len(parts) > 0 && parts[len(parts)-1].Op == syntax.OpWordBoundary {
		parts, bounded = parts[:len(parts)-1], true
	}
	if len(parts) == 0 {
		return nil, false
	}
	of, ok := setOf(parts[len(parts)-1])
	if !ok {
		return nil, false
	}
	r := &runs{}
	for i, part := range parts {
		n, endless, ok := repeated(part, of)
		if !ok || endless != (i == len(parts)-1) {
			return nil, false
		}
		r.least += n
	}
	if bounded && !slices.Equal(of, word) {
		return nil, false
	}
	for i := range r.ascii {
		r.ascii[i] = of.has(rune(i))
	}
	r.wide = of
	return r, true
}

// setOf returns the characters that a repetition repeats.
func setOf(re *syntax.Regexp) (set, bool) {
	switch re.Op {
	case syntax.OpPlus, syntax.OpStar, syntax.OpRepeat:
		return setOf(re.Sub[0])
	case syntax.OpCharClass:
		return set(re.Rune), true
	case syntax.OpLiteral:
		if len(re.Rune) == 1 && re.Flags&syntax.FoldCase == 0 {
			return set{re.Rune[0], re.Rune[0]}, true
		}
	}
	return nil, false
}

// repeated returns how often re repeats the set at least, and whether without an end
// and greedily.
func repeated(re *syntax.Regexp, of set) (least int, endless, ok bool) {
	s, ok := setOf(re)
	if !ok || !slices.Equal(s, of) || re.Flags&syntax.NonGreedy != 0 && re.Op != syntax.OpCharClass && re.Op != syntax.OpLiteral {
		return 0, false, false
	}
	simple := func() bool { return re.Sub[0].Op == syntax.OpCharClass || re.Sub[0].Op == syntax.OpLiteral }
	switch re.Op {
	case syntax.OpCharClass, syntax.OpLiteral:
		return 1, false, true
	case syntax.OpPlus:
		return 1, true, simple()
	case syntax.OpStar:
		return 0, true, simple()
	case syntax.OpRepeat:
		return re.Min, re.Max < 0, simple() && (re.Max < 0 || re.Max == re.Min)
	}
	return 0, false, false
}

// has reports whether r is in the set, which is sorted.
func (s set) has(r rune) bool {
	low, high := 0, len(s)/2
	for low < high {
		mid := (low + high) / 2
		switch {
		case r < s[2*mid]:
			high = mid
		case r > s[2*mid+1]:
			low = mid + 1
		default:
			return true
		}
	}
	return false
}

// next returns the next run.
func (r *runs) next(_ *work, text []byte, from int) (begin, end, then int) {
	for i := from; i < len(text); {
		begin, length := i, 0
		size := 1
		for i < len(text) {
			if c := text[i]; c < utf8.RuneSelf {
				if size = 1; !r.ascii[c] {
					break
				}
			} else {
				var wide rune
				if wide, size = utf8.DecodeRune(text[i:]); !r.wide.has(wide) {
					break
				}
			}
			i += size
			length++
		}
		if length > 0 && length >= r.least {
			return begin, i, i
		}
		i += size
	}
	return -1, -1, len(text)
}
