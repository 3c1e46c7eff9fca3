package text

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Unit says what a text is counted in.
type Unit uint8

const (
	// Words: n-grams of the tokens that Options.Pattern finds (analyzer="word").
	Words Unit = iota
	// Chars: n-grams of characters (analyzer="char").
	Chars
	// CharsInWords: n-grams of characters of each word with a space on either side
	// (analyzer="char_wb").
	CharsInWords
)

// DefaultPattern is scikit-learn's token pattern: words of two characters or more.
const DefaultPattern = `(?u)\b\w\w+\b`

// mostN bounds the length of n-grams.
const mostN = 1 << 10

//go:embed english.txt
var english string

// English returns scikit-learn's list of English stop words (stop_words="english"),
// which is the same from 0.18 to 1.9.
func English() []string { return strings.Fields(english) }

// Options say what the terms of a text are.
type Options struct {
	Unit       Unit
	Lowercase  bool
	Accents    Accents
	Pattern    string   // of Words, as Python's re takes it
	StopWords  []string // of Words
	MinN, MaxN int      // lengths of n-grams, both included; at least 1
}

// Analysis finds the terms of a text. It is fixed, and safe for concurrent use.
type Analysis struct {
	unit       Unit
	lower      bool
	how        Accents
	accents    *accents // nil where accents are kept
	tokens     splitter
	stop       map[string]struct{}
	minN, maxN int
}

// splitter finds tokens: the first one in text from place from on, which begins at -1
// where there is none, and where to look for the next.
type splitter interface {
	next(w *work, text []byte, from int) (begin, end, then int)
}

// NewAnalysis returns an analysis. An error says what about the pattern, or the rest,
// cannot be served.
func NewAnalysis(o Options) (*Analysis, error) {
	if o.MinN < 1 || o.MaxN < o.MinN || o.MaxN > mostN {
		return nil, fmt.Errorf("n-grams of %d to %d are not served", o.MinN, o.MaxN)
	}
	if o.Unit > CharsInWords || o.Accents > UnicodeAccentsOld {
		return nil, errors.New("the analysis has an unknown option")
	}
	a := &Analysis{unit: o.Unit, lower: o.Lowercase, how: o.Accents, minN: o.MinN, maxN: o.MaxN}
	var err error
	if o.Accents != KeepAccents {
		if a.accents, err = readAccents(); err != nil {
			return nil, err
		}
	}
	if o.Unit != Words {
		return a, nil
	}
	if a.tokens, err = compile(o.Pattern); err != nil {
		return nil, err
	}
	if len(o.StopWords) > 0 {
		a.stop = make(map[string]struct{}, len(o.StopWords))
		for _, word := range o.StopWords {
			a.stop[word] = struct{}{}
		}
	}
	return a, nil
}

// Cost returns about how many bytes an analysis takes, and takes to make: more than its
// options do, for a short pattern can name half of Unicode.
func (o *Options) Cost() int64 {
	const base, table, perByte, perWord = 32 << 10, 1 << 20, 16 << 10, 64
	cost := int64(base + perWord*len(o.StopWords))
	if o.Accents != KeepAccents {
		cost += table
	}
	if o.Unit == Words && o.Pattern != DefaultPattern {
		cost += perByte * int64(min(len(o.Pattern), mostPattern))
	}
	return cost
}

// limit makes a copy of the analysis that leaves out n-grams longer than any term of
// the vocabulary.
func (a *Analysis) limit(vocabulary map[string]int) *Analysis {
	longest := 0
	for term := range vocabulary {
		n := utf8.RuneCountInString(term)
		if a.unit == Words {
			n = strings.Count(term, " ") + 1
		}
		longest = max(longest, n)
	}
	own := *a
	own.maxN = max(own.minN, min(own.maxN, longest)) // a word shorter than minN is a term of CharsInWords
	return &own
}

// work is the memory for one text.
type work struct {
	text, stripped []byte
	words          []byte // tokens, or a word, with a space between
	bounds         []int  // of the tokens in words, begin and end; or where characters begin
	terms          []int64
	columns        []int32
	values         []float64
	threads        threads
	left           spending
	watch          watch
}

// prepare returns text in lower case and without accents, as asked for.
func (a *Analysis) prepare(w *work, text string) []byte {
	if a.lower {
		w.text = appendLower(w.text[:0], text)
	} else {
		w.text = append(w.text[:0], text...)
	}
	if a.accents == nil || ascii(w.text) {
		return w.text
	}
	w.stripped = a.accents.appendStripped(w.stripped[:0], w.text, a.how)
	return w.stripped
}

func ascii(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// terms calls found with every term of text, which is valid during the call only. It
// leaves off, with w.watch.over, where the request is over.
func (a *Analysis) terms(w *work, text string, found finder) {
	prepared := a.prepare(w, text)
	switch a.unit {
	case Words:
		a.wordTerms(w, prepared, found)
	case Chars:
		w.words = appendSpaced(w.words[:0], prepared)
		a.charTerms(w, w.words, found)
	case CharsInWords:
		a.wordCharTerms(w, prepared, found)
	}
}

// finder is told the terms of a text.
type finder interface {
	found(w *work, term []byte)
}

// wordTerms writes the tokens that are no stop words to w.words, each a space behind
// the other: so every n-gram of them is a part of it.
func (a *Analysis) wordTerms(w *work, text []byte, found finder) {
	w.words, w.bounds = w.words[:0], w.bounds[:0]
	for from := 0; ; {
		begin, end, then := a.tokens.next(w, text, from)
		if begin < 0 || w.watch.stopped() {
			break
		}
		from = max(then, from+1)
		token := text[begin:end]
		if _, stop := a.stop[string(token)]; stop {
			continue
		}
		if len(w.words) > 0 || len(w.bounds) > 0 {
			w.words = append(w.words, ' ')
		}
		w.bounds = append(w.bounds, len(w.words), len(w.words)+len(token))
		w.words = append(w.words, token...)
	}
	tokens := len(w.bounds) / 2
	if !w.afford(tokens, len(w.words), a.minN, a.maxN) {
		return
	}
	for n := a.minN; n <= min(a.maxN, tokens); n++ {
		for i := 0; i+n <= tokens && !w.watch.stopped(); i++ {
			found.found(w, w.words[w.bounds[2*i]:w.bounds[2*(i+n-1)+1]])
		}
	}
}

// appendSpaced appends text with one space in place of two or more white spaces.
func appendSpaced(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if !isSpace(r) {
			dst = append(dst, text[i:i+size]...)
			i += size
			continue
		}
		end := i + size
		for end < len(text) {
			next, more := utf8.DecodeRune(text[end:])
			if !isSpace(next) {
				break
			}
			end += more
		}
		if end == i+size {
			dst = append(dst, text[i:end]...) // a single one stays what it is
		} else {
			dst = append(dst, ' ')
		}
		i = end
	}
	return dst
}

// places writes to w.bounds where the characters of text begin, and its end.
func (w *work) places(text []byte) {
	w.bounds = w.bounds[:0]
	for i := 0; i < len(text); {
		w.bounds = append(w.bounds, i)
		_, size := utf8.DecodeRune(text[i:])
		i += size
	}
	w.bounds = append(w.bounds, len(text))
}

func (a *Analysis) charTerms(w *work, text []byte, found finder) {
	w.places(text)
	length := len(w.bounds) - 1
	if !w.afford(length, len(text), a.minN, a.maxN) {
		return
	}
	for n := a.minN; n <= min(a.maxN, length); n++ {
		for i := 0; i+n <= length && !w.watch.stopped(); i++ {
			found.found(w, text[w.bounds[i]:w.bounds[i+n]])
		}
	}
}

func (a *Analysis) wordCharTerms(w *work, text []byte, found finder) {
	for i := 0; i < len(text) && !w.watch.stopped(); {
		r, size := utf8.DecodeRune(text[i:])
		if isSpace(r) {
			i += size
			continue
		}
		w.words = append(w.words[:0], ' ')
		for i < len(text) && !isSpace(r) {
			w.words = append(w.words, text[i:i+size]...)
			if i += size; i < len(text) {
				r, size = utf8.DecodeRune(text[i:])
			}
		}
		w.words = append(w.words, ' ')
		w.places(w.words)
		length := len(w.bounds) - 1
		if !w.afford(length, len(w.words), a.minN, a.maxN) {
			return
		}
		for n := a.minN; n <= a.maxN; n++ {
			found.found(w, w.words[:w.bounds[min(n, length)]])
			for k := 1; k+n <= length && !w.watch.stopped(); k++ {
				found.found(w, w.words[w.bounds[k]:w.bounds[k+n]])
			}
			if n >= length {
				break // a word no longer than n counts once
			}
		}
	}
}
