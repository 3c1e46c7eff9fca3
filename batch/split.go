package batch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	blockBytes   = 256 << 10
	patientReads = 100 // reads without data or error before io.ErrNoProgress
)

// splitter cuts a stream into blocks of whole records.
type splitter struct {
	r         io.Reader
	json      bool
	list      bool // the lines are made of a JSON list of rows
	delimiter byte

	pending []byte // read and not handed out yet
	end     bool   // nothing follows pending
	failed  error  // what ended the stream, other than its end
	line    int    // of the first byte of pending, from 1
}

// read reads once more behind data, which it returns grown.
func (s *splitter) read(data []byte) ([]byte, error) {
	if s.failed != nil {
		return data, s.failed
	}
	if len(data) >= blockBytes && cap(data)-len(data) < blockBytes {
		grown := make([]byte, len(data), min(2*cap(data), mostRecord+blockBytes))
		copy(grown, data)
		data = grown
	} else if cap(data) < blockBytes {
		data = append(make([]byte, 0, blockBytes), data...)
	}
	for range patientReads {
		n, err := s.r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case errors.Is(err, io.EOF):
			s.end = true
			return data, nil
		case err != nil:
			s.failed = fmt.Errorf("reading the rows: %w", err)
		}
		if n > 0 {
			return data, nil
		}
		if s.failed != nil {
			return data, s.failed
		}
	}
	return data, io.ErrNoProgress
}

// record returns the size of the first record of data; 0 and more where its end is
// not there yet.
func (s *splitter) record(data []byte, end bool) (size int, found state) {
	if s.json {
		line := bytes.IndexByte(data, '\n')
		if line >= 0 {
			data = data[:line+1]
		}
		return ended(data, line >= 0, end)
	}
	return csvRecord(data, s.delimiter, end)
}

// next fills b with the next whole records, as soon as there are any. It returns
// io.EOF at the end.
func (s *splitter) next(b *block) error {
	b.data = append(b.data[:0], s.pending...)
	s.pending = s.pending[:0]
	for seen := 0; ; {
		// Without a line end among what is new, no record has ended.
		if s.end || bytes.IndexByte(b.data[seen:], '\n') >= 0 {
			cut, err := s.boundary(b.data)
			if err != nil {
				return err
			}
			if cut > 0 {
				s.pending = append(s.pending, b.data[cut:]...)
				b.data, b.line = b.data[:cut], s.line
				s.line += bytes.Count(b.data, []byte("\n"))
				return nil
			}
		}
		switch {
		case s.end:
			return io.EOF
		case len(b.data) > mostRecord:
			return s.tooLong()
		}
		seen = len(b.data)
		var err error
		if b.data, err = s.read(b.data); err != nil {
			return err
		}
	}
}

// unwrap makes lines of a list of rows, if that is what the input is.
func (s *splitter) unwrap() error {
	list, sure := isList(s.pending)
	for !sure && !s.end {
		if len(s.pending) > mostRecord {
			return s.tooLong()
		}
		var err error
		if s.pending, err = s.read(s.pending); err != nil {
			return err
		}
		list, sure = isList(s.pending)
	}
	if !list {
		return nil
	}
	whole := io.Reader(bytes.NewReader(s.pending))
	if !s.end {
		whole = io.MultiReader(whole, s.r)
	}
	*s = splitter{r: &listReader{r: whole}, json: true, list: true, line: 1}
	return nil
}

func (s *splitter) tooLong() error {
	if s.list {
		return &InputError{Text: fmt.Sprintf("row %d is longer than %d MiB", s.line-1, mostRecord>>20), Todo: "is this a list of rows?"}
	}
	return &InputError{Line: s.line, Text: fmt.Sprintf("the line is longer than %d MiB", mostRecord>>20),
		Todo: "is this a file of rows? one row stands in one line"}
}

// boundary returns where the last whole record of data ends.
func (s *splitter) boundary(data []byte) (int, error) {
	if s.end {
		return len(data), nil
	}
	last := bytes.LastIndexByte(data, '\n') + 1
	if s.json || bytes.IndexByte(data[:last], '"') < 0 {
		return last, nil
	}
	at := 0
	for at < len(data) {
		size, found := s.record(data[at:], false)
		if found == more {
			break
		}
		at += size
	}
	if at == 0 && len(data) > mostRecord {
		// A quote that is not closed for so long: the record is broken, and bad with its
		// first line.
		return bytes.IndexByte(data, '\n') + 1, nil
	}
	return at, nil
}

// peek returns the first n records of what is pending, fewer at the end.
func (s *splitter) peek(n int) ([][]byte, error) {
	for {
		var records [][]byte
		for at := 0; len(records) < n && at < len(s.pending); {
			size, found := s.record(s.pending[at:], s.end)
			if found == more {
				break
			}
			records = append(records, s.pending[at:at+size])
			at += size
		}
		switch {
		case len(records) == n || s.end:
			return records, nil
		case len(s.pending) > mostRecord:
			return nil, s.tooLong()
		}
		var err error
		if s.pending, err = s.read(s.pending); err != nil {
			return nil, err
		}
	}
}

// skip drops the first n bytes of what is pending.
func (s *splitter) skip(n int) {
	s.line += bytes.Count(s.pending[:n], []byte("\n"))
	s.pending = append(s.pending[:0], s.pending[n:]...)
}
