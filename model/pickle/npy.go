package pickle

import (
	"io"
	"strconv"
	"strings"
)

const (
	npyMagic = "\x93NUMPY"
	// mostNPYHeader is the length in bytes of the longest header of an .npy file.
	mostNPYHeader = 64 << 10
	// mostLiteral is how deep the values in such a header may be nested.
	mostLiteral = 16
)

// ReadNPY reads one .npy file to its end: numpy's own format of one array (versions
// 1.0 to 3.0; numpy/lib/format.py). An array of objects, which
// holds a pickle, is read by the rules of Read with allow and limits. The errors are
// those of Read.
func ReadNPY(r io.Reader, allow func(Global) bool, limits Limits) (*Array, error) {
	m := newMachine(r, Options{Allow: allow, Limits: limits})
	a := &Array{}
	err := m.readNPY(a)
	if err == nil {
		err = m.src.end()
	}
	if err == nil {
		err = checkNesting(a, m.account)
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// readNPY reads an .npy file from the machine's source into a.
func (m *machine) readNPY(a *Array) error {
	header, err := m.npyHeader()
	if err != nil {
		return err
	}
	l := literal{rest: header}
	v, ok := l.value(mostLiteral)
	d, isDict := v.(*Dict)
	if !ok || !isDict || strings.TrimSpace(l.rest) != "" {
		return m.broken("the header of an .npy file cannot be read")
	}
	described, _ := d.Get("descr")
	dtype, ok := describedDtype(described, mostLiteral)
	if !ok {
		return m.broken("the dtype of an .npy file is not known")
	}
	dimensions, _ := d.Get("shape")
	shape, n, err := m.shape(dimensions, dtype.Size)
	if err != nil {
		return err
	}
	if dtype.hasObjects() {
		return m.readObjects(a, n)
	}
	fortran, ok := d.Get("fortran_order")
	order, isBool := fortran.(bool)
	if !ok || !isBool {
		return m.broken("an array has an unknown order of its axes")
	}
	a.Dtype, a.Shape, a.Fortran = dtype, shape, order
	a.Data, err = m.src.bytes(uint64(n)*uint64(dtype.Size), m.account)
	return err
}

// npyHeader reads the beginning of an .npy file and returns its header, which is
// the text of a Python dict.
func (m *machine) npyHeader() (string, error) {
	begin, err := m.src.peek(len(npyMagic) + 2)
	if err != nil {
		return "", err
	}
	version := begin[len(npyMagic)]
	if string(begin[:len(npyMagic)]) != npyMagic || version < 1 || version > 3 {
		return "", m.broken("a file of an array is no .npy file")
	}
	width := 2
	if version > 1 {
		width = 4
	}
	n, err := m.src.uint(width)
	if err != nil {
		return "", err
	}
	if n > mostNPYHeader {
		return "", m.broken("the header of an .npy file has %d bytes", n)
	}
	return m.src.text(n, m.account)
}

// describedDtype returns the dtype that an .npy header describes: a name, or a list of
// fields (name, dtype[, shape]) that follow each other without gaps.
func describedDtype(v Value, depth int) (Dtype, bool) {
	if name, ok := v.(string); ok {
		return parseDtype(name)
	}
	list, ok := v.(*List)
	if !ok || depth == 0 {
		return Dtype{}, false
	}
	d := Dtype{Kind: 'V'}
	for _, item := range list.Items {
		t, ok := item.(*Tuple)
		if !ok || len(t.Items) < 2 || len(t.Items) > 3 {
			return d, false
		}
		name, ok := t.Items[0].(string)
		if titled, isTuple := t.Items[0].(*Tuple); isTuple && len(titled.Items) == 2 {
			name, ok = titled.Items[1].(string) // (title, name)
		}
		field, known := describedDtype(t.Items[1], depth-1)
		if !ok || !known {
			return d, false
		}
		f := Field{Name: name, Offset: d.Size, Dtype: field}
		size := field.Size
		if len(t.Items) == 3 {
			if f.Shape, size, ok = smallShape(t.Items[2], field.Size); !ok || field.hasObjects() {
				return d, false
			}
		}
		if d.Size += size; d.Size > mostItem {
			return d, false
		}
		if name != "" { // a field without a name is a gap
			d.Fields = append(d.Fields, f)
			d.objects = d.objects || field.hasObjects()
		}
	}
	return d, true
}

// smallShape returns the shape of a field whose values are arrays and their size.
func smallShape(v Value, size int) ([]int, int, bool) {
	items := itemsOf(v)
	if n, ok := v.(int64); ok {
		items = []Value{n}
	}
	if items == nil || len(items) > mostDimensions {
		return nil, 0, false
	}
	shape := make([]int, len(items))
	for i, item := range items {
		n, ok := item.(int64)
		if !ok || n < 0 || n > mostItem || int(n)*size > mostItem {
			return nil, 0, false
		}
		shape[i], size = int(n), size*int(n)
	}
	return shape, size, true
}

// literal reads Python literals: dicts, lists, tuples, texts, whole numbers, True,
// False and None, as numpy writes them into .npy files.
type literal struct{ rest string }

// value reads one value, nested at most depth deep.
func (l *literal) value(depth int) (Value, bool) {
	l.space()
	if l.rest == "" || depth == 0 {
		return nil, false
	}
	switch c := l.rest[0]; c {
	case '{':
		return l.dict(depth)
	case '[':
		items, _, ok := l.items("[", "]", depth)
		return &List{Items: items}, ok
	case '(':
		items, commas, ok := l.items("(", ")", depth)
		if len(items) == 1 && commas == 0 {
			return items[0], ok
		}
		return &Tuple{Items: items}, ok
	case '\'', '"':
		end := strings.IndexByte(l.rest[1:], c)
		if end < 0 || strings.Contains(l.rest[1:1+end], "\\") {
			return nil, false
		}
		s := l.rest[1 : 1+end]
		l.rest = l.rest[end+2:]
		return s, true
	}
	return l.word()
}

// word reads a whole number (with the L of Python 2) or a name.
func (l *literal) word() (Value, bool) {
	end := strings.IndexAny(l.rest, " ,:)]}\n")
	if end < 0 {
		end = len(l.rest)
	}
	word := l.rest[:end]
	l.rest = l.rest[end:]
	switch word {
	case "True", "False":
		return word == "True", true
	case "None":
		return nil, true
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(word, "L"), 10, 64)
	return n, err == nil
}

// items reads the items of a list or tuple, and counts the commas.
func (l *literal) items(open, end string, depth int) (items []Value, commas int, ok bool) {
	l.rest = strings.TrimPrefix(l.rest, open)
	for {
		l.space()
		if l.take(end) {
			return items, commas, true
		}
		v, ok := l.value(depth - 1)
		if !ok {
			return nil, 0, false
		}
		items = append(items, v)
		l.space()
		if l.take(",") {
			commas++
		} else if !strings.HasPrefix(l.rest, end) {
			return nil, 0, false
		}
	}
}

func (l *literal) dict(depth int) (Value, bool) {
	l.rest = l.rest[1:]
	d := &Dict{}
	for {
		l.space()
		if l.take("}") {
			return d, true
		}
		k, ok := l.value(1)
		if l.space(); !ok || !l.take(":") {
			return nil, false
		}
		v, ok := l.value(depth - 1)
		if !ok {
			return nil, false
		}
		d.Set(k, v)
		if l.space(); !l.take(",") && !strings.HasPrefix(l.rest, "}") {
			return nil, false
		}
	}
}

func (l *literal) space() { l.rest = strings.TrimLeft(l.rest, " \n") }

func (l *literal) take(s string) bool {
	rest, ok := strings.CutPrefix(l.rest, s)
	l.rest = rest
	return ok
}
