package text

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	mostPattern = 300  // bytes of a pattern
	mostProgram = 1000 // instructions that it becomes
)

// compile returns what finds the tokens of a pattern of Python's re, or an error that
// says what in it has no exact equal here.
func compile(pattern string) (splitter, error) {
	if len(pattern) > mostPattern {
		return nil, fmt.Errorf("the token pattern is longer than %d bytes", mostPattern)
	}
	t := translation{from: strings.TrimPrefix(pattern, "(?u)")}
	if ascii, ok := strings.CutPrefix(pattern, "(?a)"); ok {
		t.from, t.ascii = ascii, true
	}
	if err := t.run(); err != nil {
		return nil, fmt.Errorf("the token pattern %s: %w", strconv.QuoteToASCII(pattern), err)
	}
	re, err := syntax.Parse(t.to.String(), syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("the token pattern %s is not served", strconv.QuoteToASCII(pattern))
	}
	if least(re) == 0 {
		return nil, fmt.Errorf("the token pattern %s matches nothing at all, which is not served", strconv.QuoteToASCII(pattern))
	}
	if r, ok := asRuns(re, classOf('w', t.ascii)); ok {
		return r, nil
	}
	program, err := syntax.Compile(re.Simplify())
	if err != nil || len(program.Inst) > mostProgram {
		return nil, fmt.Errorf("the token pattern %s is too large", strconv.QuoteToASCII(pattern))
	}
	return &matcher{program: program, group: t.groups == 1, ascii: t.ascii}, nil
}

// translation writes a pattern of Python's re as one of package regexp/syntax: classes
// spelt out, as the two differ in what \w, \d and \s are.
type translation struct {
	from   string
	to     strings.Builder
	groups int
	ascii  bool // (?a)
}

var errEscape = errors.New("an escape in it is not served")

// run translates the pattern.
func (t *translation) run() error {
	for t.from != "" {
		var err error
		switch c := t.from[0]; c {
		case '\\':
			err = t.escape()
		case '[':
			err = t.class()
		case '(':
			err = t.group()
		case '$':
			err = errors.New(`"$" is not served`)
		case '{':
			err = t.repeat()
		case '*', '+', '?':
			err = t.quantifier(1)
		default:
			_, size := utf8.DecodeRuneInString(t.from)
			t.to.WriteString(t.from[:size])
			t.from = t.from[size:]
		}
		if err != nil {
			return err
		}
	}
	if t.groups > 1 {
		return errors.New("more than one group is not served")
	}
	return nil
}

// quantifier copies a quantifier of n bytes and the "?" that makes it lazy.
func (t *translation) quantifier(n int) error {
	if n < len(t.from) {
		switch t.from[n] {
		case '?':
			n++
		case '+':
			return errors.New("possessive repetition is not served") // means something else before Python 3.11
		}
	}
	t.to.WriteString(t.from[:n])
	t.from = t.from[n:]
	return nil
}

// repeat copies {3} or {3,} or {3,5}. Python takes {,5} too, and all else literally.
func (t *translation) repeat() error {
	end := strings.IndexByte(t.from, '}')
	if end < 0 {
		return errors.New(`a literal "{" is not served`)
	}
	low, high, _ := strings.Cut(t.from[1:end], ",")
	for i, bound := range [...]string{low, high} {
		if (bound == "" && i == 0) || strings.Trim(bound, "0123456789") != "" {
			return errors.New(`"{" without two numbers is not served`)
		}
	}
	return t.quantifier(end + 1)
}

// group translates what stands behind a "(".
func (t *translation) group() error {
	if !strings.HasPrefix(t.from, "(?") {
		t.groups++
		t.to.WriteByte('(')
		t.from = t.from[1:]
		return nil
	}
	if strings.HasPrefix(t.from, "(?:") {
		t.to.WriteString("(?:")
		t.from = t.from[3:]
		return nil
	}
	if strings.HasPrefix(t.from, "(?P<") {
		end := strings.IndexByte(t.from, '>')
		if end > 0 {
			t.groups++
			t.to.WriteByte('(')
			t.from = t.from[end+1:]
			return nil
		}
	}
	return errors.New("look-around, flags and references are not served")
}

// escape translates an escape outside of a class.
func (t *translation) escape() error {
	if len(t.from) < 2 {
		return errEscape
	}
	switch c := t.from[1]; c {
	case 'b', 'B', 'A':
		t.to.WriteString(t.from[:2])
		t.from = t.from[2:]
		return nil
	case 'Z':
		t.to.WriteString(`\z`)
		t.from = t.from[2:]
		return nil
	}
	if short, ok := shorts[t.from[:2]]; ok && !t.ascii {
		t.to.WriteString(short)
		t.from = t.from[2:]
		return nil
	}
	set, err := t.escaped()
	if err == nil {
		t.write(set)
	}
	return err
}

// shorts are the sets that package regexp/syntax has short names for.
var shorts = map[string]string{`\w`: `[\pL\pN_]`, `\W`: `[^\pL\pN_]`, `\d`: `\p{Nd}`, `\D`: `\P{Nd}`}

// escaped reads an escape that stands for one character of a set, and returns the set.
func (t *translation) escaped() (set, error) {
	if len(t.from) < 2 {
		return nil, errEscape
	}
	c := t.from[1]
	rest := t.from[2:]
	switch c {
	case 'w', 'W', 'd', 'D', 's', 'S':
		t.from = rest
		s := classOf(c|0x20, t.ascii)
		if c < 'a' {
			s = s.negated()
		}
		return s, nil
	case 'x', 'u', 'U':
		n := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
		if len(rest) < n {
			return nil, errEscape
		}
		v, err := strconv.ParseUint(rest[:n], 16, 32)
		if err != nil || v > unicode.MaxRune {
			return nil, errEscape
		}
		t.from = rest[n:]
		return set{rune(v), rune(v)}, nil
	}
	if r, ok := map[byte]rune{'n': '\n', 't': '\t', 'r': '\r', 'f': '\f', 'v': '\v', 'a': '\a'}[c]; ok {
		t.from = rest
		return set{r, r}, nil
	}
	r, size := utf8.DecodeRuneInString(t.from[1:])
	if r < utf8.RuneSelf && (isWord(r)) {
		return nil, errEscape // a reference, or unknown to Python
	}
	t.from = t.from[1+size:]
	return set{r, r}, nil
}

// class translates [...]. As in Python, a "]" may come first, and "[" is a character.
func (t *translation) class() error {
	t.from = t.from[1:]
	negated := strings.HasPrefix(t.from, "^")
	if negated {
		t.from = t.from[1:]
	}
	var all set
	for first := true; ; first = false {
		if t.from == "" {
			return errors.New("a class in it has no end")
		}
		if t.from[0] == ']' && !first {
			t.from = t.from[1:]
			break
		}
		low, err := t.member()
		if err != nil {
			return err
		}
		if len(t.from) > 1 && t.from[0] == '-' && t.from[1] != ']' {
			t.from = t.from[1:]
			high, err := t.member()
			if err != nil {
				return err
			}
			if len(low) != 2 || len(high) != 2 || low[0] != low[1] || high[0] != high[1] || low[0] > high[0] {
				return errors.New("a range in it is not served")
			}
			low[1] = high[0]
		}
		all = append(all, low...)
	}
	all = all.sorted()
	if negated {
		all = all.negated()
	}
	if len(all) == 0 {
		return errors.New("a class in it is empty")
	}
	t.write(all)
	return nil
}

// member reads one member of a class.
func (t *translation) member() (set, error) {
	if t.from == "" {
		return nil, errors.New("a class in it has no end")
	}
	if strings.HasPrefix(t.from, `\b`) {
		t.from = t.from[2:]
		return set{'\b', '\b'}, nil
	}
	if t.from[0] == '\\' {
		return t.escaped()
	}
	for _, doubled := range [...]string{"--", "&&", "||", "~~", "[:"} {
		if strings.HasPrefix(t.from, doubled) {
			return nil, errors.New("a set operation in it is not served") // reserved by Python
		}
	}
	r, size := utf8.DecodeRuneInString(t.from)
	t.from = t.from[size:]
	return set{r, r}, nil
}

// write writes a set as a class of package regexp/syntax.
func (t *translation) write(s set) {
	t.to.WriteByte('[')
	for i := 0; i < len(s); i += 2 {
		fmt.Fprintf(&t.to, `\x{%x}-\x{%x}`, s[i], s[i+1])
	}
	t.to.WriteByte(']')
}

// set is ranges of characters, first and last of each.
type set []rune

// classOf returns the characters of \w, \d or \s, of ASCII only where asked for.
func classOf(c byte, ascii bool) set {
	var s set
	switch c {
	case 'w':
		s = append(tableSet(unicode.L, unicode.N), '_', '_')
	case 'd':
		s = tableSet(unicode.Nd)
	case 's':
		s = append(s, spaces...)
	}
	if s = s.sorted(); ascii {
		return s.below(utf8.RuneSelf)
	}
	return s
}

// below returns what of the set, which is sorted, lies below end.
func (s set) below(end rune) set {
	for i := 0; i < len(s); i += 2 {
		if s[i] >= end {
			return s[:i]
		}
		s[i+1] = min(s[i+1], end-1)
	}
	return s
}

func tableSet(tables ...*unicode.RangeTable) set {
	var s set
	add := func(low, high, stride rune) {
		if stride == 1 {
			s = append(s, low, high)
			return
		}
		for r := low; r <= high; r += stride {
			s = append(s, r, r)
		}
	}
	for _, t := range tables {
		for _, r := range t.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return s
}

// sorted returns the set with its ranges in order, none touching another.
func (s set) sorted() set {
	pairs := make([][2]rune, 0, len(s)/2)
	for i := 0; i < len(s); i += 2 {
		pairs = append(pairs, [2]rune{s[i], s[i+1]})
	}
	slices.SortFunc(pairs, func(a, b [2]rune) int { return int(a[0] - b[0]) })
	var out set
	for _, p := range pairs {
		if n := len(out); n > 0 && p[0] <= out[n-1]+1 {
			out[n-1] = max(out[n-1], p[1])
			continue
		}
		out = append(out, p[0], p[1])
	}
	return out
}

// negated returns all characters that are not in the set, which is sorted.
func (s set) negated() set {
	var out set
	next := rune(0)
	for i := 0; i < len(s); i += 2 {
		if s[i] > next {
			out = append(out, next, s[i]-1)
		}
		next = s[i+1] + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, next, unicode.MaxRune)
	}
	return out
}
