package mlapi_test

import (
	"bufio"
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// room is a folder of the house and what its files may do. docs/architecture.md
// tells what each is for.
type room struct {
	dir  string   // "a/b", or "a/*" for whatever lies directly in a
	ours []string // the rooms that it may import, in the same form; "." is the root
	may  permit
}

// permit is what a room may do beside importing its rooms and the standard library.
type permit uint8

const (
	libraries   permit = 1 << iota // import modules of others
	talkHTTP                       // import net/http
	answer                         // write HTTP answers
	call                           // read HTTP answers
	process                        // read os.Args, take signals and exit, anywhere
	processMain                    // the same, in a function Main only
)

// readers turn a model file into evaluators; evaluators import the root and the
// arithmetic that they share.
var (
	readers = []string{".", "model", "model/pickle", "model/transform", "model/text", "model/vector", "model/tree", "model/linear", "model/svm",
		"model/bayes", "model/neighbors", "model/neural", "model/cluster", "model/ensemble"}
	evaluators = []string{".", "model/vector"}
)

// rooms is the table of the house: the first entry that fits a folder rules it. A
// new folder needs an entry of its own.
var rooms = []room{
	{dir: "."},
	{dir: "cmd/mlapi-ort", ours: []string{"app", "model/ort"}},
	{dir: "cmd/*", ours: []string{"app"}},
	{dir: "app", may: libraries | talkHTTP | processMain, ours: []string{".", "config", "api", "auth", "store/*", "preprocess",
		"postprocess", "model", "model/*", "batch", "metrics", "console", "client", "resources"}},
	{dir: "config", may: libraries, ours: []string{"."}},
	{dir: "api", may: libraries | talkHTTP | answer, ours: []string{".", "api/*"}},
	{dir: "api/*", ours: []string{"."}},
	{dir: "auth", may: libraries, ours: []string{"."}},
	{dir: "batch", ours: []string{".", "api/jsonrows"}},
	{dir: "auth/authtest", may: libraries, ours: []string{".", "auth"}},
	{dir: "store", may: libraries, ours: []string{".", "auth"}},
	{dir: "store/postgres/pgtest", may: libraries}, // for tests alone
	{dir: "store/*", may: libraries, ours: []string{".", "auth", "store"}},
	{dir: "preprocess", ours: []string{"."}},
	{dir: "postprocess", ours: []string{"."}},
	{dir: "model", may: libraries, ours: []string{"."}},
	{dir: "model/pickle", ours: []string{".", "model"}},
	{dir: "model/vector", ours: []string{"."}},
	{dir: "model/transform", ours: evaluators},
	{dir: "model/tree", ours: append([]string{"model/tree/*"}, evaluators...)},
	{dir: "model/tree/*", ours: []string{"."}},
	{dir: "model/linear", ours: evaluators},
	{dir: "model/svm", ours: evaluators},
	{dir: "model/bayes", ours: evaluators},
	{dir: "model/neighbors", ours: evaluators},
	{dir: "model/neural", ours: evaluators},
	{dir: "model/cluster", ours: evaluators},
	{dir: "model/ensemble", ours: evaluators},
	{dir: "model/text", ours: []string{".", "model/transform"}},
	// The wrappers of these libraries hold their files inside a pickle.
	{dir: "model/sklearn", ours: append([]string{"model/xgboost", "model/lightgbm"}, readers...)},
	// skops writes the same objects as a pickle, in another form.
	{dir: "model/skops", ours: append([]string{"model/sklearn"}, readers...)},
	{dir: "model/onnx", may: libraries, ours: readers},
	{dir: "model/lightgbm", ours: readers},
	{dir: "model/xgboost", ours: readers},
	{dir: "model/ort", may: libraries, ours: []string{".", "model"}},
	{dir: "metrics", may: libraries | talkHTTP | answer, ours: []string{"."}},
	{dir: "console", may: talkHTTP | answer, ours: []string{"."}},
	{dir: "client", may: talkHTTP | call, ours: []string{"."}},
	{dir: "mlapitest", ours: []string{"."}},
	{dir: "examples", ours: nil},
	{dir: "examples/*", may: libraries | talkHTTP | answer | process, ours: []string{".", "app", "preprocess", "postprocess", "model", "model/*", "client"}},
	{dir: "resources", ours: nil},
	{dir: "scripts/*", may: libraries | talkHTTP | answer | call | process, ours: []string{"resources"}},
}

// fits reports whether a room's pattern is for the folder dir.
func fits(pattern, dir string) bool {
	if parent, all := strings.CutSuffix(pattern, "/*"); all {
		return path.Dir(dir) == parent
	}
	return pattern == dir
}

// roomOf returns the entry for the folder dir.
func roomOf(dir string) (room, bool) {
	i := slices.IndexFunc(rooms, func(r room) bool { return fits(r.dir, dir) })
	if i < 0 {
		return room{}, false
	}
	return rooms[i], true
}

// source is one parsed Go file.
type source struct {
	module string // path of the module it is in
	dir    string // folder, relative to the module
	name   string // path, relative to the module
	text   []byte
	fset   *token.FileSet
	file   *ast.File
}

func parse(module, name string, text []byte) (*source, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return &source{module: module, dir: path.Dir(name), name: name, text: text, fset: fset, file: file}, nil
}

func (s *source) test() bool      { return strings.HasSuffix(s.name, "_test.go") }
func (s *source) generated() bool { return ast.IsGenerated(s.file) }

// modulePath reads the module's path from go.mod.
func modulePath(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	scanner := bufio.NewScanner(bytes.NewReader(text))
	for scanner.Scan() {
		if module, found := strings.CutPrefix(scanner.Text(), "module "); found {
			return strings.TrimSpace(module)
		}
	}
	t.Fatal("go.mod names no module")
	return ""
}

// TestLayout holds the whole tree to the rules of docs/architecture.md.
func TestLayout(t *testing.T) {
	module := modulePath(t)
	packages := map[string][]*source{}
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if foreign(name) {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() || !readable(name) {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, finding := range checkText(name, text) {
			t.Error(finding)
		}
		if path.Ext(name) != ".go" || strings.Contains(name, "testdata/") {
			return nil
		}
		s, err := parse(module, name, text)
		if err != nil {
			return err
		}
		packages[s.dir] = append(packages[s.dir], s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(packages["."]) == 0 || len(packages["preprocess"]) == 0 {
		t.Fatal("the walk did not find the house")
	}
	for _, sources := range packages {
		for _, finding := range checkPackage(sources) {
			t.Error(finding)
		}
	}
}

// foreign reports whether a folder holds what is no part of the project: what git
// ignores, and tools' own folders.
func foreign(dir string) bool {
	switch dir {
	case ".", ".ci", ".github":
		return false
	case "data", "bin", "build":
		return true
	}
	return strings.HasPrefix(path.Base(dir), ".") || path.Base(dir) == "node_modules" || path.Base(dir) == "__pycache__"
}

// readable reports whether a file is text that people wrote. Of test data only
// programs are: the rest is what tests read.
func readable(name string) bool {
	if strings.Contains(name, "testdata/") {
		return slices.Contains([]string{".go", ".py", ".sh"}, path.Ext(name))
	}
	switch path.Ext(name) {
	case ".go", ".md", ".sh", ".py", ".yml", ".yaml", ".txt", ".json", ".toml", ".service", ".conf", ".example", "":
		return name != ".env"
	}
	return name == "go.mod" || name == ".gitignore"
}

// TestLayoutRules gives each rule something that breaks it.
func TestLayoutRules(t *testing.T) {
	const doc = "// Package p is a package that is here to be looked at.\n"
	long := func(lines int) string { return "func f() {\n" + strings.Repeat("\tg()\n", lines-2) + "}\n" }
	for name, c := range map[string]struct {
		file, source string
		want         string // "" where no rule is broken
	}{
		"nothing wrong":       {"auth/a.go", doc + "package auth\nimport \"net/netip\"\nvar _ netip.Addr\n", ""},
		"unknown room":        {"cellar/a.go", doc + "package cellar\n", "no room for cellar"},
		"unknown library":     {"preprocess/a.go", doc + "package p\nimport \"golang.org/x/text\"\n", "may not import golang.org/x/text"},
		"chosen library":      {"auth/a.go", doc + "package p\nimport \"golang.org/x/crypto/argon2\"\n", ""},
		"root":                {"a.go", doc + "package mlapi\nimport \"m/auth\"\n", "may not import m/auth"},
		"part to part":        {"auth/a.go", doc + "package p\nimport \"m/api\"\n", "may not import m/api"},
		"part to app":         {"auth/a.go", doc + "package p\nimport \"m/app\"\n", "may not import m/app"},
		"part to root":        {"auth/a.go", doc + "package p\nimport \"m\"\n", ""},
		"evaluator to model":  {"model/tree/a.go", doc + "package p\nimport \"m/model\"\n", "may not import m/model"},
		"reader to evaluator": {"model/sklearn/a.go", doc + "package p\nimport \"m/model/tree\"\n", ""},
		"reader to reader":    {"model/sklearn/a.go", doc + "package p\nimport \"m/model/onnx\"\n", "may not import m/model/onnx"},
		"store to auth":       {"store/sqlite/a.go", doc + "package p\nimport \"m/auth\"\n", ""},
		"auth to store":       {"auth/a.go", doc + "package p\nimport \"m/store\"\n", "may not import m/store"},
		"command to part":     {"cmd/mlapi/a.go", "// Command p is a program that is here to be looked at.\npackage main\nimport \"m/api\"\n", "may not import m/api"},
		"a test to anything":  {"auth/a_test.go", "package p\nimport \"m/app\"\n", ""},
		"not ours at all":     {"auth/a.go", doc + "package p\nimport \"mature.example/x\"\n", ""},
		"http in auth":        {"auth/a.go", doc + "package p\nimport \"net/http\"\n", "may not import net/http"},
		"http below":          {"model/a.go", doc + "package p\nimport \"net/http/httputil\"\n", "may not import net/http"},
		"http in api":         {"api/a.go", doc + "package p\nimport \"net/http\"\nfunc f(http.ResponseWriter) {}\n", ""},
		"app answers":         {"app/a.go", doc + "package p\nimport \"net/http\"\nfunc f(http.ResponseWriter) {}\n", "http.ResponseWriter"},
		"app hands on":        {"app/a.go", doc + "package p\nimport \"net/http\"\nfunc (a *App) ServeHTTP(w http.ResponseWriter) {}\n", ""},
		"app answers there":   {"app/a.go", doc + "package p\nimport \"net/http\"\nfunc (a *App) ServeHTTP() { http.Error(nil, \"\", 1) }\n", "http.Error"},
		"app calls":           {"app/a.go", doc + "package p\nimport web \"net/http\"\nfunc f() { web.Get(\"\") }\n", "web.Get"},
		"api calls":           {"api/a.go", doc + "package p\nimport \"net/http\"\ntype c struct { http.Client }\n", "http.Client"},
		"client answers":      {"client/a.go", doc + "package p\nimport \"net/http\"\nfunc f() { http.Error(nil, \"\", 1) }\n", "http.Error"},
		"client calls":        {"client/a.go", doc + "package p\nimport \"net/http\"\ntype c struct { http.Client }\n", ""},
		"arguments":           {"auth/a.go", doc + "package p\nimport \"os\"\nfunc f() { _ = os.Args }\n", "os.Args"},
		"exit":                {"auth/a.go", doc + "package p\nimport \"os\"\nfunc f() { os.Exit(1) }\n", "os.Exit"},
		"exit by log":         {"auth/a.go", doc + "package p\nimport \"log\"\nfunc f() { log.Fatal() }\n", "log.Fatal"},
		"signals":             {"auth/a.go", doc + "package p\nimport \"os/signal\"\nfunc f() { signal.Ignore() }\n", "signal.Ignore"},
		"flags":               {"auth/a.go", doc + "package p\nimport \"flag\"\nfunc f() { flag.Parse() }\n", "flag.Parse"},
		"exit in app":         {"app/a.go", doc + "package p\nimport \"os\"\nfunc Run() { os.Exit(1) }\n", "os.Exit"},
		"exit in a method":    {"app/a.go", doc + "package p\nimport \"os\"\ntype T int\nfunc (T) Main() { os.Exit(1) }\n", "os.Exit"},
		"exit in app.Main":    {"app/a.go", doc + "package p\nimport \"os\"\nfunc Main() { os.Exit(len(os.Args)) }\n", ""},
		"environment":         {"app/a.go", doc + "package p\nimport \"os\"\nfunc f() { os.Getpid() }\n", ""},
		"no package comment":  {"auth/a.go", "package auth\n", "no package comment"},
		"odd package comment": {"auth/a.go", "// This is auth.\npackage auth\n", "package comment"},
		"a name with a dot":   {"auth/a.go", "// Package auth keeps a [net.IP] for all\n// who ask.\npackage auth\n", ""},
		"empty of purpose":    {"auth/a.go", "// Package auth.\npackage auth\n", "package comment"},
		"comment of a test":   {"auth/a_test.go", "package auth\n", ""},
		"init":                {"auth/a.go", doc + "package p\nfunc init() {}\n", "init()"},
		"a method init":       {"auth/a.go", doc + "package p\ntype T int\nfunc (T) init() {}\n", ""},
		"variable":            {"auth/a.go", doc + "package p\nvar x int\n", "package-level state"},
		"number":              {"auth/a.go", doc + "package p\nvar x = 5\n", "package-level state"},
		"made by a call":      {"auth/a.go", doc + "package p\nimport \"regexp\"\nvar x = regexp.MustCompile(\"a\")\n", "package-level state"},
		"table of calls":      {"auth/a.go", doc + "package p\nimport \"regexp\"\nvar x = []any{regexp.MustCompile(\"a\")}\n", "package-level state"},
		"table of pointers":   {"auth/a.go", doc + "package p\nvar x = []*int{&y}\n", "package-level state"},
		"function value":      {"auth/a.go", doc + "package p\nimport \"os\"\nvar x = os.Getpid\n", "package-level state"},
		"one of two":          {"auth/a.go", doc + "package p\nvar x, y = []int{1}, f()\n", "package-level state"},
		"sentinel error":      {"auth/a.go", doc + "package p\nimport \"errors\"\nvar ErrX = errors.New(\"x\")\n", ""},
		"guard":               {"auth/a.go", doc + "package p\nvar _ error = (*T)(nil)\n", ""},
		"embed":               {"auth/a.go", doc + "package p\nimport _ \"embed\"\n//go:embed a.txt\nvar x []byte\n", ""},
		"embed in a group":    {"auth/a.go", doc + "package p\nimport _ \"embed\"\nvar (\n\t//go:embed a.txt\n\tx []byte\n)\n", ""},
		"not quite embed":     {"auth/a.go", doc + "package p\n// see go:embed\nvar x []byte\n", "package-level state"},
		"table":               {"auth/a.go", doc + "package p\nvar x = map[string][]T{\"a\": {{1, -2, f, g.H, []byte(\"b\"), 1 << 3, func() {}}}}\n", ""},
		"written table":       {"auth/a.go", doc + "package p\nvar x = map[int]int{}\nfunc f() { x[1] = 2 }\n", "x is written to"},
		"replaced table":      {"auth/a.go", doc + "package p\nvar x = []int{}\nfunc f() { x = nil }\n", "x is written to"},
		"counting table":      {"auth/a.go", doc + "package p\nvar x = []int{0}\nfunc f() { x[0]++ }\n", "x is written to"},
		"emptied table":       {"auth/a.go", doc + "package p\nvar x = map[int]int{}\nfunc f() { clear(x) }\n", "x is written to"},
		"pointer to a table":  {"auth/a.go", doc + "package p\nvar x = [1]int{0}\nfunc f() *int { return &x[0] }\n", "x is written to"},
		"state in a test":     {"auth/a_test.go", "package p\nvar x int\n", ""},
		"five methods":        {"auth/a.go", doc + "package p\ntype I interface { A(); B(); C(); D(); E() }\n", ""},
		"six methods":         {"auth/a.go", doc + "package p\ntype I interface { A(); B(); C(); D(); E(); F() }\n", "6 methods"},
		"union":               {"auth/a.go", doc + "package p\ntype I interface { int8 | int16 | int32 | int64 | uint8 | uint16 }\n", ""},
		"60 lines":            {"auth/a.go", doc + "package p\n" + long(60), ""},
		"61 lines":            {"auth/a.go", doc + "package p\n" + long(61), "61 lines"},
		"61 lines, generated": {"auth/a.go", "// Code generated by x. DO NOT EDIT.\n\n" + doc + "package p\n" + long(61), ""},
		"61 lines of a test":  {"auth/a_test.go", "package p\n" + long(61), ""},
		"500 lines":           {"auth/a.go", doc + "package p\n" + strings.Repeat("\n", 498), ""},
		"501 lines":           {"auth/a.go", doc + "package p\n" + strings.Repeat("\n", 499), "501 lines"},
		"long example":        {"examples/x/main.go", "// Command x is a program that is here to be looked at.\npackage main\n" + strings.Repeat("\n", 39), "41 lines"},
		"skipped test":        {"auth/a_test.go", "package p\nfunc TestX(t *testing.T) { t.Skip() }\n", "t.Skip"},
		"skipped fuzz":        {"auth/a_test.go", "package p\nfunc FuzzX(f *testing.F) { f.Fuzz(func(tt *testing.T) { tt.SkipNow() }) }\n", "tt.SkipNow"},
		"short test":          {"auth/a_test.go", "package p\nfunc TestX(t *testing.T) { if testing.Short() { return } }\n", "testing.Short"},
		"another Skip":        {"auth/a_test.go", "package p\nfunc TestX(t *testing.T) { var r reader; r.Skip(1) }\n", ""},
		"lint exception":      {"auth/a.go", doc + "package p\nfunc f() {} //no" + "lint:all\n", "no" + "lint"},
		"a word on lint":      {"auth/a.go", doc + "package p\n// There is no" + "lint here.\nfunc f() {}\n", ""},
		"machine path":        {"auth/a.go", doc + "package p\nconst x = \"/wo" + "rk/main\"\n", "a path of one machine"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := parse("m", c.file, []byte(c.source))
			if err != nil {
				t.Fatal(err)
			}
			got := append(checkText(c.file, s.text), checkPackage([]*source{s})...)
			switch {
			case c.want == "" && len(got) > 0:
				t.Errorf("found %q, want nothing", got)
			case c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)):
				t.Errorf("found %q, want one finding with %q", got, c.want)
			case c.want != "" && !strings.HasPrefix(got[0], c.file) && !strings.HasPrefix(got[0], path.Dir(c.file)):
				t.Errorf("finding %q does not say where", got[0])
			}
		})
	}
}
