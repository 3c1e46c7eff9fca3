package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxFile is the largest .env file that is read, in bytes.
const maxFile = 1 << 20

// readFile takes the settings of the .env file.
func (l *loader) readFile(file string, environ map[string]string) {
	text, fault := readText(file)
	if fault != nil {
		l.faults = append(l.faults, fault)
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
				Problem: fmt.Sprintf("stands in line %d too", earlier), Hint: "the last one counts, delete the other"})
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
				Hint: "did you mean " + strings.ToUpper(name) + "?"})
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
		Problem: "cannot be read as KEY=value", Hint: "it is passed over"})
}

// readText returns the text of the .env file, which is empty where there is none. Like
// python-dotenv it takes a folder of that name (a virtual environment) for no file.
func readText(file string) (text string, fault *Error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	unreadable := &Error{Key: file, Problem: "cannot be read", Hint: "let the user that runs the server read it, or remove it"}
	if err != nil {
		return "", unreadable
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return "", nil
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return "", unreadable
	case len(data) > maxFile:
		return "", &Error{Key: file, Problem: fmt.Sprintf("is larger than %d bytes", maxFile), Hint: "keep nothing but settings in it"}
	case !utf8.Valid(data) || slices.Contains(data, 0):
		return "", &Error{Key: fmt.Sprintf("%s line %d", file, firstBadLine(data)), Problem: "is not UTF-8 text",
			Hint: "save the file as UTF-8 (PowerShell's > writes UTF-16)"}
	}
	return string(data), nil
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
