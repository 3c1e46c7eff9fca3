package pickle

import "math/big"

// Value is what a pickle holds, as data: nil, bool, int64, *big.Int, float64,
// string, []byte, *List, *Tuple, *Dict, *Set, Global, *Object, *Array or *Dtype.
// Values may be shared and lists, dicts and objects may be cyclic, as in the file: a
// walk must carry a limit of its own. Nothing of a value may be changed.
type Value any

// Global names a class or function, such as {"sklearn.tree._tree", "Tree"}. It is
// a name and nothing else: nothing is ever looked up or called by it.
type Global struct{ Module, Name string }

// String returns "module.name".
func (g Global) String() string { return g.Module + "." + g.Name }

// List is a Python list.
type List struct{ Items []Value }

// Tuple is a Python tuple.
type Tuple struct{ Items []Value }

// Set is a Python set or frozenset, in file order.
type Set struct{ Items []Value }

// Object is an instance of a class, or the result of a function, that the allow
// list names. Args are what the file passes to the constructor or function, State
// is what it sets afterwards (BUILD), Items are what it appends or sets as items.
type Object struct {
	Class Global
	Args  []Value
	State Value
	Items []Value // appended items; of key-value items a *Tuple of two
}

// Attr returns the attribute name of an object whose state is a dict (or a tuple
// of a dict and of slots).
func (o *Object) Attr(name string) (Value, bool) {
	d, ok := o.State.(*Dict)
	if !ok {
		if t, isTuple := o.State.(*Tuple); isTuple && len(t.Items) == 2 {
			if d, ok = t.Items[0].(*Dict); !ok {
				d, ok = t.Items[1].(*Dict)
			}
		}
	}
	if !ok {
		return nil, false
	}
	return d.Get(name)
}

// Array is a numpy array (or scalar: Shape is empty). Exactly one of Data and
// Objects is set: Objects for the dtype object.
type Array struct {
	Dtype   Dtype
	Shape   []int
	Fortran bool    // column-major
	Data    []byte  // the elements, without gaps between them
	Objects []Value // of dtype object, in the array's own order
}

// Dtype is a numpy data type.
type Dtype struct {
	Kind      byte // 'b' bool, 'i' int, 'u' uint, 'f' float, 'c' complex, 'U' text, 'S' bytes, 'V' structured or void, 'O' object, 'M' and 'm' times
	Size      int  // bytes of an element ('U': 4 for each character)
	BigEndian bool
	Fields    []Field // of a structured dtype
	objects   bool    // of a structured dtype: some field holds objects
}

// Field is one member of a structured dtype.
type Field struct {
	Name   string
	Offset int
	Dtype  Dtype
	Shape  []int // of a sub-array; nil for a plain member
}

var _ Value = (*big.Int)(nil)
