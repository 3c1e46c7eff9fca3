package sklearn

import (
	"cmp"
	"fmt"
	"slices"

	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
)

// inspect tells what a pickle names and what is wrong with it, also where it is hostile.
func inspect(src *model.Source, limits model.Limits) (*model.Report, error) {
	rd := newReader(limits)
	found := pickle.Scan(src, pickle.Options{Allow: rd.allow, Limits: pickle.Limits(limits), Sibling: src.Sibling})
	r := &model.Report{Format: "pickle", Protocol: &found.Protocol}
	if found.Joblib {
		r.Format = "joblib"
	}
	for _, u := range found.Globals {
		g := model.Global{
			Module: u.Global.Module, Name: u.Global.Name, Uses: usesOf(u),
			Known:     u.Verdict == pickle.Known || u.Verdict == pickle.Allowed,
			Dangerous: u.Verdict == pickle.Dangerous,
		}
		r.Globals = append(r.Globals, g)
		if g.Known {
			continue
		}
		p := Refusal(u.Global, g.Hostile())
		if p.Hostile {
			p.Hint = harm(g, found.Protocol)
		}
		r.Problems = append(r.Problems, p)
	}
	slices.SortFunc(r.Globals, func(a, b model.Global) int {
		return cmp.Or(cmp.Compare(a.Module, b.Module), cmp.Compare(a.Name, b.Name))
	})
	for _, f := range found.Findings {
		what := f.What
		if f.Inside != "" {
			what += fmt.Sprintf(" (in a pickle hidden in %s)", f.Inside)
		}
		r.Problems = append(r.Problems, model.Problem{Kind: model.Unsupported, Hostile: f.Hostile, What: what})
	}
	describeFile(r, src, limits)
	return r, nil
}

// Refusal returns the problem that a file names g, in the reader's own words: as it would
// say them if the name were the first. Of a hostile name the hint is left to the caller,
// who knows what is done with it.
func Refusal(g pickle.Global, hostile bool) model.Problem {
	err := Explain(&pickle.RefusedError{Global: g})
	p := model.Problem{Kind: model.Unsupported, Hostile: hostile, What: err.Error()}
	if h, ok := err.(interface{ Hint() string }); ok && !hostile {
		p.Hint = h.Hint()
	}
	return p
}

// harm says what loading the file would do by naming g.
func harm(g model.Global, protocol int) string {
	const newest = 2 // protocol of those whose names are Python 2's
	as := ""
	if name := renamed(g.Module); name != "" && protocol <= newest {
		as = ", as " + name + "." + g.Name + ","
	}
	if g.Uses[0] == model.UseName {
		return "Python would import it" + as + " as soon as the file is loaded, and no model has a use for it"
	}
	return "Python would call it" + as + " as soon as the file is loaded, and no model has a use for it"
}

// renamed returns what Python 3 imports for a module of Python 2 that reaches processes,
// files or the network (its _compat_pickle), "" where that is the same.
func renamed(module string) string {
	switch module {
	case "__builtin__":
		return "builtins"
	case "commands":
		return "subprocess"
	case "cPickle":
		return "pickle"
	case "thread":
		return "_thread"
	case "urllib2":
		return "urllib.request"
	case "httplib":
		return "http.client"
	case "xmlrpclib":
		return "xmlrpc.client"
	case "_winreg":
		return "winreg"
	}
	return ""
}

// describeFile reads the file again, with every name allowed: nothing is ever called, so
// that what is refused becomes data too, and what it is a part of can be told.
func describeFile(r *model.Report, src *model.Source, limits model.Limits) {
	again, file, err := src.Reopen()
	if err != nil {
		return
	}
	defer file.Close() // only read: nothing can be lost by closing
	refused := make(map[pickle.Global]bool)
	allow := newReader(limits).allow
	document, err := pickle.Read(again, pickle.Options{
		Allow: func(g pickle.Global) bool {
			if !allow(g) {
				refused[g] = true
			}
			return true
		},
		Limits: pickle.Limits(limits), Sibling: again.Sibling,
	})
	if err == nil {
		Describe(r, document.Value, src.Part, refused, limits)
	}
}

// usesOf returns what a pickle does with a global.
func usesOf(u pickle.Use) []model.Use {
	var called, made bool
	for _, op := range u.Calls {
		switch op {
		case "NEWOBJ", "NEWOBJ_EX":
			made = true
		default:
			called = true
		}
	}
	var uses []model.Use
	if called {
		uses = append(uses, model.UseCall)
	}
	if made {
		uses = append(uses, model.UseNew)
	}
	if len(uses) == 0 {
		uses = append(uses, model.UseName)
	}
	return uses
}
