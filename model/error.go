package model

import (
	"errors"
	"strings"
)

// Kind says in what way a file cannot be served.
type Kind uint8

const (
	// Broken is a file that is damaged, cut off, made to do harm, or over a limit. It
	// is the zero value: what cannot be judged better is not trusted.
	Broken Kind = iota
	// Unsupported is a file that may be in order, but holds something that is not
	// served: an unknown format or class.
	Unsupported
	// Unreadable is a file that is not there or cannot be read.
	Unreadable
	// Fault is a file at which its reader failed: a fault of the reader, not of the
	// file.
	Fault
)

// String returns the kind's word.
func (k Kind) String() string {
	switch k {
	case Unsupported:
		return "unsupported"
	case Unreadable:
		return "unreadable"
	case Fault:
		return "fault"
	}
	return "broken"
}

// Error says why a model file cannot be served. It is made for the person who
// starts the server; What and Hint hold nothing of the file but escaped names.
type Error struct {
	Kind  Kind
	Path  string // the file's name as given; set by Open and OpenReader
	What  string // what is wrong, without a full stop
	Hint  string // what to do about it
	Cause error  // what happened underneath; may be nil
}

// Error returns "path: what".
func (e *Error) Error() string {
	if e.Path == "" {
		return e.What
	}
	return e.Path + ": " + e.What
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

const brokenHint = "copy the file again, or save the model anew with the program that made it"

// explain returns err, of a reader, as an *Error about the file name.
func explain(name string, err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		known := *e
		known.Path = name
		return &known
	}
	e = &Error{Path: name, What: strings.TrimSuffix(err.Error(), "."), Hint: brokenHint, Cause: err}
	var unsupported interface{ Unsupported() bool }
	if errors.As(err, &unsupported) && unsupported.Unsupported() {
		e.Kind = Unsupported
		e.Hint = "serve a model that is made of supported parts only"
	}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) && hinted.Hint() != "" {
		e.Hint = hinted.Hint()
	}
	return e
}
