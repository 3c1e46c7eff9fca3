package batch

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"

	"example.com/mlapi"
)

// block is a piece of the input that is scored at once.
type block struct {
	data []byte // whole records
	line int    // of the first
	err  error  // what ended the input, in place of data
	out  []byte

	pieces chan piece    // of its answers, in order; closed behind the last
	taken  chan struct{} // told when out may be used again
}

// piece is a part of a block's answers.
type piece struct {
	out     []byte
	rows    int64
	outputs int         // predictions a row
	width   int         // scores a row
	bad     []badRecord // those behind the rows of out
	err     error       // ends the job
}

// badRecord is a row that cannot be answered.
type badRecord struct {
	raw []byte
	err *RowError
}

// Run scores the input to its end. The error is a *RowError, an *InputError, an
// *OutputError, a failure of the input or of the pipeline, or that of ctx; what was
// answered before is written, in whole lines.
func (j *Job) Run(ctx context.Context) (Summary, error) {
	ctx, cancel := context.WithCancel(ctx)
	features := j.features()
	l, err := j.lookAround(ctx, features)
	if err != nil {
		cancel()
		return Summary{}, err
	}
	workers := j.Workers
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	e := &engine{
		job: j, layout: l, features: features,
		free:  make(chan *block, 2*workers+1),
		work:  make(chan *block, 2*workers+1),
		order: make(chan *block, 2*workers+1),
	}
	for range cap(e.free) {
		e.free <- new(block)
	}
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	go e.read(ctx) // it may wait for its input for ever: nobody waits for it
	for range workers {
		w, err := newWorker(e)
		if err != nil {
			return Summary{}, err
		}
		running.Go(func() { w.run(ctx) })
	}
	s := &sink{job: j, layout: l, encoder: newEncoder(j, l)}
	return s.write(ctx, e)
}

// lookAround is look, but ends with ctx though the input may not.
func (j *Job) lookAround(ctx context.Context, features []mlapi.Feature) (*layout, error) {
	type answer struct {
		l   *layout
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		l, err := j.look(features)
		answers <- answer{l, err}
	}()
	select {
	case a := <-answers:
		return a.l, a.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// engine moves blocks from the reader to the workers and the writer, and back.
type engine struct {
	job      *Job
	layout   *layout
	features []mlapi.Feature

	free, work, order chan *block
}

// read cuts the input into blocks.
func (e *engine) read(ctx context.Context) {
	defer close(e.work)
	defer close(e.order)
	for {
		var b *block
		select {
		case b = <-e.free:
		case <-ctx.Done():
			return
		}
		b.pieces, b.taken = make(chan piece, 1), make(chan struct{}, 1)
		err := e.layout.split.next(b)
		if errors.Is(err, io.EOF) {
			return
		}
		// Both channels have room for all blocks there are.
		if err != nil {
			b.err = err
			e.order <- b
			return
		}
		e.order <- b
		e.work <- b
	}
}

// sink puts the answers into order and writes them.
type sink struct {
	job     *Job
	layout  *layout
	encoder *encoder
	sum     Summary
	head    bool // the output's header is written
	side    bool // the header of the bad lines is written
	done    int64
}

// write writes the answers of all blocks.
func (s *sink) write(ctx context.Context, e *engine) (Summary, error) {
	s.done = int64(len(s.layout.header))
	for {
		var b *block
		var open bool
		select {
		case b, open = <-e.order:
		case <-ctx.Done():
			return s.sum, context.Cause(ctx)
		}
		if !open {
			if err := ctx.Err(); err != nil {
				return s.sum, context.Cause(ctx)
			}
			return s.sum, s.header(s.encoder.expected(), s.encoder.width())
		}
		if b.err != nil {
			return s.sum, b.err
		}
		if err := s.block(ctx, b); err != nil {
			return s.sum, err
		}
		s.done += int64(len(b.data))
		if s.job.Progress != nil {
			s.job.Progress(s.done)
		}
		e.free <- b
	}
}

// block writes the answers of one block.
func (s *sink) block(ctx context.Context, b *block) error {
	for {
		select {
		case p, open := <-b.pieces:
			if !open {
				return nil
			}
			if err := s.piece(p); err != nil {
				return err
			}
			b.taken <- struct{}{}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (s *sink) piece(p piece) error {
	if p.rows > 0 {
		if err := s.header(p.outputs, p.width); err != nil {
			return err
		}
		if _, err := s.job.Output.Write(p.out); err != nil {
			return &OutputError{err}
		}
		s.sum.Rows += p.rows
	}
	for _, bad := range p.bad {
		if s.job.Bad == nil {
			return bad.err
		}
		if err := s.bad(bad); err != nil {
			return err
		}
	}
	return p.err
}

// bad puts a row aside.
func (s *sink) bad(bad badRecord) error {
	line := make([]byte, 0, len(bad.raw)+1)
	if !s.side {
		s.side = true
		line = append(line, s.layout.header...)
	}
	line = append(line, bad.raw...)
	if line[len(line)-1] != '\n' {
		line = append(line, '\n')
	}
	if _, err := s.job.Bad.Write(line); err != nil {
		return &OutputError{err}
	}
	s.sum.Bad++
	if s.job.Report != nil {
		s.job.Report(bad.err)
	}
	return nil
}

// header writes the header of the output, once.
func (s *sink) header(outputs, width int) error {
	if s.head {
		return nil
	}
	s.head = true
	if _, err := s.job.Output.Write(s.encoder.header(nil, outputs, width)); err != nil {
		return &OutputError{err}
	}
	return nil
}
