package text

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Accents says what becomes of accents.
type Accents uint8

const (
	// KeepAccents leaves the text as it is.
	KeepAccents Accents = iota
	// ASCIIAccents leaves the characters of ASCII that the text decomposes into
	// (strip_accents="ascii").
	ASCIIAccents
	// UnicodeAccents leaves what the text decomposes into but for the combining
	// characters (strip_accents="unicode").
	UnicodeAccents
	// UnicodeAccentsOld is the same but leaves a text alone that is decomposed already,
	// combining characters and all: strip_accents="unicode" up to scikit-learn 0.21.
	UnicodeAccentsOld
)

//go:embed accents.txt
var accentTable string

// accents knows the decompositions (NFKD) of the characters that have one.
type accents struct {
	of map[rune]decomposition
}

// decomposition of a character.
type decomposition struct {
	class uint8 // canonical combining class; 0: no combining character
	same  bool  // it does not decompose
	kept  string
}

// readAccents reads the table that testdata/unicode.py writes.
func readAccents() (*accents, error) {
	a := &accents{of: make(map[rune]decomposition, 1<<13)}
	for line := range strings.Lines(accentTable) {
		fields := strings.Fields(line)
		if len(fields) < 3 || fields[0] == "#" {
			continue
		}
		first, last, several := strings.Cut(fields[0], "-")
		if !several {
			last = first
		}
		from, err := strconv.ParseInt(first, 16, 32)
		if err != nil {
			return nil, fmt.Errorf("accents.txt: %w", err)
		}
		to, err := strconv.ParseInt(last, 16, 32)
		if err != nil {
			return nil, fmt.Errorf("accents.txt: %w", err)
		}
		class, err := strconv.ParseUint(fields[1], 10, 8)
		if err != nil {
			return nil, fmt.Errorf("accents.txt: %w", err)
		}
		d := decomposition{class: uint8(class), same: fields[2] == "="}
		if !d.same && fields[2] != "-" {
			var kept strings.Builder
			for _, f := range fields[2:] {
				r, err := strconv.ParseInt(f, 16, 32)
				if err != nil {
					return nil, fmt.Errorf("accents.txt: %w", err)
				}
				kept.WriteRune(rune(r))
			}
			d.kept = kept.String()
		}
		for r := from; r <= to; r++ {
			a.of[rune(r)] = d
		}
	}
	return a, nil
}

// appendStripped appends text without its accents.
func (a *accents) appendStripped(dst, text []byte, how Accents) []byte {
	if how == UnicodeAccentsOld && a.decomposed(text) {
		return append(dst, text...)
	}
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			dst = append(dst, text[i])
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		i += size
		dst = a.appendRune(dst, r, how)
	}
	return dst
}

// appendRune appends what is left of r.
func (a *accents) appendRune(dst []byte, r rune, how Accents) []byte {
	d, special := a.of[r]
	switch {
	case isHangul(r):
		if how != ASCIIAccents {
			dst = appendHangul(dst, r)
		}
	case !special && how != ASCIIAccents:
		dst = utf8.AppendRune(dst, r)
	case !special || d.same: // not ASCII, or a combining character
	case how != ASCIIAccents:
		dst = append(dst, d.kept...)
	default:
		for k := range len(d.kept) {
			if c := d.kept[k]; c < utf8.RuneSelf {
				dst = append(dst, c)
			}
		}
	}
	return dst
}

// decomposed reports whether text is its own NFKD: no character decomposes, and
// combining characters stand in their order.
func (a *accents) decomposed(text []byte) bool {
	last := uint8(0)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		i += size
		d, special := a.of[r]
		if isHangul(r) || special && !d.same || d.class != 0 && d.class < last {
			return false
		}
		last = d.class
	}
	return true
}

// isHangul reports whether r is a syllable of Hangul, which decomposes by arithmetic
// (The Unicode Standard, section 3.12).
func isHangul(r rune) bool { return r >= 0xac00 && r <= 0xd7a3 }

func appendHangul(dst []byte, r rune) []byte {
	s := r - 0xac00
	dst = utf8.AppendRune(dst, 0x1100+s/588)
	dst = utf8.AppendRune(dst, 0x1161+s%588/28)
	if t := s % 28; t != 0 {
		dst = utf8.AppendRune(dst, 0x11a7+t)
	}
	return dst
}
