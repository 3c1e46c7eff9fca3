package lightgbm

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"example.com/mlapi/model/tree"
)

// categories are what a pandas column had: texts or numbers (true and false are 1
// and 0), of which one is set.
type categories struct {
	texts   []string
	numbers []float64
}

// parseCategories reads the JSON behind pandas_categorical: null or a list of lists,
// one for each category column of the data frame.
func parseCategories(text string) ([]categories, error) {
	var lists [][]any
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	if err := d.Decode(&lists); err != nil {
		return nil, &Error{What: "pandas_categorical is no list of lists", Tree: -1, Cause: err}
	}
	all := make([]categories, len(lists))
	for i, list := range lists {
		c := &all[i]
		for _, v := range list {
			switch v := v.(type) {
			case string:
				c.texts = append(c.texts, v)
			case bool:
				n := 0.0
				if v {
					n = 1
				}
				c.numbers = append(c.numbers, n)
			case json.Number:
				n, err := v.Float64()
				if err != nil {
					return nil, broken("pandas_categorical has the number %s", v)
				}
				c.numbers = append(c.numbers, n)
			default:
				return nil, broken("pandas_categorical has a category that is neither text nor number")
			}
		}
		if c.texts != nil && c.numbers != nil {
			return nil, unsupported("train on category columns that hold texts only or numbers only",
				"a category column holds texts and numbers")
		}
	}
	return all, nil
}

// size returns the number of categories.
func (c categories) size() int { return len(c.texts) + len(c.numbers) }

// codes pairs the lists of categories with the features they are of, or returns nil
// where the file does not say that plainly.
func (b *Booster) codes(infos []string) []tree.Codes {
	columns := pairCategories(b.categories, infos)
	var codes []tree.Codes
	for i, column := range columns {
		if c := b.categories[i]; c.size() > 0 {
			codes = append(codes, tree.Codes{Feature: column, Texts: c.texts, Numbers: c.numbers})
		}
	}
	return codes
}

// pairCategories returns the column of each list, or nil where there is no way to
// pair them, or several.
//
// The file has the lists in the order of their columns but does not name them. The
// info of a category column lists the codes that were seen (0:2:1), and has none
// beyond its list. pandas lists ordered categories too, which LightGBM takes as
// numbers: their info is a range ([0:2]). A column without any use says "none".
func pairCategories(lists []categories, infos []string) []int {
	const mostWork = 1 << 24
	if len(lists) == 0 || len(lists) > len(infos) || len(lists)*len(infos) > mostWork {
		return nil
	}
	highest := make([]float64, len(infos)) // code; NaN where the column has no list
	listed := make([]bool, len(infos))
	for j, info := range infos {
		highest[j], listed[j] = highestCode(info)
	}
	// ways[i] counts, up to 2, how the first i lists fit the columns so far.
	ways := make([]uint8, len(lists)+1)
	ways[0] = 1
	taken := make([]uint64, (len(lists)+1)*len(infos)/64+1) // whether list i could end at column j
	for j := range infos {
		for i := len(lists); i >= 0; i-- {
			with := uint8(0)
			if i > 0 && highest[j] < float64(lists[i-1].size()) {
				with = ways[i-1]
			}
			if with > 0 {
				taken[(i*len(infos)+j)/64] |= 1 << ((i*len(infos) + j) % 64)
			}
			if listed[j] {
				ways[i] = 0
			}
			ways[i] = min(ways[i]+with, 2)
		}
	}
	if ways[len(lists)] != 1 {
		return nil
	}
	columns := make([]int, len(lists))
	for i, j := len(lists), len(infos)-1; i > 0; j-- {
		// Of a single way the last column that could be taken was.
		if taken[(i*len(infos)+j)/64]>>((i*len(infos)+j)%64)&1 == 1 {
			columns[i-1] = j
			i--
		}
	}
	return columns
}

// highestCode returns the highest category code that a column's info shows, -1 where
// it shows nothing and NaN where it is no category column, and whether it surely is
// one.
func highestCode(info string) (highest float64, listed bool) {
	if info == "none" {
		return -1, false
	}
	inner, ranged := strings.CutPrefix(info, "[")
	highest = -1
	for word := range strings.SplitSeq(strings.TrimSuffix(inner, "]"), ":") {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil || v != math.Trunc(v) || ranged && v < 0 {
			return math.NaN(), false
		}
		highest = max(highest, v)
	}
	return highest, !ranged
}

// plainNumbers reports whether codes are the numbers themselves.
func plainNumbers(numbers []float64) bool {
	for code, v := range numbers {
		if v != float64(code) || math.Signbit(v) {
			return false
		}
	}
	return true
}
