package sklearn

import (
	"errors"
	"fmt"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
)

// reader turns the values of one file into a model.
type reader struct {
	classes map[pickle.Global]class
	format  string
	steps   int // of all pipelines
	// used are the arrays that a tree was made of. A file can refer to one array
	// any number of times, and each tree would take its memory anew.
	used map[*pickle.Array]bool
}

// Format returns the format of pickle and joblib files that hold an estimator of
// scikit-learn. The errors of its Read are an *Error where the file is in order
// for Python but not for us, otherwise those of packages pickle and model.
func Format() model.Format {
	return model.Format{Name: "joblib/pickle", Detect: detect, Read: read}
}

// detect looks at the first opcodes only: joblib puts the raw bytes of arrays between
// the opcodes of any protocol, and no file of an estimator begins with an array.
func detect(head []byte) bool {
	const opcodes = 64
	return pickle.Detect(head[:min(len(head), opcodes)])
}

func read(src *model.Source, limits model.Limits) (mlapi.Model, error) {
	rd := newReader()
	document, err := pickle.ReadDocument(src, rd.allow, pickle.Limits(limits))
	if err != nil {
		return nil, explain(err)
	}
	if document.Joblib {
		rd.format = "joblib"
	}
	return rd.model(document.Value)
}

// newReader returns a reader of the classes that are served.
func newReader() *reader {
	return &reader{classes: index(classes()), format: "pickle", used: make(map[*pickle.Array]bool)}
}

// allow reports whether a file may name g.
func (r *reader) allow(g pickle.Global) bool {
	_, ok := r.classes[g]
	return ok
}

// explain adds to the refusal of a class what is served instead.
func explain(err error) error {
	var refused *pickle.RefusedError
	if !errors.As(err, &refused) || refused.Reason != "" {
		return err
	}
	hint := hintCode
	if strings.HasPrefix(refused.Global.Module, "sklearn.") {
		hint = hintServed
	}
	return &Error{What: err.Error(), hint: hint, unsupported: true, cause: err}
}

// model builds the model that v describes.
func (r *reader) model(v pickle.Value) (mlapi.Model, error) {
	o, ok := v.(*pickle.Object)
	if !ok {
		return nil, &Error{What: fmt.Sprintf("the file holds %s, not an estimator", kind(v)), hint: hintTop, unsupported: true}
	}
	a := r.open(o, nil)
	if a == nil || a.class.model == nil {
		return nil, &Error{Class: o.Class.String(), What: "the file holds this by itself, which predicts nothing", hint: hintTop, unsupported: true}
	}
	if err := a.checkVersion(); err != nil {
		return nil, err
	}
	m := a.class.model(a)
	if a.err != nil {
		return nil, a.err
	}
	if m == nil {
		return nil, errors.New("sklearn: no model and no error of " + a.name())
	}
	return m, nil
}

// open returns the attributes of o, or nil where o is nothing that can be opened. An
// estimator inside another one was written with it.
func (r *reader) open(o *pickle.Object, outer *attrs) *attrs {
	if o == nil {
		return nil
	}
	c, ok := r.classes[o.Class]
	if !ok || c.part {
		return nil
	}
	a := &attrs{r: r, object: o, class: c}
	if outer != nil {
		a.written, a.version = outer.written, outer.version
	} else {
		a.written = a.text("_sklearn_version")
	}
	return a
}

// checkVersion returns an error unless the file was written by a release that is
// understood.
func (a *attrs) checkVersion() error {
	v, ok := parseVersion(a.written)
	switch {
	case a.written == "" && !a.has("_sklearn_version"):
		a.unsupported(hintNewer, "the file does not say which scikit-learn wrote it")
	case !ok:
		a.written = ""
		a.broken("attribute _sklearn_version is no version")
	case !v.since(oldest.major, oldest.minor):
		a.unsupported(hintNewer, "files of scikit-learn before %d.%d are not served", oldest.major, oldest.minor)
	case v.since(newest.major, newest.minor+1):
		a.unsupported(hintNewer, "files of scikit-learn after %d.%d are not known to this mlapi", newest.major, newest.minor)
	}
	a.version = v
	return a.err
}

// kind names the type of a value in Python's words.
func kind(v pickle.Value) string {
	switch v.(type) {
	case nil:
		return "None"
	case *pickle.Dict:
		return "a dict"
	case *pickle.List:
		return "a list"
	case *pickle.Tuple:
		return "a tuple"
	case *pickle.Array:
		return "a numpy array"
	case pickle.Global:
		return "a class or function"
	case string, []byte:
		return "text"
	}
	return "a value"
}
