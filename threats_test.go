package mlapi_test

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// standards are the requirements that docs/threat-model.md accounts for: how many there
// are in each section. ASVS is 5.0.0.
var standards = map[string]map[string]int{
	"ASVS": {
		"6.1": 3, "6.2": 12, "6.3": 8, "6.4": 6, "6.5": 8, "6.6": 4, "6.7": 2, "6.8": 4,
		"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 3, "7.6": 2,
		"9.1": 3, "9.2": 4,
		"10.1": 2, "10.2": 3, "10.3": 5, "10.4": 16, "10.5": 5, "10.6": 2, "10.7": 3,
	},
	"RFC 8725": {"3": 12},
	"RFC 9700": {"2": 6, "2.2": 2, "4": 17},
}

// threatModel is the page as it is read: what there is to compare it with, and what was
// found.
type threatModel struct {
	files fileNames
	state map[string]string // of a requirement, "ASVS 6.1.1", the section that it is in
	found []string
}

// fileNames are the files that exist, by their names from the root, and their texts.
type fileNames func(name string) (text string, exists bool)

func (m *threatModel) problem(format string, args ...any) {
	m.found = append(m.found, fmt.Sprintf(format, args...))
}

// required returns all requirements. 2.2 of RFC 9700 is its two parts.
func required() []string {
	var all []string
	for standard, sections := range standards {
		for section, count := range sections {
			for i := range count {
				number := section + "." + strconv.Itoa(i+1)
				if _, parts := sections[number]; !parts {
					all = append(all, standard+" "+number)
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

// checkThreatModel holds the page to the files and tests that it names, and to the
// requirements of its standards.
func checkThreatModel(page string, files fileNames) []string {
	m := &threatModel{files: files, state: map[string]string{}}
	section, standard, item := "", "", ""
	for line := range strings.Lines(page + "\n") {
		line = strings.TrimRight(line, "\n")
		if item != "" && strings.HasPrefix(line, "  ") {
			item += " " + strings.TrimSpace(line)
			continue
		}
		m.item(section, item)
		item = ""
		switch {
		case strings.HasPrefix(line, "## "):
			section, standard = line[3:], ""
		case strings.HasPrefix(line, "| **"):
			standard = strings.Split(line, "**")[1]
			if strings.HasPrefix(standard, "ASVS ") { // and a chapter
				standard = "ASVS"
			}
		case strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| requirement "):
			m.row(section, standard, line)
		case section != "" && strings.HasPrefix(line, "- "):
			item = line[2:]
		}
	}
	m.tests(page)
	m.links(page)
	all := required()
	for _, r := range all {
		if m.state[r] == "" {
			m.problem("%s is left out", r)
		}
	}
	for _, r := range slices.Sorted(maps.Keys(m.state)) {
		if !slices.Contains(all, r) {
			m.problem("there is no %s", r)
		}
	}
	return m.found
}

// row reads a row of the table: numbers and words, files, tests.
func (m *threatModel) row(section, standard, line string) {
	cells := strings.Split(strings.Trim(line, "|"), "|")
	if len(cells) != 3 {
		m.problem("not three cells: %s", line)
		return
	}
	if _, known := standards[standard]; known {
		m.account(section, standard, regexp.MustCompile(`^ \d+(\.\d+)+(, \d+(\.\d+)+)*`).FindString(cells[0]))
	}
	files := regexp.MustCompile("`[^`]+`").FindAllString(cells[1], -1)
	for _, file := range files {
		if _, exists := m.files(strings.Trim(file, "`")); !exists {
			m.problem("%s does not exist", strings.Trim(file, "`"))
		}
	}
	document := strings.Contains(cells[1], "](")
	if len(files) == 0 && !document {
		m.problem("no file meets it: %s", line)
	}
	if len(files) > 0 && !strings.Contains(cells[2], "`") {
		m.problem("no test shows it: %s", line)
	}
}

// item reads an item of a list: "6.1.2, RFC 9700 2.3: words". Numbers without a standard
// are those of ASVS.
func (m *threatModel) item(section, item string) {
	if item == "" {
		return
	}
	numbers, words, found := strings.Cut(item, ":")
	if !found || strings.TrimSpace(words) == "" {
		m.problem("no reason: %s", item)
	}
	ours, theirs, _ := strings.Cut(numbers, "RFC 9700 ")
	m.account(section, "ASVS", ours)
	m.account(section, "RFC 9700", theirs)
}

// account notes in which section the numbers of a list are: "6.1, 6.3 to 6.5".
func (m *threatModel) account(section, standard, list string) {
	for entry := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(entry), " to ")
		if from == "" {
			continue
		}
		if !isRange {
			to = from
		}
		first, last := strings.LastIndex(from, "."), strings.LastIndex(to, ".")
		low, err := strconv.Atoi(from[first+1:])
		high, err2 := strconv.Atoi(to[last+1:])
		if first < 0 || last < 0 || from[:first] != to[:last] || err != nil || err2 != nil || low > high {
			m.problem("%q is no list of numbers", list)
			return
		}
		for i := low; i <= high; i++ {
			requirement := fmt.Sprintf("%s %s.%d", standard, from[:first], i)
			if before := m.state[requirement]; before != "" && before != section {
				m.problem("%s is under %q and under %q", requirement, before, section)
			}
			m.state[requirement] = section
		}
	}
}

// tests looks for every test that the page names, "store/sqlite.TestStore".
func (m *threatModel) tests(page string) {
	for _, named := range regexp.MustCompile("`([a-z/]+)\\.((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(page, -1) {
		if text, _ := m.files(named[1] + "/*_test.go"); !regexp.MustCompile(`(?m)^func ` + named[2] + `\(\w+ \*testing\.[TF]\)`).MatchString(text) {
			m.problem("%s.%s does not exist", named[1], named[2])
		}
	}
}

// links looks for every document that the page links to, and its heading.
func (m *threatModel) links(page string) {
	for _, link := range regexp.MustCompile(`\]\(([^)#]+)(?:#([^)]+))?\)`).FindAllStringSubmatch(page, -1) {
		text, exists := m.files(path.Join("docs", link[1]))
		if !exists || link[2] != "" && !strings.Contains(strings.ToLower(text), "\n## "+strings.ReplaceAll(link[2], "-", " ")+"\n") {
			m.problem("%s leads nowhere", link[0])
		}
	}
}

// onDisk reads files of the tree. A name with * is all that fit, together.
func onDisk(name string) (string, bool) {
	names, err := filepath.Glob(name)
	if err != nil || len(names) == 0 {
		return "", false
	}
	var all strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return "", false
		}
		all.Write(text)
	}
	return all.String(), true
}

// TestThreatModel keeps docs/threat-model.md true to the tree.
func TestThreatModel(t *testing.T) {
	page, exists := onDisk("docs/threat-model.md")
	if !exists {
		t.Fatal("docs/threat-model.md does not exist")
	}
	for _, finding := range checkThreatModel(page, onDisk) {
		t.Error(finding)
	}
}

// TestThreatModelRules changes the page so that it is wrong in one way each.
func TestThreatModelRules(t *testing.T) {
	page, _ := onDisk("docs/threat-model.md")
	for old, c := range map[string]struct{ put, want string }{
		"`auth.TestNewKeyRefuses`":                   {"`auth.TestNoSuchThing`", "auth.TestNoSuchThing does not exist"},
		"`auth.FuzzVerify`":                          {"`api.FuzzVerify`", "api.FuzzVerify does not exist"},
		"(`auth.TestAbsoluteEnd`)":                   {"(`auth.TestAbsolute`)", "auth.TestAbsolute does not exist"},
		"`auth/keymanage.go`":                        {"`auth/keymonger.go`", "auth/keymonger.go does not exist"},
		"| `client/client.go`, `api/exchange.go` |":  {"| the client |", "no file meets it"},
		"| `auth.TestLongPasswords` |":               {"| |", "no test shows it"},
		"sessions.md#limits":                         {"sessions.md#limit", "leads nowhere"},
		"004-guessing-in-the-store.md":               {"004.md", "leads nowhere"},
		"- 6.4.6:":                                   {"- 6.4.5, 6.4.6:", `ASVS 6.4.5 is under "Not met" and under "Does not apply"`},
		"- 10.3.4:":                                  {"- 10.3.6:", "ASVS 10.3.4 is left out"},
		"6.8.1 to 6.8.4,":                            {"6.8.1 to 6.8.5,", "there is no ASVS 6.8.5"},
		"6.7.1, 6.7.2:":                              {"6.7.2 to 6.7.1:", "is no list of numbers"},
		"10.4.4, RFC 9700 2.4:":                      {"10.4.4:", "RFC 9700 2.4 is left out"},
		"| 3.9 audience":                             {"| audience", "RFC 8725 3.9 is left out"},
		"- 6.3.3: one factor. Clients are programs.": {"- 6.3.3", "no reason: 6.3.3"},
	} {
		if !strings.Contains(page, old) {
			t.Errorf("the page does not hold %q", old)
			continue
		}
		found := checkThreatModel(strings.Replace(page, old, c.put, 1), onDisk)
		if !strings.Contains(strings.Join(found, "\n"), c.want) {
			t.Errorf("with %q for %q: found %q, want %q", c.put, old, found, c.want)
		}
	}
}
