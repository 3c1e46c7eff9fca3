package xgboost

import "fmt"

// Error says why a file of XGBoost cannot be served.
type Error struct {
	What  string // what is wrong, and where
	Cause error  // what was found underneath; may be nil

	hint        string
	unsupported bool
}

// Error returns what is wrong.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.What + ": " + e.Cause.Error()
	}
	return e.What
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Hint returns what to do about it.
func (e *Error) Hint() string {
	if e.hint == "" {
		return "the file is damaged or was changed by hand: save the model anew with Booster.save_model(\"model.json\")"
	}
	return e.hint
}

// Unsupported reports whether the file may be in order, but is not served.
func (e *Error) Unsupported() bool { return e.unsupported }

const (
	hintConvert = "load it with the XGBoost that wrote it and save it again: booster.save_model(\"model.json\")"
	hintTrain   = "train with one of XGBoost's own objectives and with booster gbtree, dart or gblinear"
	hintLimit   = "if you trust where the file comes from, save it again as UBJSON: booster.save_model(\"model.ubj\")"
)

func broken(format string, args ...any) *Error { return &Error{What: fmt.Sprintf(format, args...)} }

func unsupported(hint, format string, args ...any) *Error {
	return &Error{What: fmt.Sprintf(format, args...), hint: hint, unsupported: true}
}
