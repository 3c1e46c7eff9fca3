package mlapi

import (
	"fmt"
	"math"
	"strconv"
)

// CellKind says what was sent in a cell.
type CellKind uint8

const (
	// NullCell is a missing value (JSON null). It is the zero value.
	NullCell CellKind = iota
	// NumberCell is a number; NaN and the infinities occur.
	NumberCell
	// BoolCell is true or false.
	BoolCell
	// TextCell is a text, still without meaning.
	TextCell
)

// Cell is one value of a row as sent: 16 bytes, no pointer. A text's bytes lie
// in the Rows the cell belongs to.
type Cell struct {
	bits uint64 // the number's bits; 0 or 1; or the text's offset
	size uint32 // the text's length in bytes
	kind CellKind
}

// Kind returns what was sent.
func (c Cell) Kind() CellKind { return c.kind }

// Rows are the decoded samples of one block of a request, as sent: a flat slice
// of small cells, row after row, each row of the same width. The shape is
// checked, a meaning is not given yet.
//
// A decoder fills it (Reset, then Append... for each cell and EndRow after each
// row); a Preprocessor reads it. The zero value is ready for use. Rows are
// reused: nothing of them may be kept once the pipeline has run.
type Rows struct {
	first int // index in the request of the first row
	width int // cells in a row; 0 until the first row has ended
	count int // rows ended
	cells []Cell
	text  []byte
	spare []Cell // of Arrange
}

// Reset empties r for a block that begins at row number first of the request,
// keeping the memory. The width is forgotten only when first is 0: all blocks of
// a request have the same.
func (r *Rows) Reset(first int) {
	if first == 0 {
		r.width = 0
	}
	r.first, r.count = first, 0
	r.cells, r.text = r.cells[:0], r.text[:0]
}

// Len returns the number of complete rows.
func (r *Rows) Len() int { return r.count }

// Width returns the number of cells in each row.
func (r *Rows) Width() int { return r.width }

// Number returns the row number in the request of row i of this block.
func (r *Rows) Number(i int) int { return r.first + i }

// Pending returns the number of cells appended since the last EndRow.
func (r *Rows) Pending() int { return len(r.cells) - r.count*r.width }

// Size returns the bytes that the block's cells and texts take, for a decoder
// that decides when a block is full.
func (r *Rows) Size() int { return len(r.cells)*16 + len(r.text) }

// AppendNumber appends a number to the row under way.
func (r *Rows) AppendNumber(v float64) {
	r.cells = append(r.cells, Cell{bits: math.Float64bits(v), kind: NumberCell})
}

// AppendBool appends true or false to the row under way.
func (r *Rows) AppendBool(v bool) {
	c := Cell{kind: BoolCell}
	if v {
		c.bits = 1
	}
	r.cells = append(r.cells, c)
}

// AppendNull appends a missing value to the row under way.
func (r *Rows) AppendNull() { r.cells = append(r.cells, Cell{}) }

// AppendText appends a text, which is copied, to the row under way.
func (r *Rows) AppendText(text []byte) {
	r.cells = append(r.cells, Cell{bits: uint64(len(r.text)), size: uint32(len(text)), kind: TextCell})
	r.text = append(r.text, text...)
}

// Arrange puts the cells of the row under way into another order: the one appended
// as number k becomes the cell of column places[k]. places has each column once.
func (r *Rows) Arrange(places []int) {
	row := r.cells[r.count*r.width:]
	r.spare = append(r.spare[:0], row...)
	for k, c := range r.spare {
		row[places[k]] = c
	}
}

// EndRow ends the row under way. Its first call of a request sets the width; a
// row of another width, or an empty one, is an Invalid *Error ("ragged_rows",
// "empty_row") that names the row.
func (r *Rows) EndRow() error {
	row := r.first + r.count
	n := len(r.cells) - r.count*r.width
	switch {
	case r.width == 0 && n == 0:
		return Invalidf("empty_row", "Row %d has no values.", row).At(row, -1)
	case r.width == 0:
		r.width = n
	case n != r.width:
		return Invalidf("ragged_rows", "Row %d has %d values, the rows before it have %d.", row, n, r.width).At(row, -1)
	}
	r.count++
	return nil
}

// Cell returns the cell at row i of the block and column j.
func (r *Rows) Cell(i, j int) Cell { return r.cells[i*r.width+j] }

// Row returns the cells of row i of the block. They must not be changed.
func (r *Rows) Row(i int) []Cell { return r.cells[i*r.width : (i+1)*r.width : (i+1)*r.width] }

// Text returns the bytes of a text cell of this block, nil for other kinds. They
// must be neither changed nor kept.
func (r *Rows) Text(c Cell) []byte {
	if c.kind != TextCell {
		return nil
	}
	return r.text[c.bits : c.bits+uint64(c.size)]
}

// Float returns the cell at row i of the block and column j as a number: a
// number as it is, true and false as 1 and 0, a missing value as NaN, a text
// that is a plain decimal number (spaces around it allowed) as that number.
// Infinities and all other texts are Invalid *Errors ("infinity",
// "not_a_number") naming row and column.
func (r *Rows) Float(i, j int) (float64, error) {
	c := r.Cell(i, j)
	switch c.kind {
	case NullCell:
		return math.NaN(), nil
	case BoolCell:
		return float64(c.bits), nil
	case TextCell:
		v, ok := parseDecimal(r.Text(c))
		if !ok {
			return 0, Cellf("not_a_number", r.Number(i), j, "%s is not a number.", Quote(r.Text(c)))
		}
		return finite(v, r.Number(i), j)
	}
	return finite(math.Float64frombits(c.bits), r.Number(i), j)
}

func finite(v float64, row, column int) (float64, error) {
	if math.IsInf(v, 0) {
		return 0, Cellf("infinity", row, column, "the value is infinite or too large for a 64-bit float.")
	}
	return v, nil
}

// parseDecimal reads [+-] digits [. digits] [e [+-] digits], spaces around
// allowed. It refuses what strconv.ParseFloat takes beyond that: hexadecimal,
// underscores, "inf" and "nan". A value out of range is returned as infinity.
func parseDecimal(text []byte) (float64, bool) {
	text = trimSpace(text)
	digits := false
	for k, b := range text {
		switch {
		case b >= '0' && b <= '9':
			digits = true
		case b == '+' || b == '-' || b == '.':
		case (b == 'e' || b == 'E') && digits && k > 0:
		default:
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil && !math.IsInf(v, 0) {
		return 0, false
	}
	return v, true
}

func trimSpace(b []byte) []byte {
	isSpace := func(c byte) bool { return c == ' ' || (c >= '\t' && c <= '\r') }
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// Quote returns text as an ASCII-only quoted string of at most about 80 bytes,
// fit for an error message: control characters, quotes and all that is not ASCII
// are escaped, so it can neither forge a log line nor carry markup unnoticed.
func Quote(text []byte) string {
	const most = 64
	if len(text) > most {
		return strconv.QuoteToASCII(string(text[:most])) + fmt.Sprintf(" (and %d more bytes)", len(text)-most)
	}
	return strconv.QuoteToASCII(string(text))
}
