package pickle

import "io"

// Document is what a file holds, and how it was written.
type Document struct {
	Value    Value
	Protocol int  // 0 to 5; 0 stands for 1 too, which leaves no trace
	Joblib   bool // an array was stored the way of joblib
}

// Read reads one pickle or (decompressed) joblib file to its end. Of classes and
// functions it accepts those that this package interprets itself and those that
// allow names; a nil allow names none.
//
// Errors are a *RefusedError for what is not on the list, a *LimitError for what
// is too large, a *FormatError for what is broken or cannot be read. They hold
// nothing of the file but escaped names.
func Read(r io.Reader, allow func(Global) bool, limits Limits) (Value, error) {
	d, err := ReadDocument(r, allow, limits)
	return d.Value, err
}

// ReadDocument is Read for callers who want to know how the file was written.
func ReadDocument(r io.Reader, allow func(Global) bool, limits Limits) (Document, error) {
	if allow == nil {
		allow = func(Global) bool { return false }
	}
	m := &machine{src: newSource(r, limits.Bytes), allow: allow, account: newAccount(limits)}
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
	return Document{Value: v, Protocol: m.protocol, Joblib: m.joblib}, nil
}
