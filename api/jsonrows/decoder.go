package jsonrows

import (
	"io"

	"example.com/mlapi"
)

// Limits bound what a Decoder takes and how much it hands out at once. A limit of
// 0 lets nothing in: there is no default.
type Limits struct {
	Rows    int // rows in the whole body
	Columns int // cells in a row
	Text    int // bytes of one text as written, quotes excluded; at most 1 GiB

	BlockRows  int // a block ends after this many rows
	BlockBytes int // or once its cells and texts take this many bytes; the last row may go beyond
}

const (
	firstBuffer   = 32 << 10 // bytes; grows only for a longer text
	mostNumber    = 4096     // bytes of a number as written
	mostText      = 1 << 30  // what mlapi.Cell can surely address
	patientReads  = 100      // reads without data or error before io.ErrNoProgress
	mostDepth     = 16       // of lists in lists where a table's index is passed over
	byteOrderMark = "\xef\xbb\xbf"
)

// form is how a body says its rows.
type form uint8

const (
	listForm   form = iota // [[1, 2]]
	objectForm             // [{"a": 1, "b": 2}]
	tableForm              // {"columns": ["a", "b"], "data": [[1, 2]]}
)

// Decoder reads rows from a stream. Make one with New, or Reset a used one to keep
// its memory; the zero value refuses. It is for one goroutine at a time.
type Decoder struct {
	src    io.Reader
	names  *Names
	limits Limits
	failed error // what ended the stream: io.EOF or the source's error

	buf  []byte
	pos  int   // the next byte of buf to look at
	end  int   // buf[pos:end] is read and not looked at yet
	keep int   // start of the token under way, or -1: the bytes from here on must stay
	base int64 // offset in the stream of buf[0]

	text    []byte // a text with its escapes resolved
	form    form
	naming  naming               // of objects and tables
	had     [len(tableKeys)]bool // the members of a table that were read
	row     int                  // rows ended so far
	column  int                  // of the cell under way in the order of the row, or -1
	inside  bool                 // a row is under way
	begun   bool                 // the list's opening bracket was read
	over    bool                 // the list and the stream have ended, or an error did
	refusal error                // the error that ended it
}

// New returns a Decoder of src, for rows of the features that names has; nil where
// only lists are taken.
func New(src io.Reader, names *Names, limits Limits) *Decoder {
	d := new(Decoder)
	d.Reset(src, names, limits)
	return d
}

// Reset makes d read from src as if new, keeping its memory. Reset with a nil src
// lets go of the old one.
func (d *Decoder) Reset(src io.Reader, names *Names, limits Limits) {
	if d.buf == nil && src != nil {
		d.buf = make([]byte, firstBuffer)
	}
	limits.Text = min(limits.Text, mostText)
	*d = Decoder{src: src, names: names, limits: limits, buf: d.buf, keep: -1, column: -1, text: d.text[:0], naming: d.naming}
}

// Size returns the bytes of memory d holds, for a pool that keeps only small ones.
func (d *Decoder) Size() int { return cap(d.buf) + cap(d.text) + d.naming.size() }

// Rows returns the number of rows decoded so far.
func (d *Decoder) Rows() int { return d.row }

// Next fills rows with the next block, at least one row, and reports whether more
// follow. After an error or the last block, rows is unspecified and further calls
// return the error again, or an Internal one.
func (d *Decoder) Next(rows *mlapi.Rows) (more bool, err error) {
	if d.over || d.src == nil {
		if d.refusal == nil {
			return false, mlapi.Internalf("jsonrows: Next after the end, or without a source")
		}
		return false, d.refusal
	}
	more, err = d.block(rows)
	if err != nil {
		d.refusal = err
	}
	d.over = err != nil || !more
	return more && err == nil, err
}

func (d *Decoder) block(rows *mlapi.Rows) (more bool, err error) {
	if !d.begun {
		if err := d.begin(); err != nil {
			return false, err
		}
	}
	rows.Reset(d.row)
	for {
		if err := d.oneRow(rows); err != nil {
			return false, err
		}
		d.row++
		c, err := d.token()
		switch {
		case err != nil:
			return false, d.ended(err)
		case c == ']':
			d.pos++
			return false, d.finish()
		case c != ',':
			return false, d.unexpected("a comma or the closing bracket of the list")
		}
		d.pos++
		if rows.Len() >= d.limits.BlockRows || rows.Size() >= d.limits.BlockBytes {
			return true, nil
		}
	}
}

// begin reads up to the first row.
func (d *Decoder) begin() error {
	if err := d.skipMark(); err != nil {
		return err
	}
	c, err := d.token()
	if err == io.EOF {
		return d.syntax("the body is empty")
	}
	if err != nil {
		return err
	}
	switch c {
	case '[':
		d.pos++
	case '{':
		if err := d.table(); err != nil {
			return err
		}
	default:
		what, err := d.what(c)
		if err != nil {
			return err
		}
		return d.wrongShape(what)
	}
	d.begun = true
	if c, err = d.next(); err != nil {
		return err
	}
	switch {
	case c == ']':
		d.pos++
		if err := d.finish(); err != nil {
			return err
		}
		return mlapi.Invalidf("empty", "The list has no rows.")
	case c == '{' && d.form == listForm:
		if err := d.names.usable(); err != nil {
			return err
		}
		d.form = objectForm
		d.naming.begin(len(d.names.names))
	}
	return nil
}

// finish refuses anything but white space and comments up to the stream's end.
func (d *Decoder) finish() error {
	if d.form == tableForm {
		if err := d.endTable(); err != nil {
			return err
		}
	}
	switch _, err := d.token(); err {
	case io.EOF:
		return nil
	case nil:
		return d.unexpected("the end of the body")
	default:
		return err
	}
}

// oneRow reads a row into rows.
func (d *Decoder) oneRow(rows *mlapi.Rows) error {
	opening, closing := byte('['), byte(']')
	if d.form == objectForm {
		opening, closing = '{', '}'
	}
	c, err := d.token()
	if err != nil {
		return d.ended(err)
	}
	if c != opening {
		return d.wrongRow(c)
	}
	if d.row >= d.limits.Rows {
		e := mlapi.Invalidf("too_many_rows", "The list has more rows than the server takes in one request (%d).", d.limits.Rows)
		e.Kind = mlapi.TooLarge
		return e
	}
	d.pos++
	d.inside = true
	if c, err = d.token(); err != nil {
		return d.ended(err)
	}
	switch {
	case c == closing:
	case d.form == objectForm:
		err = d.members(rows)
	default:
		err = d.cells(rows)
	}
	if err != nil {
		return err
	}
	d.pos++
	d.inside, d.column = false, -1
	return d.endRow(rows)
}

// endRow ends a row whose values are all there.
func (d *Decoder) endRow(rows *mlapi.Rows) error {
	var err error
	switch d.form {
	case objectForm:
		err = d.endObject(rows)
	case tableForm:
		err = d.endTableRow(rows)
	}
	if err != nil {
		return err
	}
	return rows.EndRow()
}

// next is token where something must stand: there the stream's end is an error in the
// body. The loops over values call token themselves, which is a tenth faster in all.
func (d *Decoder) next() (byte, error) {
	c, err := d.token()
	if err != nil {
		return 0, d.ended(err)
	}
	return c, nil
}

// more reads what stands behind an element of a list or an object, and reports whether
// it is a comma. Otherwise it is the closing bracket or brace; wanted names both.
func (d *Decoder) more(closing byte, wanted string) (bool, error) {
	c, err := d.next()
	if err != nil {
		return false, err
	}
	if c != ',' && c != closing {
		return false, d.unexpected(wanted)
	}
	d.pos++
	return c == ',', nil
}

// cells reads the values of a row up to its closing bracket.
func (d *Decoder) cells(rows *mlapi.Rows) error {
	for d.column = 0; ; d.column++ {
		if d.column >= d.limits.Columns {
			return mlapi.Invalidf("too_many_columns", "Row %d has more values than the server takes in a row (%d).", d.row, d.limits.Columns).At(d.row, -1)
		}
		c, err := d.token()
		if err != nil {
			return d.ended(err)
		}
		if err := d.cell(rows, c); err != nil {
			return err
		}
		if c, err = d.token(); err != nil {
			return d.ended(err)
		}
		switch c {
		case ',':
			d.pos++
		case ']':
			return nil
		default:
			return d.unexpected("a comma or the closing bracket of the row")
		}
	}
}

// cell reads one value that begins with c.
func (d *Decoder) cell(rows *mlapi.Rows, c byte) error {
	switch c {
	case '"':
		text, err := d.quoted()
		if err == nil {
			rows.AppendText(text)
		}
		return err
	case 't':
		rows.AppendBool(true)
		return d.word("true")
	case 'f':
		rows.AppendBool(false)
		return d.word("false")
	case 'n':
		rows.AppendNull()
		return d.word("null")
	case '[', '{':
		what, err := d.what(c)
		if err != nil {
			return err
		}
		return d.refuse("nested_value", "the value is "+what+"; it must be a number, a text, true, false or null")
	}
	v, err := d.number(c)
	if err == nil {
		rows.AppendNumber(v)
	}
	return err
}
