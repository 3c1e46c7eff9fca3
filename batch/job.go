package batch

import (
	"fmt"
	"io"
	"slices"

	"example.com/mlapi"
)

// Format is a form of rows and answers.
type Format uint8

// The formats.
const (
	Auto   Format = iota // of the input: told by its content; of the output: the input's
	CSV                  // RFC 4180
	NDJSON               // a JSON value a line
)

// Header says whether the first line of a CSV input names its columns.
type Header uint8

// The kinds of header.
const (
	HeaderAuto Header = iota // told by its content
	HeaderYes
	HeaderNo // and the output has none either
)

// Output says what is answered for a row.
type Output uint8

// The outputs, as of the server's ?output=.
const (
	Label  Output = iota // the prediction
	Scores               // probabilities, decision values or anomaly scores
	All                  // both
)

// Job is one input to be scored. Pipeline, Input and Output are needed; the zero
// value of all else is its default.
type Job struct {
	Pipeline *mlapi.Pipeline
	Input    io.Reader
	Output   io.Writer // gets whole lines in one Write each block

	From, To  Format
	Header    Header
	Delimiter byte // of the CSV input and output; 0 is found out, and a comma where only the output is CSV
	Want      Output

	// Keep names input columns that are copied to the output, in front of the answer:
	// by the header's name, by the number of the column from 0, or by the name in an
	// object. Where columns are matched by position, a kept one is a feature only if
	// the others are too few.
	Keep []string
	// Drop names input columns that are left out before columns are matched.
	Drop []string

	// Bad gets the lines of rows that cannot be answered, behind the header if there
	// is one. Where it is nil such a row ends the job.
	Bad io.Writer
	// Report is told of each row that went to Bad, in order.
	Report func(*RowError)
	// Note is told what a person should know, a sentence without a full stop.
	Note func(text string)
	// Progress is told how many bytes of the input have been dealt with.
	Progress func(bytes int64)
	// Workers is how many blocks are scored at once; 0 is one for each processor.
	Workers int
}

// Summary counts the rows of a job.
type Summary struct {
	Rows int64 // answered
	Bad  int64 // not answered
}

func (j *Job) note(format string, args ...any) {
	if j.Note != nil {
		j.Note(fmt.Sprintf(format, args...))
	}
}

// features returns what the pipeline takes, nil where a preprocessor does not tell.
func (j *Job) features() []mlapi.Feature {
	for _, part := range j.Pipeline.Preprocess {
		if _, ok := part.(mlapi.Describer); !ok {
			return nil
		}
	}
	return j.Pipeline.Features()
}

// newNDJSON returns a reader of the lines of NDJSON.
func (j *Job) newNDJSON(features []mlapi.Feature) (*ndjson, error) {
	n := &ndjson{features: features, keep: j.Keep, drop: map[string]bool{}, values: make([][]byte, len(features))}
	for _, name := range j.Drop {
		n.drop[name] = true
	}
	if features == nil {
		return n, nil
	}
	n.index = make(map[string]int, len(features))
	for i, f := range features {
		if _, twice := n.index[f.Name]; twice {
			n.index = nil
			return n, nil
		}
		n.index[f.Name] = i
	}
	for _, name := range j.Drop {
		if slices.ContainsFunc(features, func(f mlapi.Feature) bool { return f.Name == name }) {
			return nil, &InputError{Text: fmt.Sprintf("--drop: %s is a feature of the model", mlapi.Quote([]byte(name))), Todo: "the model cannot do without it"}
		}
	}
	return n, nil
}
