package batch

import (
	"fmt"
	"strconv"
	"strings"

	"example.com/mlapi"
)

// RowError is a row that cannot be answered.
type RowError struct {
	Line   int    // where its record begins in the input, from 1; of a JSON list of rows, which row it is
	List   bool   // the input is a JSON list of rows
	Column string // the column's name, or its number from 0; "" where unknown
	Reason string // without a full stop
	Cause  error
}

// Error returns place and reason.
func (e *RowError) Error() string {
	place := fmt.Sprintf("line %d", e.Line)
	if e.List {
		place = fmt.Sprintf("row %d", e.Line-1) // as the server counts them
	}
	if e.Column != "" {
		place += ", column " + e.Column
	}
	return place + ": " + e.Reason
}

// Unwrap returns the cause.
func (e *RowError) Unwrap() error { return e.Cause }

// Hint returns what to do about it.
func (*RowError) Hint() string {
	return "mend the line, or let --bad FILE collect such lines and go on with the others"
}

// InputError is an input that cannot be read as rows at all.
type InputError struct {
	Line int    // from 1; 0 where unknown
	Text string // without a full stop
	Todo string
}

// Error returns place and reason.
func (e *InputError) Error() string {
	if e.Line == 0 {
		return e.Text
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Text)
}

// Hint returns what to do about it.
func (e *InputError) Hint() string { return e.Todo }

// OutputError is an output that cannot be written.
type OutputError struct{ Cause error }

// Error returns the cause's text.
func (e *OutputError) Error() string { return "writing the answers: " + e.Cause.Error() }

// Unwrap returns the cause.
func (e *OutputError) Unwrap() error { return e.Cause }

// reason returns the detail of an error of a request as the reason of a line: its
// rows are counted where lines are.
func reason(e *mlapi.Error) string {
	text := strings.TrimSuffix(e.Detail, ".")
	if rest, found := strings.CutPrefix(text, "The rows have "); found {
		return "the row has " + strings.Replace(rest, " values each;", " values;", 1)
	}
	if row, known := e.Row(); known {
		text = withoutPlace(text, row)
	}
	if rest, found := strings.CutPrefix(text, "The body is not valid JSON: at byte "); found {
		_, rest, _ = strings.Cut(rest, " ")
		if _, after, place := strings.Cut(rest, "), "); place && strings.HasPrefix(rest, "(row ") {
			rest = after
		}
		return "the line is not valid JSON: " + rest
	}
	return text
}

// withoutPlace removes "Row 3, column 2 ("age"): ", as mlapi.Cellf writes it.
func withoutPlace(text string, row int) string {
	rest, found := strings.CutPrefix(text, "Row "+strconv.Itoa(row))
	if !found {
		return text
	}
	if after, found := strings.CutPrefix(rest, ", column "); found {
		rest = strings.TrimLeft(after, "0123456789")
		if after, found := strings.CutPrefix(rest, " ("); found {
			name, err := strconv.QuotedPrefix(after)
			if err != nil {
				return text
			}
			rest = strings.TrimPrefix(after[len(name):], ")")
		}
	}
	if after, found := strings.CutPrefix(rest, ": "); found {
		return after
	}
	return "the row" + rest
}
