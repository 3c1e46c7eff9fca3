package pickle

import "io"

// Options say how to read a file. The zero value refuses every file: its limits
// allow nothing.
type Options struct {
	// Allow is the allow list: it reports whether a class or function may be named.
	// nil allows none but those that this package interprets itself.
	Allow  func(Global) bool
	Limits Limits
	// Sibling opens the files of arrays that joblib up to 0.9 wrote beside the file.
	// nil means that there are none: a file that needs them is refused.
	Sibling Opener
}

// Document is what a file holds, and how it was written.
type Document struct {
	Value    Value
	Protocol int   // 0 to 5; 0 stands for 1 too, which leaves no trace
	Joblib   bool  // an array was stored the way of joblib
	Memory   int64 // bytes charged against Limits.Memory
}

// Read reads one pickle or (decompressed) joblib file to its end. Of classes and
// functions it accepts those that this package interprets itself and those that
// o.Allow names.
//
// Errors are a *RefusedError for what is not on the list, a *LimitError for what
// is too large, a *FormatError for what is broken or cannot be read. They hold
// nothing of the file but escaped names.
func Read(r io.Reader, o Options) (Document, error) {
	m := newMachine(r, o)
	v, err := m.run()
	if err == nil {
		err = m.src.end()
	}
	if err == nil {
		err = checkNesting(v, m.account)
	}
	if err != nil {
		return Document{}, err
	}
	return Document{Value: v, Protocol: m.protocol, Joblib: m.joblib, Memory: m.account.limits.Memory - m.account.memory}, nil
}

func newMachine(r io.Reader, o Options) *machine {
	if o.Allow == nil {
		o.Allow = func(Global) bool { return false }
	}
	return &machine{src: newSource(r, o.Limits.Bytes), allow: o.Allow, account: newAccount(o.Limits), sibling: o.Sibling}
}
