package jsonrows

import "example.com/mlapi"

// members reads the values of a row that is an object up to its closing brace.
func (d *Decoder) members(rows *mlapi.Rows) error {
	for k := 0; ; k++ {
		feature, err := d.member(k)
		if err != nil {
			return err
		}
		d.column = feature
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
		d.column = -1
		switch c {
		case ',':
			d.pos++
		case '}':
			return nil
		default:
			return d.unexpected("a comma or the closing brace of the row")
		}
	}
}

// member reads the name of the k-th value of a row, and the colon behind it, and
// returns the feature. Rows mostly have the keys of the row before in its order: so
// the one that would be next is compared first, and nothing is looked up.
func (d *Decoder) member(k int) (int, error) {
	if _, err := d.token(); err != nil {
		return 0, d.ended(err)
	}
	feature, known := d.expected(k)
	if !known {
		var err error
		if feature, err = d.lookUp(k); err != nil {
			return 0, err
		}
	}
	if d.naming.mark(feature, d.row) {
		return 0, mlapi.Invalidf("repeated_feature", "Row %d has the feature %s twice.", d.row, mlapi.Quote([]byte(d.names.names[feature]))).At(d.row, feature)
	}
	return feature, d.colon()
}

// expected consumes the name that the row before had as its k-th, where the very
// bytes of it are next, and returns the feature.
func (d *Decoder) expected(k int) (feature int, known bool) {
	if k >= len(d.naming.order) {
		return 0, false
	}
	feature = d.naming.order[k]
	key := d.names.keys[feature]
	if key == "" || len(key) > d.end-d.pos || string(d.buf[d.pos:d.pos+len(key)]) != key {
		return 0, false
	}
	d.pos += len(key)
	return feature, true
}

// name reads a name; wanted says of what.
func (d *Decoder) name(wanted string) ([]byte, error) {
	c, err := d.token()
	if err != nil {
		return nil, d.ended(err)
	}
	if c != '"' {
		return nil, d.unexpected(wanted)
	}
	return d.quoted()
}

// lookUp reads the name of the k-th value of a row, which is not the one that the
// row before had there.
func (d *Decoder) lookUp(k int) (int, error) {
	text, err := d.name("the name of a feature")
	if err != nil {
		return 0, err
	}
	feature, known := d.names.index[string(text)]
	if !known {
		return 0, mlapi.Cellf("unknown_feature", d.row, -1, "the model has no feature %s.", mlapi.Quote(text))
	}
	if k < len(d.naming.order) { // otherwise it is there twice
		d.naming.set(k, feature)
	}
	return feature, nil
}

// colon reads the colon behind a name.
func (d *Decoder) colon() error {
	c, err := d.token()
	if err != nil {
		return d.ended(err)
	}
	if c != ':' {
		return d.unexpected("a colon")
	}
	d.pos++
	return nil
}

// endObject puts the values of a row that was an object into the model's order.
func (d *Decoder) endObject(rows *mlapi.Rows) error {
	if rows.Pending() < len(d.names.names) {
		list, first := d.naming.missing(d.names.names, d.row)
		return mlapi.Invalidf("missing_feature", "Row %d lacks the feature %s; a missing value is sent as null.", d.row, list).At(d.row, first)
	}
	if !d.naming.straight {
		d.naming.settle()
	}
	if !d.naming.straight {
		rows.Arrange(d.naming.order)
	}
	return nil
}
