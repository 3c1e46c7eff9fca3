package config

import (
	"cmp"
	"slices"
	"strings"
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
	l.faults = append(l.faults, c.contradictions(l.said, l.faulty)...)
	if len(l.faults) > 0 {
		return nil, l.faults
	}
	c.Warnings = append(c.doubts(l.said), l.warnings...)
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

// said returns what the key was set to and where; the value of a secret is left out.
func (l *loader) said(name string) setting {
	s, ok := l.settings[name]
	if !ok {
		return setting{source: defaultSource}
	}
	if slices.ContainsFunc(l.table, func(k key) bool { return k.name == name && k.secret }) {
		s.value = ""
	}
	return s
}

func (l *loader) known(name string) bool {
	return slices.ContainsFunc(l.table, func(k key) bool { return k.name == name })
}

// unknown refuses a key that looks like one of ours. Its value is not shown: it may
// be a secret under a misspelt name.
func (l *loader) unknown(name, source string) {
	meant := nearest(name, l.table)
	hint := "did you mean " + meant.name + " (" + meant.meaning + ")?"
	if source == environmentSource && fromKubernetes(name) {
		hint += " If Kubernetes set it for a Service, put enableServiceLinks: false into the pod's spec"
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
