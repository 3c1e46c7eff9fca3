package sklearn

import (
	"fmt"
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
)

// attrs reads the attributes of one estimator. The first attribute that is missing
// or of the wrong type is remembered in err, and everything read afterwards is
// zero; so a builder reads what it needs and looks at err once.
type attrs struct {
	r       *reader
	object  *pickle.Object
	class   class
	written string // the _sklearn_version of the estimator
	version version
	nesting int             // estimators around it
	given   int             // features that it is given; 0 where what is around it does not say
	want    mlapi.ScoreKind // the scores that whoever builds it needs; NoScores: the best that it has
	err     error
}

// name returns the class in full, as the file has it.
func (a *attrs) name() string { return a.object.Class.String() }

// broken remembers that the file contradicts itself.
func (a *attrs) broken(format string, args ...any) {
	a.fail(hintBroken, false, format, args...)
}

// unsupported remembers that the file holds something that is not served.
func (a *attrs) unsupported(hint, format string, args ...any) {
	a.fail(hint, true, format, args...)
}

func (a *attrs) fail(hint string, unsupported bool, format string, args ...any) {
	if a.err == nil {
		a.err = &Error{Class: a.name(), Version: a.written, What: fmt.Sprintf(format, args...), hint: hint, unsupported: unsupported}
	}
}

// wrap remembers err, of an evaluator, as a fault of the file.
func (a *attrs) wrap(err error) {
	if err != nil {
		a.broken("%v", err)
	}
}

// has reports whether there is an attribute of that name other than None.
func (a *attrs) has(name string) bool {
	v, ok := a.object.Attr(name)
	return ok && v != nil
}

// value returns an attribute.
func (a *attrs) value(name string) pickle.Value {
	v, ok := a.object.Attr(name)
	if !ok {
		if fitted := len(name) > 1 && name[len(name)-1] == '_'; fitted && !a.fitted() {
			a.unsupported(hintFit, "the estimator was never fitted (attribute %s missing)", name)
		} else {
			a.broken("attribute %s missing", name)
		}
		return nil
	}
	return v
}

// fitted reports whether the estimator has any attribute that fit sets: by
// scikit-learn's rule those end in an underscore and do not begin with one.
func (a *attrs) fitted() bool {
	d, ok := a.object.State.(*pickle.Dict)
	if !ok {
		return false
	}
	for _, k := range d.Keys {
		if s, ok := k.(string); ok && len(s) > 1 && s[0] != '_' && s[len(s)-1] == '_' {
			return true
		}
	}
	return false
}

// wrong remembers that an attribute has another type than it should.
func (a *attrs) wrong(name, want string) { a.broken("attribute %s is not %s", name, want) }

func (a *attrs) int(name string) int {
	v := a.value(name)
	if a.err != nil {
		return 0
	}
	n, ok := pickle.AsInt(v)
	if !ok || n < math.MinInt32 || n > math.MaxInt32 {
		a.wrong(name, "a whole number in range")
	}
	return int(n)
}

func (a *attrs) float(name string) float64 {
	v := a.value(name)
	if a.err != nil {
		return 0
	}
	f, ok := pickle.AsFloat(v)
	if !ok {
		a.wrong(name, "a number")
	}
	return f
}

func (a *attrs) bool(name string) bool {
	v := a.value(name)
	if a.err != nil {
		return false
	}
	b, ok := pickle.AsBool(v)
	if !ok {
		a.wrong(name, "True or False")
	}
	return b
}

// text returns an attribute that is a str, and "" for anything else: parameters
// may hold other objects, which then are none of the values that are known.
func (a *attrs) text(name string) string {
	v, _ := a.object.Attr(name)
	s, _ := pickle.AsString(v)
	return s
}

// array returns an attribute that is a numpy array.
func (a *attrs) array(name string) *pickle.Array {
	v := a.value(name)
	if a.err != nil {
		return nil
	}
	array, ok := v.(*pickle.Array)
	if !ok {
		a.wrong(name, "an array")
		return nil
	}
	return array
}

// floats returns an attribute that is an array of numbers, row-major, and its
// shape; a plain number has the shape ().
func (a *attrs) floats(name string) (values []float64, shape []int) {
	v := a.value(name)
	if a.err != nil {
		return nil, nil
	}
	if f, ok := pickle.AsFloat(v); ok {
		return []float64{f}, nil
	}
	array := a.array(name)
	if a.err != nil {
		return nil, nil
	}
	if !a.charge(8 * int64(elements(array))) {
		return nil, nil
	}
	values, err := array.Float64s()
	if err != nil {
		a.broken("attribute %s: %v", name, err)
		return nil, nil
	}
	return values, array.Shape
}

// charge counts bytes that the model will take, before they are taken. It remembers
// an error, and returns false, where they are more than the file may make: it can
// refer to one array any number of times.
func (a *attrs) charge(n int64) bool {
	if a.r.memory -= n; a.r.memory < 0 || n < 0 {
		a.broken("the model would take too much memory for a file of its size")
	}
	return a.err == nil
}

// column returns a member of an array of records.
func (a *attrs) column(what string, array *pickle.Array, name string) *pickle.Column {
	c, err := array.Field(name)
	if err != nil {
		a.broken("%s: %v", what, err)
		return nil
	}
	return c
}

// list returns an attribute that is a list or a tuple.
func (a *attrs) list(name string) []pickle.Value {
	v := a.value(name)
	if a.err != nil {
		return nil
	}
	switch v := v.(type) {
	case *pickle.List:
		return v.Items
	case *pickle.Tuple:
		return v.Items
	}
	a.wrong(name, "a list")
	return nil
}

// elements returns how many elements an array has.
func elements(array *pickle.Array) int {
	n := 1
	for _, size := range array.Shape {
		n *= size
	}
	return n
}
