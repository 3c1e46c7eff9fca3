package app

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"example.com/mlapi/batch"
)

// predictFiles are the files of one run of mlapi predict.
type predictFiles struct {
	in   io.Reader
	size int64 // of in, -1 where unknown
	out  io.Writer

	rows  *os.File // nil where in is standard input
	whole *os.File // the temporary file that becomes target; nil where out is not replaced
	plain *os.File // out, where it is written in place; nil for standard output
	bad   *os.File // nil where there is none

	target string
}

// openPredictFiles opens what the arguments name.
func (c *command) openPredictFiles(f *predictFlags, model, rows string) (_ *predictFiles, err error) {
	p := &predictFiles{in: c.stdin(), size: -1, out: c.env.Stdout}
	defer func() {
		if err != nil {
			_ = p.close(false)
		}
	}()
	inputs := strings.Split(model, ",")
	if rows != "-" {
		inputs = append(inputs, rows)
		if p.rows, err = os.Open(rows); err != nil {
			return nil, fileError("the rows", rows, err)
		}
		p.in = p.rows
		info, err := p.rows.Stat()
		if err != nil {
			return nil, fileError("the rows", rows, err)
		}
		if info.IsDir() {
			return nil, problem(nil, "the rows %s: this is a folder", rows).hint("give a CSV or NDJSON file, or - for standard input")
		}
		if info.Mode().IsRegular() {
			p.size = info.Size()
		}
	}
	if err := apart(inputs, f.out, f.bad); err != nil {
		return nil, err
	}
	if f.bad != "" {
		if p.bad, err = os.Create(f.bad); err != nil {
			return nil, fileError("--bad", f.bad, err)
		}
	}
	if f.out != "" {
		if err := p.openOut(f.out); err != nil {
			return nil, fileError("--out", f.out, err)
		}
	}
	return p, nil
}

// apart refuses outputs that are inputs, or each other: opening them would empty
// them.
func apart(inputs []string, out, bad string) error {
	taken := map[string]string{}
	var infos []os.FileInfo
	for _, path := range inputs {
		if info, err := os.Stat(path); err == nil {
			infos = append(infos, info)
		}
	}
	for _, output := range []struct{ flag, path string }{{"--out", out}, {"--bad", bad}} {
		if output.path == "" {
			continue
		}
		absolute, err := filepath.Abs(output.path)
		if err != nil {
			return fileError(output.flag, output.path, err)
		}
		info, err := os.Stat(output.path)
		for _, other := range infos {
			if err == nil && info.Mode().IsRegular() && os.SameFile(info, other) {
				return misuse("%s: %s is a file that is read or written by this run already", output.flag, output.path).hint("name another file")
			}
		}
		if other := taken[absolute]; other != "" {
			return misuse("%s and %s name the same file, %s", other, output.flag, output.path).hint("name two files")
		}
		taken[absolute] = output.flag
		if err == nil {
			infos = append(infos, info)
		}
	}
	return nil
}

// openOut opens the file for the answers: beside it, so that it is replaced only by a
// whole one. What is no regular file is written in place.
func (p *predictFiles) openOut(path string) (err error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		p.plain, err = os.OpenFile(path, os.O_WRONLY, 0)
		p.out = p.plain
		return err
	}
	if err == nil {
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return err
		}
	}
	const anyone = 0o666 // less the umask
	temporary := fmt.Sprintf("%s.%d.part", path, os.Getpid())
	if p.whole, err = os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, anyone); err != nil {
		return err
	}
	p.out, p.target = p.whole, path
	return nil
}

// side returns the writer for bad lines, nil where there is none.
func (p *predictFiles) side() io.Writer {
	if p.bad == nil {
		return nil
	}
	return p.bad
}

// close closes the files; good says that the answers are complete and may replace
// what was there.
func (p *predictFiles) close(good bool) error {
	var errs []error
	if p.rows != nil {
		_ = p.rows.Close() // only read: nothing can be lost by closing
	}
	for _, f := range []*os.File{p.bad, p.plain} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	if p.whole != nil {
		err := p.whole.Close()
		if good && err == nil {
			err = os.Rename(p.whole.Name(), p.target)
		}
		if !good || err != nil {
			_ = os.Remove(p.whole.Name()) // there may be nothing left to remove
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return problem(err, "the answers could not be written: %v", plain(err)).hint("is the disk full?")
	}
	return nil
}

// isTerminal reports whether v is a terminal.
func isTerminal(v any) bool {
	f, ok := v.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// talk tells a person about a run.
type talk struct {
	c        *command
	files    *predictFiles
	bar      *bar // nil where nobody looks
	reported int
}

// newTalk returns the talk of a run. Progress is shown on a terminal that does not show
// the answers or the rows too.
func (c *command) newTalk(files *predictFiles) *talk {
	t := &talk{c: c, files: files}
	if isTerminal(c.env.Stderr) && (!c.env.Terminal || files.out != c.env.Stdout) && !isTerminal(files.in) {
		t.bar = newBar(c.env.Stderr, files.size)
	}
	return t
}

func (t *talk) line(word, text string) {
	t.bar.clear()
	writeLine(t.c.env.Stderr, word, text)
}

func (t *talk) note(text string) { t.line("note", text) }

// report tells of a bad row; a person is spared a flood of them.
func (t *talk) report(e *batch.RowError) {
	const mostShown = 20
	t.reported++
	switch person := isTerminal(t.c.env.Stderr); {
	case !person || t.reported <= mostShown:
		t.line("bad", e.Error())
	case t.reported == mostShown+1:
		t.line("bad", "... and more, of which nothing is said here; standard error to a file has them all")
	}
}

func (t *talk) progress() func(int64) {
	if t.bar == nil {
		return nil
	}
	return t.bar.set
}

// done tells how a run with bad rows ended.
func (t *talk) done(sum batch.Summary, bad string) {
	t.bar.clear()
	if sum.Bad > 0 {
		t.line("note", fmt.Sprintf("%d of %d rows could not be answered; their lines are in %s", sum.Bad, sum.Bad+sum.Rows, bad))
	}
}
