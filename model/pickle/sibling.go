package pickle

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
)

// hintTogether is what to do about arrays in other files that are not there.
const hintTogether = "copy all files that joblib wrote into one folder, or load them once in Python and save the model again with joblib.dump of joblib 0.10 or later"

// newSibling is what joblib's NDArrayWrapper or ZNDArrayWrapper stands for: an array
// that lies in another file, which BUILD names.
func (m *machine) newSibling(g Global) (Value, error) {
	if m.sibling == nil {
		return nil, &RefusedError{
			Global: g,
			Reason: "the arrays of this file are stored in other files beside it, the way of joblib before 0.10",
			hint:   hintTogether,
		}
	}
	m.joblib = true
	if g.Name == "ZNDArrayWrapper" {
		return m.newArray(wantsRawFile)
	}
	return m.newArray(wantsFile)
}

// readSibling reads the state of a wrapper of old joblib and then the array, from the
// file that the state names: an .npy file, or (raw) the bytes alone.
func (m *machine) readSibling(a *Array, state Value, raw bool) error {
	d, ok := state.(*Dict)
	if !ok {
		return m.broken("a joblib array has an unknown state")
	}
	name, _ := d.Get("filename")
	base, ok := name.(string)
	if !ok {
		return m.broken("a joblib array names no file")
	}
	if class, _ := d.Get("subclass"); class != nil && !isArrayClass(class) {
		return &RefusedError{Reason: "the file holds an array of a class of its own: " + typeName(class)}
	}
	src, done, err := m.openSibling(base)
	if err != nil {
		return err
	}
	defer done()
	beside := &machine{src: src, allow: m.allow, account: m.account, subarrays: m.subarrays, nested: true, scan: m.scan}
	if raw {
		err = beside.readRaw(a, d)
	} else {
		err = beside.readNPY(a)
	}
	if err == nil {
		err = src.end()
	}
	return inFile(base, err)
}

// openSibling opens the file base beside this one. Each is opened once: what the
// files may give together is then bounded by their sizes on disk.
func (m *machine) openSibling(base string) (*source, func(), error) {
	if !isBase(base) {
		return nil, nil, &RefusedError{Reason: "the file refers to a file that is not an array beside it: " + printable(base)}
	}
	if m.opened[base] {
		return nil, nil, &RefusedError{Reason: "the file refers twice to the file " + printable(base)}
	}
	r, more, err := m.sibling(base)
	if err != nil {
		e := &RefusedError{Reason: "the file " + printable(base) + " beside this one cannot be read", hint: hintTogether, cause: err}
		if errors.Is(err, fs.ErrNotExist) {
			e.Reason = "an array of this file is stored in " + printable(base) + ", and there is no such file beside this one"
		}
		return nil, nil, e
	}
	if m.opened == nil {
		m.opened = make(map[string]bool)
	}
	m.opened[base] = true
	m.account.grow(more)
	return newSource(r, m.account.limits.Bytes+more), func() { _ = r.Close() }, nil // only read: nothing can be lost by closing
}

// isBase reports whether name is that of an array file as joblib names them, without
// any folder, on any system.
func isBase(name string) bool {
	if !strings.HasSuffix(name, ".npy") && !strings.HasSuffix(name, ".npy.z") {
		return false
	}
	return name[0] != '.' && len(name) <= 255 && path.Base(name) == name && !strings.ContainsAny(name, "\\:\x00\n")
}

// readRaw reads the bytes of an array described by the init_args and the state of a
// ZNDArrayWrapper: what numpy's _reconstruct and __setstate__ would get.
func (m *machine) readRaw(a *Array, wrapper *Dict) error {
	made, _ := wrapper.Get("init_args")
	if args := itemsOf(made); len(args) != 3 || !isArrayClass(args[0]) {
		return &RefusedError{Reason: "the file holds an array of a class of its own"}
	}
	described, _ := wrapper.Get("state")
	items := itemsOf(described)
	if len(items) != 4 {
		return m.broken("an array has an unknown state")
	}
	dtype, err := m.arrayDtype(items[2])
	if err != nil {
		return err
	}
	_, n, err := m.shape(items[1], dtype.Size)
	if err != nil {
		return err
	}
	if dtype.hasObjects() {
		return m.broken("a file of bytes stands for an array of objects")
	}
	data, err := m.src.bytes(uint64(n)*uint64(dtype.Size), m.account)
	if err != nil {
		return err
	}
	return m.buildArray(a, &Tuple{Items: append(items[:4:4], data)})
}

// inFile returns err with the name of the file that it is about.
func inFile(base string, err error) error {
	var broken *FormatError
	if errors.As(err, &broken) && broken.File == "" {
		broken.File = base
	}
	return err
}

// Opener opens the file of that base name beside the one that is read. It returns
// the decompressed content and how many bytes of memory more the values may take for
// it, by its size on disk. An error that is fs.ErrNotExist means that there is no such
// file.
type Opener func(base string) (r io.ReadCloser, more int64, err error)
