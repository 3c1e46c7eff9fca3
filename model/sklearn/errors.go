package sklearn

import "fmt"

// Error says why a file of scikit-learn cannot be served.
type Error struct {
	Class   string // the estimator's class in full, where one was found
	Version string // the scikit-learn that wrote it, where the file says so
	What    string // what is wrong with it

	hint        string
	unsupported bool
	cause       error
}

// Error returns the class, the version and what is wrong.
func (e *Error) Error() string {
	switch {
	case e.Class == "":
		return e.What
	case e.Version == "":
		return e.Class + ": " + e.What
	}
	return fmt.Sprintf("%s (scikit-learn %s): %s", e.Class, e.Version, e.What)
}

// Unwrap returns the cause, such as a *pickle.RefusedError.
func (e *Error) Unwrap() error { return e.cause }

// Hint returns what to do about it.
func (e *Error) Hint() string { return e.hint }

// Unsupported reports whether the file may be in order, but is not served. If it
// is false the file is broken, or was made by hand.
func (e *Error) Unsupported() bool { return e.unsupported }

const (
	hintServed   = "docs/exactness.md lists what is served: use one of these with its usual settings; or save the model without this part, and do what it does in a preprocessor in Go (README: Extend it, fork it)"
	hintBroken   = "the file is damaged, was changed after it was written, or holds a part of a model: save the fitted model anew with joblib.dump"
	hintFit      = "fit the model before it is saved with joblib.dump"
	hintNewer    = "load the model with a scikit-learn from 0.18 to 1.9 and save it again"
	hintOutput   = "train one model for each output"
	hintCode     = "nothing in a model file is ever run, so it may name only classes that mlapi knows: save the model without this part, and do what it does before the rows are sent or in a preprocessor in Go (README: Extend it, fork it)"
	hintStranger = "no model has a use for this: do not load the file in Python unless you trust whoever made it; mlapi inspect tells all that it names"
	hintTop      = "save the fitted estimator or Pipeline itself: joblib.dump(model, \"model.joblib\")"
)
