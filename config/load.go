package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// Options say what Load reads.
type Options struct {
	// File is the path of the .env file; "" is .env in the working folder.
	File string
	// Environ is the environment as os.Environ gives it. Of a name that stands twice
	// the last one counts.
	Environ []string
	// Flags are the flags that the command was given, by name without dashes:
	// "address", "port", "data" and "debug". One that was not given is absent.
	Flags map[string]string
}

const defaultFile = ".env"

// maxFile is the largest .env file that is read, in bytes.
const maxFile = 1 << 20

// Load reads the file, the environment and the flags, each over the one before it,
// and returns the configuration, whose Warnings are to be shown. A key that is set
// to nothing is as unset there. The error is [Errors]: all faults at once.
func Load(opts Options) (*Config, error) {
	l := loader{table: keys(), settings: map[string]setting{}, faulty: map[string]bool{}}
	environ := environMap(opts.Environ)
	l.readFile(cmp.Or(opts.File, defaultFile), environ)
	l.readEnviron(environ)
	l.readFlags(opts.Flags)
	c := l.apply()
	l.faults = append(l.faults, c.contradictions(l.source, l.faulty)...)
	if len(l.faults) > 0 {
		return nil, l.faults
	}
	c.Warnings = append(c.doubts(l.source), l.warnings...)
	return c, nil
}

// setting is the text that a place gave a key.
type setting struct{ value, source string }

// loader gathers settings and faults.
type loader struct {
	table    []key
	settings map[string]setting // of keys of the table only
	faults   Errors
	faulty   map[string]bool // the keys whose values were not taken
	warnings []Warning
}

func (l *loader) set(name, value, source string) {
	if value != "" {
		l.settings[name] = setting{value, source}
	}
}

// The sources that are not a line or a flag.
const (
	environmentSource = "environment"
	defaultSource     = "default"
)

// source returns where the key was set.
func (l *loader) source(name string) string {
	return cmp.Or(l.settings[name].source, defaultSource)
}

func (l *loader) known(name string) bool {
	return slices.ContainsFunc(l.table, func(k key) bool { return k.name == name })
}

// readFile takes the settings of the .env file.
func (l *loader) readFile(file string, environ map[string]string) {
	text, found, fault := readText(file)
	if fault != nil {
		l.faults = append(l.faults, fault)
		return
	}
	if !found {
		return
	}
	statements := parseDotenv(text)
	values, ok := expandAll(statements, environ)
	if !ok {
		l.faults = append(l.faults, &Error{Key: file, Problem: fmt.Sprintf("grows over %d bytes when ${...} is expanded", maxExpanded),
			Hint: "write the values out"})
		return
	}
	lines := map[string]int{} // the line that counts, by key
	for _, s := range statements {
		if s.bad {
			l.badStatement(file, s)
			continue
		}
		if earlier := lines[s.key]; earlier > 0 && l.known(s.key) {
			l.warnings = append(l.warnings, Warning{Key: s.key, Source: fmt.Sprintf("%s line %d", file, s.line),
				Problem: fmt.Sprintf("stands in line %d too", earlier), Hint: "The last one counts; delete the other."})
		}
		lines[s.key] = s.line
	}
	for _, name := range slices.SortedFunc(keysOf(lines), func(a, b string) int { return lines[a] - lines[b] }) {
		source := fmt.Sprintf("%s line %d", file, lines[name])
		switch {
		case l.known(name):
			if v := values[name]; v != nil {
				l.set(name, *v, source)
			}
		case ours(name):
			l.unknown(name, source)
		case l.known(strings.ToUpper(name)):
			l.warnings = append(l.warnings, Warning{Key: shown(name), Source: source, Problem: "is not a key",
				Hint: "Did you mean " + strings.ToUpper(name) + "?"})
		}
	}
}

// badStatement is what python-dotenv passes over with a warning. So do we, unless one
// of our keys stands in it: then somebody set it, and it would silently not count.
func (l *loader) badStatement(file string, s statement) {
	for line := range strings.Lines(s.source) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "export "))
		if ours(strings.TrimLeft(line, `'"`)) {
			l.faults = append(l.faults, &Error{Key: fmt.Sprintf("%s line %d", file, s.line), Problem: "cannot be read as KEY=value",
				Hint: "look for a missing = or closing quote, and for text after a closing quote"})
			return
		}
	}
	l.warnings = append(l.warnings, Warning{Key: fmt.Sprintf("%s line %d", file, s.line),
		Problem: "cannot be read as KEY=value", Hint: "It is passed over."})
}

// unknown refuses a key that looks like one of ours. Its value is not shown: it may
// be a secret under a misspelt name.
func (l *loader) unknown(name, source string) {
	hint := "did you mean " + nearest(name, l.table) + "?"
	if source == environmentSource && fromKubernetes(name) {
		hint = "if Kubernetes set it for a Service, put enableServiceLinks: false into the pod's spec"
	}
	l.faults = append(l.faults, &Error{Key: shown(name), Source: source, Problem: "is not a key", Hint: hint})
}

// readEnviron takes the settings of the environment. Only MLAPI_ is ours alone there:
// AUTH_TOKEN and the like may be another program's.
func (l *loader) readEnviron(environ map[string]string) {
	for _, name := range slices.Sorted(keysOf(environ)) {
		value := environ[name]
		switch {
		case injected(name, value):
		case l.known(name):
			l.set(name, value, environmentSource)
		case strings.HasPrefix(name, "MLAPI_"):
			l.unknown(name, environmentSource)
		}
	}
}

// injected reports whether a variable is what Kubernetes sets for a Service named
// mlapi (kubernetes.io, "Service environment variables").
func injected(name, value string) bool {
	if name == "MLAPI_PORT" {
		return strings.HasPrefix(value, "tcp://") || strings.HasPrefix(value, "udp://") || strings.HasPrefix(value, "sctp://")
	}
	return strings.HasPrefix(name, "MLAPI_SERVICE_") || strings.HasPrefix(name, "MLAPI_PORT_")
}

// fromKubernetes reports whether a name has the form of those that Kubernetes sets for
// any Service whose name begins with mlapi-.
func fromKubernetes(name string) bool {
	return strings.Contains(name, "_SERVICE_HOST") || strings.Contains(name, "_SERVICE_PORT") ||
		strings.HasSuffix(name, "_PORT") || strings.Contains(name, "_PORT_")
}

// readFlags takes the settings of the command's flags.
func (l *loader) readFlags(flags map[string]string) {
	for _, flag := range slices.Sorted(keysOf(flags)) {
		value, source := flags[flag], "flag --"+flag
		i := slices.IndexFunc(l.table, func(k key) bool { return k.flag == flag })
		switch {
		case flag == "debug":
			on, f := parseTruth(value)
			if f != nil {
				l.faults = append(l.faults, &Error{Key: "--debug", Value: quote(value), Source: source, Problem: f.problem, Hint: f.hint})
			}
			if on {
				l.set("LOGGING_LEVEL", "10", source)
				l.set("LOGGING_FORMAT", "text", source)
			}
		case flag == "" || i < 0:
			l.faults = append(l.faults, &Error{Key: source, Problem: "stands for no key", Hint: "this is a fault of the program"})
		default:
			l.set(l.table[i].name, value, source)
		}
	}
}

// apply gives every setting to its key, over the defaults.
func (l *loader) apply() *Config {
	c := Default()
	for _, k := range l.table {
		s, ok := l.settings[k.name]
		if !ok {
			continue
		}
		next := c
		if f := k.set(&next, s.value); f != nil {
			l.faulty[k.name] = true
			l.faults = append(l.faults, k.error(s, f))
			continue
		}
		c = next
	}
	return &c
}

// error is a fault of a value as a person is told of it.
func (k *key) error(s setting, f *fault) *Error {
	e := &Error{Key: k.name, Value: quote(s.value), Source: s.source, Problem: f.problem, Hint: f.hint}
	if k.secret {
		e.Value = ""
	}
	if q := s.value[:1]; len(s.value) > 1 && (q == `"` || q == "'") && strings.HasSuffix(s.value, q) {
		e.Hint += "; the quotes are part of the value here: leave them out"
	}
	return e
}

// readText returns the text of the .env file. Like python-dotenv it takes a folder of
// that name (a virtual environment) for no file.
func readText(file string) (text string, found bool, fault *Error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, &Error{Key: file, Problem: "cannot be opened", Hint: "let the user that runs the server read it, or remove it"}
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return "", false, nil
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return "", false, &Error{Key: file, Problem: "cannot be read", Hint: "let the user that runs the server read it, or remove it"}
	case len(data) > maxFile:
		return "", false, &Error{Key: file, Problem: fmt.Sprintf("is larger than %d bytes", maxFile), Hint: "keep nothing but settings in it"}
	case !utf8.Valid(data) || slices.Contains(data, 0):
		return "", false, &Error{Key: fmt.Sprintf("%s line %d", file, firstBadLine(data)), Problem: "is not UTF-8 text",
			Hint: "save the file as UTF-8 (PowerShell's > writes UTF-16)"}
	}
	return string(data), true, nil
}

// firstBadLine returns the number of the first line that is not UTF-8 or has a NUL.
func firstBadLine(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == 0 || r == utf8.RuneError && n == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		data = data[n:]
	}
	return line
}

// ours reports whether a name begins with a prefix that only our keys have.
func ours(name string) bool {
	for _, prefix := range [...]string{"AUTH_", "API_", "CORS_", "LOGGING_", "MLAPI_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// shown returns a name as it can be printed.
func shown(name string) string {
	if len(name) <= 80 && printable(name) {
		return name
	}
	return quote(name)
}

func environMap(environ []string) map[string]string {
	m := make(map[string]string, len(environ))
	for _, entry := range environ {
		if name, value, found := strings.Cut(entry, "="); found && name != "" {
			m[name] = value
		}
	}
	return m
}
