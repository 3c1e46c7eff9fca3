package batch

import "bytes"

// mostRecord is how many bytes a record may have, its line ends included.
const mostRecord = 16 << 20

// state says what csvRecord found.
type state uint8

const (
	whole       state = iota // a whole record
	more                     // its end is not there yet
	brokenQuote              // quotes that do not close; the size is that of the first line
)

// csvRecord returns the size of the first record of data, its line end included. end
// says that nothing follows data.
func csvRecord(data []byte, delimiter byte, end bool) (size int, found state) {
	line := bytes.IndexByte(data, '\n')
	first := data
	if line >= 0 {
		first = data[:line+1]
	}
	if bytes.IndexByte(first, '"') < 0 {
		return ended(first, line >= 0, end)
	}
	size, found = quotedRecord(data, delimiter, end)
	if found == brokenQuote {
		if size, found = ended(first, line >= 0, end); found == whole {
			found = brokenQuote
		}
	}
	return size, found
}

// ended returns the size of a line.
func ended(line []byte, complete, end bool) (int, state) {
	if complete || end {
		return len(line), whole
	}
	return 0, more
}

// quotedRecord is csvRecord for a record that has quotes. Of broken ones it leaves
// the size open.
func quotedRecord(data []byte, delimiter byte, end bool) (size int, found state) {
	for at := 0; ; {
		if at < len(data) && data[at] == '"' {
			close, found := closingQuote(data, at+1, end)
			if found != whole {
				return 0, found
			}
			at = close + 1
			switch rest := data[at:]; {
			case len(rest) > 0 && rest[0] == '\n':
				return at + 1, whole
			case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
				return at + 2, whole
			case len(rest) == 0 || len(rest) == 1 && rest[0] == '\r':
				return ended(data, false, end)
			case rest[0] != delimiter:
				return 0, brokenQuote
			}
			at++
			continue
		}
		line, next := bytes.IndexByte(data[at:], '\n'), bytes.IndexByte(data[at:], delimiter)
		switch {
		case next >= 0 && (line < 0 || next < line):
			at += next + 1
		case line >= 0:
			return at + line + 1, whole
		default:
			return ended(data, false, end)
		}
	}
}

// closingQuote returns the place of the quote that closes the field whose text
// begins at data[at].
func closingQuote(data []byte, at int, end bool) (int, state) {
	for {
		i := bytes.IndexByte(data[at:], '"')
		switch at += i; {
		case i < 0 && end:
			return 0, brokenQuote
		case i < 0 || at+1 == len(data) && !end:
			return 0, more
		case at+1 == len(data) || data[at+1] != '"':
			return at, whole
		}
		at += 2
	}
}

// trimLine returns a record without its line end.
func trimLine(record []byte) []byte {
	record = bytes.TrimSuffix(record, []byte("\n"))
	return bytes.TrimSuffix(record, []byte("\r"))
}

// field is one cell of a CSV record.
type field struct {
	text   []byte
	quoted bool
}

// splitFields appends the fields of a record that csvRecord found whole, without its
// line end. Texts lie in record or, where quotes had to be undone, in scratch, which
// is returned grown.
func splitFields(fields []field, scratch, record []byte, delimiter byte) ([]field, []byte) {
	for {
		if len(record) > 0 && record[0] == '"' {
			var text []byte
			text, scratch, record = unquote(scratch, record[1:])
			fields = append(fields, field{text, true})
			if len(record) == 0 {
				return fields, scratch
			}
			record = record[1:] // the delimiter
			continue
		}
		next := bytes.IndexByte(record, delimiter)
		if next < 0 {
			return append(fields, field{record, false}), scratch
		}
		fields = append(fields, field{record[:next], false})
		record = record[next+1:]
	}
}

// unquote returns the text of a quoted field, whose opening quote is gone, and what
// follows its closing quote.
func unquote(scratch, record []byte) (text, grown, rest []byte) {
	from := len(scratch)
	for {
		i := bytes.IndexByte(record, '"')
		if i+1 == len(record) || record[i+1] != '"' {
			if len(scratch) == from {
				return record[:i], scratch, record[i+1:]
			}
			scratch = append(scratch, record[:i]...)
			return scratch[from:], scratch, record[i+1:]
		}
		scratch = append(scratch, record[:i+1]...)
		record = record[i+2:]
	}
}
