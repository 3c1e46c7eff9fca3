package preprocess

import (
	"unicode"
	"unicode/utf8"
)

// appendFold appends the case folding of text to dst: two texts fold to the same
// bytes exactly if Unicode's full case folding (CaseFolding.txt, statuses C and F,
// as in Python's str.casefold) makes them equal. "TCP" and "tcp" do, and so do
// "STRASSE" and "Straße". The folded bytes themselves are a key and nothing to
// show: of letters that differ in case alone the one with the lowest code point
// stands for all.
//
// It gives up, returning false, once the folded text is longer than most bytes,
// so that a huge text costs no more than a long name.
func appendFold(dst, text []byte, most int) ([]byte, bool) {
	for k := 0; k < len(text); {
		if len(dst) > most {
			return dst, false
		}
		if b := text[k]; b < utf8.RuneSelf {
			if 'a' <= b && b <= 'z' {
				b -= 'a' - 'A'
			}
			dst = append(dst, b)
			k++
			continue
		}
		r, size := utf8.DecodeRune(text[k:])
		if r == utf8.RuneError && size == 1 { // not UTF-8: equal to itself only
			dst = append(dst, text[k])
			k++
			continue
		}
		k += size
		if many, ok := fullFolds[r]; ok {
			for _, r := range many {
				dst = utf8.AppendRune(dst, lowestCase(r))
			}
			continue
		}
		dst = utf8.AppendRune(dst, lowestCase(r))
	}
	return dst, len(dst) <= most
}

// lowestCase returns the lowest of the code points that differ from r in case
// alone.
func lowestCase(r rune) rune {
	low := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		low = min(low, next)
	}
	return low
}

// fullFolds are the characters whose case folding is several characters: those of
// status F in Unicode's CaseFolding.txt.
var fullFolds = map[rune]string{
	0x00DF: "\u0073\u0073",
	0x0130: "\u0069\u0307",
	0x0149: "\u02BC\u006E",
	0x01F0: "\u006A\u030C",
	0x0390: "\u03B9\u0308\u0301",
	0x03B0: "\u03C5\u0308\u0301",
	0x0587: "\u0565\u0582",
	0x1E96: "\u0068\u0331",
	0x1E97: "\u0074\u0308",
	0x1E98: "\u0077\u030A",
	0x1E99: "\u0079\u030A",
	0x1E9A: "\u0061\u02BE",
	0x1E9E: "\u0073\u0073",
	0x1F50: "\u03C5\u0313",
	0x1F52: "\u03C5\u0313\u0300",
	0x1F54: "\u03C5\u0313\u0301",
	0x1F56: "\u03C5\u0313\u0342",
	0x1F80: "\u1F00\u03B9",
	0x1F81: "\u1F01\u03B9",
	0x1F82: "\u1F02\u03B9",
	0x1F83: "\u1F03\u03B9",
	0x1F84: "\u1F04\u03B9",
	0x1F85: "\u1F05\u03B9",
	0x1F86: "\u1F06\u03B9",
	0x1F87: "\u1F07\u03B9",
	0x1F88: "\u1F00\u03B9",
	0x1F89: "\u1F01\u03B9",
	0x1F8A: "\u1F02\u03B9",
	0x1F8B: "\u1F03\u03B9",
	0x1F8C: "\u1F04\u03B9",
	0x1F8D: "\u1F05\u03B9",
	0x1F8E: "\u1F06\u03B9",
	0x1F8F: "\u1F07\u03B9",
	0x1F90: "\u1F20\u03B9",
	0x1F91: "\u1F21\u03B9",
	0x1F92: "\u1F22\u03B9",
	0x1F93: "\u1F23\u03B9",
	0x1F94: "\u1F24\u03B9",
	0x1F95: "\u1F25\u03B9",
	0x1F96: "\u1F26\u03B9",
	0x1F97: "\u1F27\u03B9",
	0x1F98: "\u1F20\u03B9",
	0x1F99: "\u1F21\u03B9",
	0x1F9A: "\u1F22\u03B9",
	0x1F9B: "\u1F23\u03B9",
	0x1F9C: "\u1F24\u03B9",
	0x1F9D: "\u1F25\u03B9",
	0x1F9E: "\u1F26\u03B9",
	0x1F9F: "\u1F27\u03B9",
	0x1FA0: "\u1F60\u03B9",
	0x1FA1: "\u1F61\u03B9",
	0x1FA2: "\u1F62\u03B9",
	0x1FA3: "\u1F63\u03B9",
	0x1FA4: "\u1F64\u03B9",
	0x1FA5: "\u1F65\u03B9",
	0x1FA6: "\u1F66\u03B9",
	0x1FA7: "\u1F67\u03B9",
	0x1FA8: "\u1F60\u03B9",
	0x1FA9: "\u1F61\u03B9",
	0x1FAA: "\u1F62\u03B9",
	0x1FAB: "\u1F63\u03B9",
	0x1FAC: "\u1F64\u03B9",
	0x1FAD: "\u1F65\u03B9",
	0x1FAE: "\u1F66\u03B9",
	0x1FAF: "\u1F67\u03B9",
	0x1FB2: "\u1F70\u03B9",
	0x1FB3: "\u03B1\u03B9",
	0x1FB4: "\u03AC\u03B9",
	0x1FB6: "\u03B1\u0342",
	0x1FB7: "\u03B1\u0342\u03B9",
	0x1FBC: "\u03B1\u03B9",
	0x1FC2: "\u1F74\u03B9",
	0x1FC3: "\u03B7\u03B9",
	0x1FC4: "\u03AE\u03B9",
	0x1FC6: "\u03B7\u0342",
	0x1FC7: "\u03B7\u0342\u03B9",
	0x1FCC: "\u03B7\u03B9",
	0x1FD2: "\u03B9\u0308\u0300",
	0x1FD3: "\u03B9\u0308\u0301",
	0x1FD6: "\u03B9\u0342",
	0x1FD7: "\u03B9\u0308\u0342",
	0x1FE2: "\u03C5\u0308\u0300",
	0x1FE3: "\u03C5\u0308\u0301",
	0x1FE4: "\u03C1\u0313",
	0x1FE6: "\u03C5\u0342",
	0x1FE7: "\u03C5\u0308\u0342",
	0x1FF2: "\u1F7C\u03B9",
	0x1FF3: "\u03C9\u03B9",
	0x1FF4: "\u03CE\u03B9",
	0x1FF6: "\u03C9\u0342",
	0x1FF7: "\u03C9\u0342\u03B9",
	0x1FFC: "\u03C9\u03B9",
	0xFB00: "\u0066\u0066",
	0xFB01: "\u0066\u0069",
	0xFB02: "\u0066\u006C",
	0xFB03: "\u0066\u0066\u0069",
	0xFB04: "\u0066\u0066\u006C",
	0xFB05: "\u0073\u0074",
	0xFB06: "\u0073\u0074",
	0xFB13: "\u0574\u0576",
	0xFB14: "\u0574\u0565",
	0xFB15: "\u0574\u056B",
	0xFB16: "\u057E\u0576",
	0xFB17: "\u0574\u056D",
}
