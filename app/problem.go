package app

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"example.com/mlapi/config"
	"example.com/mlapi/model"
)

// Exit statuses of the command.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // wrong use or configuration

	// Of mlapi inspect, about the file.
	exitUnsupported = 3
	exitHostile     = 4
)

// problemError is what a person is told when a command cannot go on: what is
// wrong, and what to do about it.
type problemError struct {
	text  string
	todo  string
	cause error
	usage bool // the way it was called or configured is at fault
}

// problem returns an error with the given text; cause may be nil.
func problem(cause error, format string, args ...any) *problemError {
	return &problemError{text: fmt.Sprintf(format, args...), cause: cause}
}

// misuse is a problem of the way the command was called or configured.
func misuse(format string, args ...any) *problemError {
	return &problemError{text: fmt.Sprintf(format, args...), usage: true}
}

// invalidSetting is the problem of a part with what a key of the configuration
// names, or with the configuration where key is ""; the part's own hint, if any, goes
// with it.
func invalidSetting(key string, err error) *problemError {
	p := misuse("%v", err)
	if key != "" {
		p = misuse("%s: %v", key, err)
	}
	p.hint("%s", hintOf(err)).cause = err
	return p
}

func (p *problemError) hint(format string, args ...any) *problemError {
	p.todo = fmt.Sprintf(format, args...)
	return p
}

func (p *problemError) Error() string { return p.text }

func (p *problemError) Unwrap() error { return p.cause }

// Hint returns what to do about it.
func (p *problemError) Hint() string { return p.todo }

// hinter is an error that says what to do about it, as those of the parts do.
type hinter interface{ Hint() string }

// statusError is an end of the command that is no failure, and about which all has been
// said: the exit status alone.
type statusError int

func (s statusError) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// report writes err for a person, as "error:" and "hint:" lines, and returns the
// exit status that goes with it.
func report(w io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		status := exitFailed
		for _, one := range many.Unwrap() {
			status = max(status, report(w, one))
		}
		return status
	}
	if c, ok := errors.AsType[*config.Error](err); ok {
		c.Print(w)
		return exitUsage
	}
	if status, ok := errors.AsType[statusError](err); ok {
		return int(status)
	}
	writeLine(w, "error", err.Error())
	if hint := hintOf(err); hint != "" {
		writeLine(w, "hint", hint)
	}
	var p *problemError
	if errors.As(err, &p) && p.usage {
		return exitUsage
	}
	return exitFailed
}

// hintOf returns what err says to do, or "".
func hintOf(err error) string {
	if e, ok := errors.AsType[*model.Error](err); ok {
		return e.Hint
	}
	var h hinter
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// writeLine writes one message. Messages hold file names and values of others:
// control characters are escaped so that they cannot forge lines.
func writeLine(w io.Writer, word, text string) {
	var b strings.Builder
	for _, r := range text {
		if r < ' ' && r != '\t' || r == 0x7f {
			fmt.Fprintf(&b, "\\x%02x", r)
			continue
		}
		b.WriteRune(r)
	}
	fmt.Fprintf(w, "%s: %s\n", word, b.String())
}
