package model_test

import (
	"testing"

	"example.com/mlapi/model"
)

func TestHostile(t *testing.T) {
	call, made, named := []model.Use{model.UseCall}, []model.Use{model.UseNew}, []model.Use{model.UseName}
	for _, c := range []struct {
		module, name string
		uses         []model.Use
		known        bool
		want         bool
	}{
		{"posix", "system", call, false, true},
		{"os", "system", []model.Use{model.UseCall, model.UseName}, false, true},
		{"builtins", "eval", call, false, true},
		{"builtins", "getattr", call, false, true},
		{"__builtin__", "eval", call, false, true},
		{"nobody.has.heard", "of_this", call, false, true},
		{"torch", "load", call, false, true},
		{"numpy.testing._private.utils", "runstring", call, false, true},
		{"subprocess", "Popen", made, false, true},
		{"sklearnx.tree", "Tree", call, false, true},
		{"", "system", call, false, true},

		{"posix", "system", named, false, false},
		{"posix", "system", nil, false, false},
		{"sklearn.new", "Thing", call, false, false},
		{"__main__", "Mine", call, false, false},
		{"my_project.parts", "Cleaner", made, false, false},
		{"builtins", "set", call, false, false},
		{"datetime", "datetime", call, false, false},
		{"nobody.has.heard", "of_this", call, true, false},
	} {
		g := model.Global{Module: c.module, Name: c.name, Uses: c.uses, Known: c.known}
		if got := g.Hostile(); got != c.want {
			t.Errorf("%s, %v, known %v: hostile is %v", g, c.uses, c.known, got)
		}
	}
}

func TestHostileByName(t *testing.T) {
	if g := (model.Global{Module: "posix", Name: "system", Dangerous: true}); !g.Hostile() {
		t.Error("what is dangerous is not hostile where it is only named")
	}
	if g := (model.Global{Module: "posix", Name: "system", Dangerous: true, Known: true}); g.Hostile() {
		t.Error("what is read as data is hostile")
	}
}

func TestVerdict(t *testing.T) {
	eval := model.Global{Module: "builtins", Name: "eval", Uses: []model.Use{model.UseCall}}
	for name, c := range map[string]struct {
		report model.Report
		want   model.Verdict
		word   string
	}{
		"nothing":     {model.Report{}, model.Served, "served"},
		"unsupported": {model.Report{Problems: []model.Problem{{Kind: model.Unsupported}}}, model.Refused, "unsupported"},
		"broken too":  {model.Report{Problems: []model.Problem{{Kind: model.Broken}, {Kind: model.Unsupported}}}, model.Damaged, "broken"},
		"a call":      {model.Report{Globals: []model.Global{eval}, Problems: []model.Problem{{Kind: model.Unsupported}}}, model.Malicious, "hostile"},
		"said so":     {model.Report{Problems: []model.Problem{{Hostile: true}, {Kind: model.Broken}}}, model.Malicious, "hostile"},
	} {
		if got := c.report.Verdict(); got != c.want || got.String() != c.word {
			t.Errorf("%s: %v (%s), want %v", name, got, got, c.word)
		}
	}
}
