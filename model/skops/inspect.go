package skops

import (
	"cmp"
	"slices"

	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/sklearn"
)

// mostGlobals bounds the names in a report.
const mostGlobals = 2000

// inspect tells what the schema names and what the archive holds, also where some of it
// is refused. A file that is no archive of skops tells nothing: Read says why.
func inspect(src *model.Source, limits model.Limits) (*model.Report, error) {
	a, err := openArchive(src, limits)
	if err != nil {
		return nil, err
	}
	schema, err := a.schema(limits)
	if err != nil {
		return nil, err
	}
	r := &model.Report{Format: "skops"}
	allow := sklearn.Allow()
	refused := make(map[pickle.Global]bool)
	l := &loader{archive: a, limits: limits, memory: limits.Memory, arrays: make(map[string]*pickle.Array)}
	l.allow = func(g pickle.Global) bool {
		if !allow(g) {
			refused[g] = true
		}
		return true // nothing is ever called: what is refused becomes data too
	}
	v, err := l.node(schema, 0)
	names(r, schema, refused)
	for _, g := range r.Globals {
		if refused := (pickle.Global{Module: g.Module, Name: g.Name}); !g.Known {
			r.Problems = append(r.Problems, sklearn.Refusal(refused, g.Hostile()))
		}
	}
	if err == nil {
		sklearn.Describe(r, v, src.Part, refused, limits)
	}
	return r, nil
}

// names lists the classes and functions that a schema names.
func names(r *model.Report, schema any, refused map[pickle.Global]bool) {
	uses := make(map[pickle.Global]model.Use)
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case object:
			if kind := v.text("__loader__"); kind != "" && v.text("__class__") != "" && len(uses) < mostGlobals {
				use := model.UseNew
				if kind == "TypeNode" || kind == "FunctionNode" || kind == "MethodNode" || kind == "OperatorFuncNode" {
					use = model.UseName
				}
				if g := global(v); uses[g] != model.UseNew {
					uses[g] = use
				}
			}
			for _, f := range v {
				walk(f.value)
			}
		case []any:
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(schema) // no deeper than parse allows
	for g, use := range uses {
		r.Globals = append(r.Globals, model.Global{Module: g.Module, Name: g.Name, Uses: []model.Use{use}, Known: !refused[g]})
	}
	slices.SortFunc(r.Globals, func(a, b model.Global) int {
		return cmp.Or(cmp.Compare(a.Module, b.Module), cmp.Compare(a.Name, b.Name))
	})
}
