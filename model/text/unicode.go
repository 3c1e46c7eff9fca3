package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isWord reports whether Python's \w takes r: str.isalnum, or "_".
func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r)
}

// isSpace reports whether Python's \s takes r: str.isspace.
func isSpace(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || r >= '\t' && r <= '\r' || r >= 0x1c && r <= 0x1f
	}
	for i := 0; i < len(spaces); i += 2 {
		if r >= spaces[i] && r <= spaces[i+1] {
			return true
		}
	}
	return false
}

// spaces are the ranges of str.isspace: bidirectional class WS, B or S, or category Zs.
var spaces = []rune{
	'\t', '\r', 0x1c, ' ', 0x85, 0x85, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f,
	0x205f, 0x205f, 0x3000, 0x3000,
}

// appendLower appends text in lower case, as Python's str.lower.
func appendLower(dst []byte, text string) []byte {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		switch r {
		case 'İ': // the one letter whose lower case is two characters
			dst = append(dst, "i\u0307"...)
		case 'Σ':
			lower := 'σ'
			if casedBefore(text[:i]) && !casedAfter(text[i+size:]) {
				lower = 'ς' // at the end of a word
			}
			dst = utf8.AppendRune(dst, lower)
		default:
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		i += size
	}
	return dst
}

// mostIgnored bounds the characters without case that are looked past for the end of a
// word; Python has no bound, and no word has so many.
const mostIgnored = 256

// casedBefore reports whether the last character of text that has or lacks case has it.
func casedBefore(text string) bool {
	for range mostIgnored {
		r, size := utf8.DecodeLastRuneInString(text)
		if size == 0 {
			return false
		}
		if !caseIgnorable(r) {
			return cased(r)
		}
		text = text[:len(text)-size]
	}
	return false
}

// casedAfter is the same for the first such character of text.
func casedAfter(text string) bool {
	seen := 0
	for _, r := range text {
		if !caseIgnorable(r) {
			return cased(r)
		}
		if seen++; seen == mostIgnored {
			break
		}
	}
	return false
}

// cased is Unicode's property Cased.
func cased(r rune) bool {
	return unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r) || unicode.In(r, unicode.Other_Uppercase, unicode.Other_Lowercase)
}

// caseIgnorable is Unicode's property Case_Ignorable: marks, formats, modifiers, and the
// punctuation that may stand inside a word (Word_Break MidLetter, MidNumLet, Single_Quote).
func caseIgnorable(r rune) bool {
	return strings.ContainsRune("'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a", r) ||
		unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}
