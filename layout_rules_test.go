package mlapi_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The most that a reader has to take in at once.
const (
	mostLines        = 500 // in a file
	mostFunctionLine = 60
	mostExampleLines = 40
	mostMethods      = 5
)

// checkPackage holds the files of one folder to the rules, and returns what breaks
// them, each with its place.
func checkPackage(sources []*source) []string {
	var found []string
	documented, plain := false, 0
	for _, s := range sources {
		if s.test() {
			found = append(found, checkSkips(s)...)
			continue
		}
		plain++
		documented = documented || s.file.Doc != nil
		for _, rule := range []func(*source) []string{checkImports, checkHTTP, checkProcess, checkComment,
			checkInit, checkState, checkInterfaces, checkLength, checkExceptions} {
			found = append(found, rule(s)...)
		}
	}
	if plain > 0 && !documented {
		found = append(found, sources[0].dir+": no package comment says what it is for")
	}
	return append(found, checkTables(sources)...)
}

// at formats a finding at a place in s.
func (s *source) at(place token.Pos, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: ", s.name, s.fset.Position(place).Line) + fmt.Sprintf(format, args...)
}

// machinePaths are beginnings of paths that exist on somebody's machine only, and
// addresses of registries that only one network has. They are written in two parts
// so that they do not find themselves.
var machinePaths = []string{"/wo" + "rk/", "/ro" + "ot/", "/tmp/ba" + "sh_", "GOPROXY=h" + "ttp", "index-u" + "rl", "registry=h" + "ttp"}

func checkText(name string, text []byte) []string {
	var found []string
	for _, p := range machinePaths {
		if i := bytes.Index(text, []byte(p)); i >= 0 {
			line := 1 + bytes.Count(text[:i], []byte("\n"))
			found = append(found, fmt.Sprintf("%s:%d: %q is a path of one machine or network", name, line, p))
		}
	}
	return found
}

func checkImports(s *source) []string {
	here, ok := roomOf(s.dir)
	if !ok {
		return []string{s.at(s.file.Package, "there is no room for %s: add it to the table in layout_test.go and to docs/architecture.md", s.dir)}
	}
	var found []string
	for _, spec := range s.file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return []string{s.at(spec.Pos(), "%v", err)}
		}
		if !mayImport(s.module, here, imported) {
			found = append(found, s.at(spec.Pos(), "%s may not import %s", s.dir, imported))
		}
	}
	return found
}

// mayImport reports whether a file in the room here may import the package of that
// path.
func mayImport(module string, here room, imported string) bool {
	if imported == module {
		return slices.Contains(here.ours, ".")
	}
	if inside, found := strings.CutPrefix(imported, module+"/"); found {
		return slices.ContainsFunc(here.ours, func(pattern string) bool { return fits(pattern, inside) })
	}
	if imported == "net/http" || strings.HasPrefix(imported, "net/http/") {
		return here.may&talkHTTP != 0
	}
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") || here.may&libraries != 0
}

// uses calls f for each pkg.Name in s where pkg is the import of that path, with the
// top-level declaration that it is in.
func (s *source) uses(importPath string, f func(decl ast.Decl, e *ast.SelectorExpr)) {
	name := ""
	for _, spec := range s.file.Imports {
		if spec.Path.Value == strconv.Quote(importPath) {
			name = path.Base(importPath)
			if spec.Name != nil {
				name = spec.Name.Name
			}
		}
	}
	if name == "" {
		return
	}
	for _, decl := range s.file.Decls {
		ast.Inspect(decl, func(n ast.Node) bool {
			if e, ok := n.(*ast.SelectorExpr); ok && isIdent(e.X, name) {
				f(decl, e)
			}
			return true
		})
	}
}

func isIdent(e ast.Expr, name string) bool {
	ident, ok := e.(*ast.Ident)
	return ok && ident.Name == name
}

// checkHTTP finds who writes or reads HTTP answers and should not. A method ServeHTTP
// that hands its writer on writes nothing itself.
func checkHTTP(s *source) []string {
	here, _ := roomOf(s.dir)
	var found []string
	s.uses("net/http", func(decl ast.Decl, e *ast.SelectorExpr) {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Name.Name == "ServeHTTP" && e.Sel.Name == "ResponseWriter" {
			return
		}
		switch e.Sel.Name {
		case "ResponseWriter", "Error", "Redirect", "NotFound", "ServeContent", "ServeFile", "ServeFileFS", "FileServer", "FileServerFS":
			if here.may&answer == 0 {
				found = append(found, s.at(e.Pos(), "%s.%s: %s does not write HTTP answers", e.X, e.Sel.Name, s.dir))
			}
		case "Client", "DefaultClient", "Transport", "DefaultTransport", "Get", "Head", "Post", "PostForm", "Response", "ReadResponse":
			if here.may&call == 0 {
				found = append(found, s.at(e.Pos(), "%s.%s: %s does not read HTTP answers", e.X, e.Sel.Name, s.dir))
			}
		}
	})
	return found
}

// checkProcess finds who looks at the process's arguments, takes its signals or
// ends it, and should not.
func checkProcess(s *source) []string {
	here, _ := roomOf(s.dir)
	if here.may&process != 0 {
		return nil
	}
	var found []string
	for _, c := range []struct {
		importPath string
		touches    func(name string) bool
	}{
		{"os", func(name string) bool { return name == "Args" || name == "Exit" }},
		{"log", func(name string) bool { return strings.HasPrefix(name, "Fatal") }},
		{"os/signal", func(string) bool { return true }},
		{"flag", func(string) bool { return true }},
	} {
		s.uses(c.importPath, func(decl ast.Decl, e *ast.SelectorExpr) {
			f, ok := decl.(*ast.FuncDecl)
			main := ok && f.Recv == nil && f.Name.Name == "Main" && here.may&processMain != 0
			if c.touches(e.Sel.Name) && !main {
				found = append(found, s.at(e.Pos(), "%s.%s: the process's arguments, signals and end are app.Main's", e.X, e.Sel.Name))
			}
		})
	}
	return found
}

// checkComment looks at the package comment, where the file has one.
func checkComment(s *source) []string {
	if s.file.Doc == nil {
		return nil
	}
	const fewestWords = 6 // "Package p is the ... of ..."
	text := s.file.Doc.Text()
	sentence, _, _ := strings.Cut(strings.ReplaceAll(text, "\n", " "), ". ")
	begins := strings.HasPrefix(text, "Package ")
	if s.file.Name.Name == "main" {
		begins = strings.HasPrefix(text, "Command ")
	}
	if begins && len(strings.Fields(sentence)) >= fewestWords {
		return nil
	}
	return []string{s.at(s.file.Doc.Pos(), "the package comment must begin with Package or Command, the name, and what it is for")}
}

func checkInit(s *source) []string {
	for _, decl := range s.file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			return []string{s.at(f.Pos(), "init(): parts are explicit values, made by whoever uses them")}
		}
	}
	return nil
}

// variables calls f for each variable declared outside functions in s.
func (s *source) variables(f func(decl *ast.GenDecl, spec *ast.ValueSpec)) {
	for _, decl := range s.file.Decls {
		if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
			for _, spec := range g.Specs {
				f(g, spec.(*ast.ValueSpec))
			}
		}
	}
}

// checkState finds package-level variables that are neither sentinel errors nor
// embedded files, constant tables or compile-time guards.
func checkState(s *source) []string {
	var found []string
	s.variables(func(decl *ast.GenDecl, spec *ast.ValueSpec) {
		if embeds(decl.Doc) || embeds(spec.Doc) {
			return
		}
		for i, name := range spec.Names {
			if name.Name == "_" || i < len(spec.Values) && (isTable(spec.Values[i]) || isSentinel(spec.Values[i])) {
				continue
			}
			found = append(found, s.at(name.Pos(), "%s is package-level state: make it a constant, a table of constants, or a field of who needs it", name.Name))
		}
	})
	return found
}

func embeds(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

func isSentinel(e ast.Expr) bool {
	c, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	f, ok := c.Fun.(*ast.SelectorExpr)
	return ok && isIdent(f.X, "errors") && f.Sel.Name == "New"
}

func isTable(e ast.Expr) bool {
	_, ok := e.(*ast.CompositeLit)
	return ok && isConstant(e)
}

// isConstant reports whether e is made of literals, names, functions and conversions
// alone: nothing runs to make it, and no pointer leads to it.
func isConstant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit, *ast.Ident, *ast.FuncLit:
		return true
	case *ast.SelectorExpr:
		return isConstant(e.X)
	case *ast.ParenExpr:
		return isConstant(e.X)
	case *ast.UnaryExpr:
		return e.Op != token.AND && e.Op != token.ARROW && isConstant(e.X)
	case *ast.BinaryExpr:
		return isConstant(e.X) && isConstant(e.Y)
	case *ast.KeyValueExpr:
		return isConstant(e.Key) && isConstant(e.Value)
	case *ast.CompositeLit:
		return !slices.ContainsFunc(e.Elts, func(element ast.Expr) bool { return !isConstant(element) })
	case *ast.CallExpr: // []byte("text")
		_, conversion := e.Fun.(*ast.ArrayType)
		return conversion && len(e.Args) == 1 && isConstant(e.Args[0])
	}
	return false
}

// checkTables finds writes to the tables of a package: they are constant in name
// only if nobody does.
func checkTables(sources []*source) []string {
	tables := map[string]bool{}
	for _, s := range sources {
		if !s.test() {
			s.variables(func(_ *ast.GenDecl, spec *ast.ValueSpec) {
				for _, name := range spec.Names {
					tables[name.Name] = name.Name != "_"
				}
			})
		}
	}
	var found []string
	for _, s := range sources {
		if s.test() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			for _, e := range written(n) {
				if name := base(e); tables[name] {
					found = append(found, s.at(n.Pos(), "the package-level %s is written to, or a variable is named as it is", name))
				}
			}
			return true
		})
	}
	return found
}

// written returns what n assigns to, empties or takes the address of.
func written(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return []ast.Expr{n.X}
		}
	case *ast.CallExpr:
		if (isIdent(n.Fun, "clear") || isIdent(n.Fun, "delete") || isIdent(n.Fun, "copy")) && len(n.Args) > 0 {
			return n.Args[:1]
		}
	}
	return nil
}

// base returns the name that an expression such as x[1].y begins with.
func base(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return ""
		}
	}
}

func checkInterfaces(s *source) []string {
	var found []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		if i, ok := n.(*ast.InterfaceType); ok && i.Methods.NumFields() > mostMethods {
			found = append(found, s.at(i.Pos(), "an interface of %d methods and embedded interfaces, at most %d", i.Methods.NumFields(), mostMethods))
		}
		return true
	})
	return found
}

func checkLength(s *source) []string {
	if s.generated() {
		return nil
	}
	var found []string
	most := mostLines
	if strings.HasPrefix(s.dir, "examples/") {
		most = mostExampleLines
	}
	if lines := bytes.Count(s.text, []byte("\n")); lines > most {
		found = append(found, s.at(s.file.Package, "the file has %d lines, at most %d", lines, most))
	}
	for _, decl := range s.file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok {
			if lines := s.fset.Position(f.End()).Line - s.fset.Position(f.Name.Pos()).Line + 1; lines > mostFunctionLine {
				found = append(found, s.at(f.Pos(), "%s has %d lines, at most %d", f.Name.Name, lines, mostFunctionLine))
			}
		}
	}
	return found
}

// exception is a comment that tells a linter to look away.
func checkExceptions(s *source) []string {
	exception := regexp.MustCompile(`^//\s*no` + `lint\b`)
	var found []string
	for _, group := range s.file.Comments {
		for _, c := range group.List {
			if exception.MatchString(c.Text) {
				found = append(found, s.at(c.Pos(), "%s: a rule either always holds or is not there", c.Text))
			}
		}
	}
	return found
}

// checkSkips finds tests that may choose not to test.
func checkSkips(s *source) []string {
	var found []string
	found = append(found, checkExceptions(s)...)
	ast.Inspect(s.file, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f, ok := c.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		skips := slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, f.Sel.Name) &&
			slices.ContainsFunc([]string{"t", "tt", "tb", "b", "f"}, func(name string) bool { return isIdent(f.X, name) })
		if skips || isIdent(f.X, "testing") && f.Sel.Name == "Short" {
			found = append(found, s.at(c.Pos(), "%s.%s: a test that is not run proves nothing", f.X, f.Sel.Name))
		}
		return true
	})
	return found
}
