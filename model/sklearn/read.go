package sklearn

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

// reader turns the values of one file into a model.
type reader struct {
	classes map[pickle.Global]class
	inert   map[pickle.Global]bool
	format  string
	opened  int             // estimators opened
	memory  int64           // bytes that the model may still take
	unnamed []mlapi.Feature // x0, x1, ...; shared by all that have no names
}

const (
	// maxOpened bounds the estimators of a file: it can refer to one any number of
	// times.
	maxOpened = 1 << 17
	// estimatorBytes is what an estimator takes however small it is, and about half of what
	// the smallest takes to make.
	estimatorBytes = 1 << 10
	// maxNesting bounds estimators inside each other: a file can make one a part of
	// itself.
	maxNesting = 24
)

// Format returns the format of pickle and joblib files that hold an estimator of
// scikit-learn. The errors of its Read are an *Error where the file is in order
// for Python but not for us, otherwise those of packages pickle and model.
func Format() model.Format {
	return model.Format{Name: "joblib/pickle", Detect: detect, Read: read, Parts: true, Inspect: inspect}
}

// detect looks at the first opcodes only: joblib puts the raw bytes of arrays between
// the opcodes of any protocol, and no file of an estimator begins with an array.
func detect(head []byte) bool {
	const opcodes = 64
	return pickle.Detect(head[:min(len(head), opcodes)])
}

func read(src *model.Source, limits model.Limits) (mlapi.Model, error) {
	rd := newReader(limits)
	document, err := pickle.Read(src, pickle.Options{Allow: rd.allow, Limits: pickle.Limits(limits), Sibling: src.Sibling})
	if err != nil {
		return nil, Explain(err)
	}
	if document.Joblib {
		rd.format = "joblib"
	}
	rd.memory = left(limits, document.Memory)
	return rd.part(document.Value, src.Part)
}

// left returns the bytes that a model may take, so many being taken by the values that it
// is made of: both together half as much again as the values alone may.
func left(limits model.Limits, taken int64) int64 { return limits.Memory + limits.Memory/2 - taken }

// Build builds the model of a value that was read from a file of another format, which
// shares the classes of scikit-learn with pickle. Of it part is the path of what is
// asked for, "" where that is the whole, and taken the bytes that the value takes of those
// that limits allow.
func Build(v pickle.Value, format, part string, limits model.Limits, taken int64) (mlapi.Model, error) {
	rd := newReader(limits)
	rd.format, rd.memory = format, left(limits, taken)
	return rd.part(v, part)
}

// Allow returns the allow list: which classes and functions a file may name, because they
// are served or mean nothing.
func Allow() func(pickle.Global) bool { return newReader(model.Limits{}).allow }

// part builds the model of what lies at path in v.
func (r *reader) part(v pickle.Value, path string) (mlapi.Model, error) {
	if path == "" {
		return r.build(v, "$")
	}
	v, err := choose(v, path)
	if err != nil {
		return nil, err
	}
	return r.build(v, path)
}

// newReader returns a reader of the classes that are served, for a model that takes
// no more memory than the values that it is made of may.
func newReader(limits model.Limits) *reader {
	return &reader{classes: index(classes()), inert: inert(), format: "pickle", memory: limits.Memory}
}

// allow reports whether a file may name g.
func (r *reader) allow(g pickle.Global) bool {
	_, ok := r.classes[g]
	return ok || r.inert[g] || pickle.Pandas(g)
}

// Explain adds to the refusal of a class (*pickle.RefusedError) what to do about it.
func Explain(err error) error {
	var refused *pickle.RefusedError
	if !errors.As(err, &refused) || refused.Reason != "" {
		return err
	}
	what, hint := err.Error(), hintCode
	switch first, _, _ := strings.Cut(refused.Global.Module, "."); {
	case first == "sklearn":
		hint = hintServed
	case first == "dill" || strings.Contains(refused.Global.Module, "cloudpickle"):
		what += ": the file holds Python code, a lambda, a function or a class of somebody's own"
	case slices.Contains(strangers, first):
		hint = hintStranger
	}
	return &Error{What: what, hint: hint, unsupported: true, cause: err}
}

// strangers are modules that no model has a use for, whereas a file made to do harm does.
var strangers = []string{
	"os", "posix", "nt", "sys", "subprocess", "commands", "builtins", "__builtin__", "runpy", "importlib", "shutil", "socket",
	"pty", "ctypes", "webbrowser", "pip", "code", "asyncio", "multiprocessing", "platform", "urllib", "requests", "http",
}

// build builds the model that v describes, which lies at root in the file.
func (r *reader) build(v pickle.Value, root string) (mlapi.Model, error) {
	switch v := v.(type) {
	case *pickle.Object:
		return r.model(v)
	case *pickle.Dict, *pickle.List, *pickle.Tuple:
		return r.bundle(v, root)
	}
	return nil, &Error{What: fmt.Sprintf("the file holds %s, not an estimator", kind(v)), hint: hintTop, unsupported: true}
}

// model builds the model of an estimator.
func (r *reader) model(o *pickle.Object) (mlapi.Model, error) {
	a := r.open(o, nil)
	if a == nil {
		return nil, &Error{Class: o.Class.String(), What: "the file holds this by itself, which predicts nothing", hint: hintTop, unsupported: true}
	}
	var m mlapi.Model
	if a.err == nil {
		m = a.top()
	}
	if a.err != nil {
		return nil, a.err
	}
	if m == nil {
		return nil, errors.New("sklearn: no model and no error of " + a.name())
	}
	return m, nil
}

// top builds what a file is served as that holds the estimator by itself: its
// predictions, or the features that it makes.
func (a *attrs) top() mlapi.Model {
	if a.predicts() {
		return a.class.model(a)
	}
	t := a.class.transformer(a)
	if a.err != nil {
		return nil
	}
	if in, out := t.Width(); in > 0 && out == 0 {
		a.unsupported(hintEmpty, "it makes no features, because in training no value was missing")
		return nil
	}
	info := a.describe(mlapi.Transformer)
	info.Estimator = a.lastStep()
	info.Features = a.pipelineFeatures([]transform.Transformer{t}, 0, nil)
	if a.err != nil {
		return nil
	}
	m, err := transform.NewModel(info, t)
	a.wrap(err)
	return m
}

// open returns the attributes of o, an estimator, or nil where o is none that is
// served. Its err is set where it cannot be used.
func (r *reader) open(o *pickle.Object, outer *attrs) *attrs {
	if o == nil {
		return nil
	}
	c, ok := r.classes[o.Class]
	if !ok || c.part() {
		return nil
	}
	a := &attrs{r: r, object: o, class: c}
	if outer != nil {
		a.written, a.version, a.nesting = outer.written, outer.version, outer.nesting+1
	}
	a.count()
	if a.nesting > maxNesting {
		a.broken("there are more than %d estimators inside each other", maxNesting)
	}
	a.readVersion(outer == nil)
	return a
}

// count counts an estimator, and what any takes. It remembers an error, and returns
// false, where there are too many.
func (a *attrs) count() bool {
	if a.r.opened++; a.r.opened > maxOpened {
		a.broken("there are more than %d estimators", maxOpened)
	}
	return a.charge(estimatorBytes)
}

// readVersion reads which release wrote the estimator. One that does not say so,
// because it is not scikit-learn's own, was written with the one around it.
func (a *attrs) readVersion(top bool) {
	if !a.has("_sklearn_version") {
		if top && strings.HasPrefix(a.object.Class.Module, "sklearn.") {
			a.unsupported(hintNewer, "the file does not say which scikit-learn wrote it")
		}
		return
	}
	a.written = a.text("_sklearn_version")
	v, ok := parseVersion(a.written)
	switch {
	case !ok:
		a.written = ""
		a.broken("attribute _sklearn_version is no version")
	case !v.since(oldest.major, oldest.minor):
		a.unsupported(hintNewer, "files of scikit-learn before %d.%d are not served", oldest.major, oldest.minor)
	case v.since(newest.major, newest.minor+1):
		a.unsupported(hintNewer, "files of scikit-learn after %d.%d are not known to this mlapi", newest.major, newest.minor)
	}
	a.version = v
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
