package pickle

import (
	"errors"
	"io"
	"strings"
)

// Report is what Scan finds in a file.
type Report struct {
	Protocol int   // the highest that the file says, 0 to 5
	Joblib   bool  // an array was stored the way of joblib
	Pickles  int   // how many follow each other; an honest file has one
	Bytes    int64 // how many were looked at, after decompression
	// Opcodes counts what was run, by the names of pickletools.
	Opcodes  map[string]int64
	Globals  []Use     // every class and function that is named, in order
	Findings []Finding // what is wrong, in order
	// More is set where there is more than is listed, or than was looked at.
	More bool
	// Err is the error that Read gives, nil where the file can be read. It may be found
	// in what Read does not look at any more: the depth of the nesting.
	Err error
}

// Hostile reports whether the file does what no file of a model does: it names what runs
// code or reaches out of Python, calls what it computes, hides a pickle in a text, or
// sets attributes by which code is chosen.
func (r *Report) Hostile() bool {
	for _, f := range r.Findings {
		if f.Hostile {
			return true
		}
	}
	for _, u := range r.Globals {
		if u.Verdict == Dangerous {
			return true
		}
	}
	return false
}

// Use is a class or function that a file names.
type Use struct {
	Global  Global
	Verdict Verdict
	Offset  int64    // where it is named first
	Inside  string   // "", or what it is hidden in: "bytes at 123"
	Named   int      // how often it is named
	Calls   []string // the opcodes that call it, each once: "REDUCE", "NEWOBJ", ...
}

// Verdict says what reading a file makes of a name in it.
type Verdict uint8

const (
	// Refused is a name that is on no list.
	Refused Verdict = iota
	// Dangerous is a refused name of a module whose functions run code, or reach files,
	// processes or the network. It is a word for people: what is refused does not depend
	// on it.
	Dangerous
	// Known is a name that this package interprets itself, as data.
	Known
	// Allowed is a name on the caller's allow list.
	Allowed
)

// String returns the verdict's word.
func (v Verdict) String() string {
	return [...]string{"refused", "dangerous", "known", "allowed"}[v]
}

// Finding is something wrong with a file.
type Finding struct {
	Offset  int64  // after how many bytes
	Inside  string // "", or what it is hidden in
	What    string // names from the file are escaped
	Hostile bool   // no honest file has it
}

const (
	mostUses     = 2000 // in a report
	mostFindings = 200
	mostPickles  = 100 // looked at, one after the other
	mostHidden   = 3   // pickles inside each other that are looked at
	mostName     = 500 // bytes of a module or name in a report
)

// Scan reads a file however broken or hostile it is, by the rules of Read, and lists what
// it names and what is wrong with it. It goes on where Read stops: behind a refused name,
// behind a place at which Python would fail, into pickles that lie in texts and bytes, and
// into those that follow the first. Nothing is ever called, and the limits hold as they do
// for Read.
func Scan(r io.Reader, o Options) *Report {
	s := &scanner{report: &Report{}, uses: make(map[Global]int)}
	m := newMachine(r, o)
	m.scan = s
	for {
		s.report.Pickles++
		v, err := s.run(m)
		if err == nil {
			err = checkNesting(v, m.account)
			s.problem(m, err)
		} else {
			s.problem(m, err)
			if _, isOpcode := opcodes[s.op]; isOpcode {
				s.linear(m)
			}
		}
		s.report.Protocol, s.report.Joblib = max(s.report.Protocol, m.protocol), s.report.Joblib || m.joblib
		if !s.next(m) {
			break
		}
		m = &machine{src: m.src, allow: m.allow, account: m.account, sibling: m.sibling, opened: m.opened, scan: s}
	}
	s.report.Bytes = m.src.offset()
	s.report.Opcodes = make(map[string]int64)
	for op, n := range s.counts {
		if info, ok := opcodes[byte(op)]; ok && n > 0 {
			s.report.Opcodes[info.name] = n
		}
	}
	return s.report
}

// next finds out whether another pickle follows, and goes to its beginning.
func (s *scanner) next(m *machine) bool {
	if _, err := m.src.r.Peek(1); err != nil {
		if !errors.Is(err, io.EOF) {
			s.problem(m, m.src.fail(err))
		}
		return false
	}
	if s.report.Pickles == 1 {
		s.problem(m, m.src.end())
		if err := m.src.r.UnreadByte(); err != nil {
			return false
		}
	}
	if s.report.Pickles >= mostPickles {
		s.report.More = true
		return false
	}
	return s.resume(m.src)
}

// dangerous reports whether the module of g is one whose functions run code, or reach
// files, processes or the network.
func dangerous(g Global) bool {
	module := alias(g.Module)
	if first, _, _ := strings.Cut(g.Name, "."); riskyNames[Global{module, first}] {
		return true
	}
	for {
		if riskyModules[module] {
			return true
		}
		at := strings.LastIndexByte(module, '.')
		if at < 0 {
			return false
		}
		module = module[:at]
	}
}

// riskyNames are those of modules that are harmless otherwise.
var riskyNames = map[Global]bool{
	{"builtins", "__import__"}: true, {"builtins", "apply"}: true, {"builtins", "breakpoint"}: true, {"builtins", "compile"}: true, {"builtins", "delattr"}: true, {"builtins", "eval"}: true, {"builtins", "exec"}: true, {"builtins", "execfile"}: true, {"builtins", "exit"}: true, {"builtins", "file"}: true, {"builtins", "filter"}: true, {"builtins", "getattr"}: true, {"builtins", "globals"}: true, {"builtins", "help"}: true, {"builtins", "input"}: true, {"builtins", "locals"}: true, {"builtins", "map"}: true, {"builtins", "open"}: true, {"builtins", "quit"}: true, {"builtins", "raw_input"}: true, {"builtins", "reload"}: true, {"builtins", "setattr"}: true, {"builtins", "type"}: true, {"builtins", "vars"}: true,
	{"codecs", "open"}:      true,
	{"functools", "reduce"}: true, {"functools", "singledispatch"}: true,
	{"operator", "attrgetter"}: true, {"operator", "methodcaller"}: true,
	{"types", "CodeType"}: true, {"types", "FunctionType"}: true, {"types", "LambdaType"}: true, {"types", "MethodType"}: true,
	{"numpy", "DataSource"}: true, {"numpy", "fromfile"}: true, {"numpy", "genfromtxt"}: true, {"numpy", "load"}: true, {"numpy", "loadtxt"}: true, {"numpy", "save"}: true, {"numpy", "savez"}: true,
	{"joblib", "load"}: true, {"joblib", "dump"}: true,
	{"torch", "load"}:               true,
	{"uuid", "_get_command_stdout"}: true, {"uuid", "_popen"}: true,
	{"pandas", "read_pickle"}: true, {"pandas", "eval"}: true,
	{"pandas.io.pickle", "read_pickle"}: true,
}

// riskyModules are modules with all that lies in them.
var riskyModules = map[string]bool{
	"_aix_support": true, "_bootsubprocess": true, "_ctypes": true, "_imp": true, "_io": true, "_osx_support": true,
	"_pickle": true, "_posixsubprocess": true, "_pyrepl": true, "_socket": true, "_thread": true, "_winapi": true, "aiohttp": true, "asyncio": true,
	"bdb": true, "cPickle": true, "cProfile": true, "cgi": true, "code": true, "codeop": true, "commands": true, "compileall": true, "concurrent": true,
	"ctypes": true, "distutils": true, "doctest": true, "ensurepip": true, "fileinput": true, "ftplib": true, "glob": true, "http": true, "httplib": true,
	"idlelib": true, "imaplib": true, "imp": true, "importlib": true, "inspect": true, "io": true, "lib2to3": true, "linecache": true, "logging": true,
	"marshal": true, "mailcap": true, "mmap": true, "multiprocessing": true, "nt": true, "ntpath": true, "numpy.distutils": true, "numpy.f2py": true,
	"numpy.lib.npyio": true, "numpy.testing": true, "os": true, "pdb": true, "pickle": true, "pickletools": true, "pip": true, "pkgutil": true, "platform": true,
	"poplib": true, "popen2": true, "posix": true, "posixpath": true, "profile": true, "pty": true, "py_compile": true, "pydoc": true, "requests": true,
	"runpy": true, "select": true, "setuptools": true, "shelve": true, "shlex": true, "shutil": true, "signal": true, "site": true, "smtplib": true,
	"socket": true, "socketserver": true, "sqlite3": true, "ssl": true, "subprocess": true, "sys": true, "sysconfig": true, "syslog": true, "tarfile": true,
	"telnetlib": true, "tempfile": true, "test": true, "threading": true, "timeit": true, "torch.hub": true, "torch.jit": true, "torch.utils": true,
	"torch.serialization": true, "torch.fx.experimental": true, "torch._dynamo": true, "torch._inductor": true, "trace": true, "turtle": true, "unittest": true, "urllib": true, "urllib2": true, "uvicorn": true, "venv": true,
	"webbrowser": true, "winreg": true, "xmlrpc": true, "zipfile": true, "zipimport": true,
}
