package jsonrows

import "example.com/mlapi"

// The members of a body that is a table.
var tableKeys = [...]string{"columns", "index", "data"}

const (
	keyColumns = iota
	keyIndex
	keyData
)

// tableHint says what a table looks like.
const tableHint = `{"columns": ["age", "sex"], "data": [[3, "male"]]}`

// table reads a body that is an object up to the first row of its data. What
// stands before the data decides how they are read, so that no row must wait: the
// columns come first.
func (d *Decoder) table() error {
	d.pos++ // the opening brace
	d.naming.begin(0)
	for first := true; ; first = false {
		key, err := d.tableKey(first)
		if err != nil {
			return err
		}
		switch key {
		case keyColumns:
			err = d.columns()
		case keyIndex:
			err = d.skip(0)
		case keyData:
			return d.data()
		}
		if err != nil {
			return err
		}
		more, err := d.nextMember()
		if err != nil {
			return err
		}
		if !more {
			return mlapi.Invalidf("not_a_table", "The body is an object without the member \"data\": a table looks like %s.", tableHint)
		}
	}
}

// tableKey reads the name of a member of a table, and the colon.
func (d *Decoder) tableKey(first bool) (int, error) {
	if c, err := d.token(); err == nil && c == '}' && first {
		return 0, d.wrongShape("an empty object")
	}
	text, err := d.name("the name of a member")
	if err != nil {
		return 0, err
	}
	for key, name := range tableKeys {
		if string(text) != name {
			continue
		}
		if d.had[key] {
			return 0, mlapi.Invalidf("not_a_table", "The body has the member \"%s\" twice.", name)
		}
		d.had[key] = true
		return key, d.colon()
	}
	if first {
		return 0, d.wrongShape("an object with the member " + mlapi.Quote(text) + ": put it in [ ] if it is a row")
	}
	return 0, mlapi.Invalidf("not_a_table", "The body has the unknown member %s: a table looks like %s.", mlapi.Quote(text), tableHint)
}

// nextMember reads what stands behind a member, and reports whether it is a comma.
func (d *Decoder) nextMember() (more bool, err error) {
	return d.more('}', "a comma or the closing brace of the body")
}

// opening reads the opening bracket of a member of a table, which must be a list of
// things such as of says.
func (d *Decoder) opening(member, of string) error {
	c, err := d.next()
	if err != nil {
		return err
	}
	if c != '[' {
		what, err := d.what(c)
		if err != nil {
			return err
		}
		return mlapi.Invalidf("not_a_table", "The member \"%s\" is %s; it must be a list of %s: a table looks like %s.", member, what, of, tableHint)
	}
	d.pos++
	return nil
}

// data reads the beginning of the rows of a table.
func (d *Decoder) data() error {
	if !d.had[keyColumns] {
		return mlapi.Invalidf("not_a_table", "The member \"columns\" must stand before \"data\", so that the rows can be read as they come: a table looks like %s.", tableHint)
	}
	if err := d.opening("data", "rows"); err != nil {
		return err
	}
	d.form = tableForm
	return nil
}

// endTable reads what stands behind the data of a table, up to its closing brace.
func (d *Decoder) endTable() error {
	for {
		more, err := d.nextMember()
		if err != nil || !more {
			return err
		}
		if _, err := d.tableKey(false); err != nil { // data and columns are there already
			return err
		}
		if err := d.skip(0); err != nil {
			return err
		}
	}
}

// columns reads the names of a table's columns.
func (d *Decoder) columns() error {
	if err := d.names.usable(); err != nil {
		return err
	}
	d.naming.begin(len(d.names.names))
	if err := d.opening("columns", "names"); err != nil {
		return err
	}
	k, err := d.columnNames()
	if err != nil {
		return err
	}
	if k < len(d.names.names) {
		list, _ := d.naming.missing(d.names.names, 0)
		return mlapi.Invalidf("missing_feature", "The columns lack the feature %s.", list)
	}
	d.naming.settle()
	return nil
}

// columnNames reads the names of a table's columns and the closing bracket, and
// returns how many there are.
func (d *Decoder) columnNames() (int, error) {
	if c, err := d.next(); err != nil || c == ']' {
		d.pos++
		return 0, err
	}
	for k := 0; ; k++ {
		if err := d.columnName(k); err != nil {
			return 0, err
		}
		if more, err := d.more(']', "a comma or the closing bracket of the columns"); err != nil || !more {
			return k + 1, err
		}
	}
}

// columnName reads the name of a table's k-th column.
func (d *Decoder) columnName(k int) error {
	c, err := d.next()
	if err != nil {
		return err
	}
	if c != '"' {
		what, err := d.what(c)
		if err != nil {
			return err
		}
		return mlapi.Invalidf("not_a_table", "The name of column %d is %s; it must be a text.", k, what)
	}
	text, err := d.quoted()
	if err != nil {
		return err
	}
	feature, known := d.names.index[string(text)]
	if !known {
		return mlapi.Invalidf("unknown_feature", "The columns have %s, and the model has no feature of that name.", mlapi.Quote(text))
	}
	if d.naming.mark(feature, 0) {
		return mlapi.Invalidf("repeated_feature", "The columns have the feature %s twice.", mlapi.Quote(text))
	}
	d.naming.set(k, feature)
	return nil
}

// endTableRow puts the values of a row of a table into the model's order.
func (d *Decoder) endTableRow(rows *mlapi.Rows) error {
	if got, want := rows.Pending(), len(d.naming.order); got != want {
		return mlapi.Invalidf("ragged_rows", "Row %d has %d values, and there are %d columns.", d.row, got, want).At(d.row, -1)
	}
	if !d.naming.straight {
		rows.Arrange(d.naming.order)
	}
	return nil
}

// skip reads a value that means nothing here.
func (d *Decoder) skip(depth int) error {
	c, err := d.next()
	if err != nil {
		return err
	}
	switch c {
	case '"':
		_, err = d.quoted()
		return err
	case 't':
		return d.word("true")
	case 'f':
		return d.word("false")
	case 'n':
		return d.word("null")
	case '[', '{':
		return d.skipAll(c, depth+1)
	}
	_, err = d.number(c)
	return err
}

// skipAll reads a list or an object.
func (d *Decoder) skipAll(open byte, depth int) error {
	closing := open + 2 // as ] is after [ and } after {
	if depth > mostDepth {
		return mlapi.Invalidf("not_a_table", "The member \"index\" is nested too deeply.")
	}
	d.pos++
	c, err := d.next()
	if err != nil {
		return err
	}
	if c == closing {
		d.pos++
		return nil
	}
	for {
		if open == '{' {
			if err := d.skipName(); err != nil {
				return err
			}
		}
		if err := d.skip(depth); err != nil {
			return err
		}
		if more, err := d.more(closing, "a comma or the end of a list or an object"); err != nil || !more {
			return err
		}
	}
}

// skipName reads the name of a member that means nothing here, and the colon.
func (d *Decoder) skipName() error {
	if _, err := d.name("the name of a member"); err != nil {
		return err
	}
	return d.colon()
}
