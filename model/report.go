package model

import (
	"slices"
	"strings"
)

// Report is what a look at a model file tells, whether it can be served or not. Its
// texts hold nothing of the file but escaped names and values.
type Report struct {
	Format      string    `json:"format"`                // "joblib", "pickle", ...; "" where unknown
	Compression string    `json:"compression,omitempty"` // as Source.Compression
	Protocol    *int      `json:"protocol,omitempty"`    // of a pickle
	Writer      string    `json:"writer,omitempty"`      // what wrote the file, where it says so
	Tree        []Node    `json:"estimators,omitempty"`  // what the file holds, each with its parts
	Globals     []Global  `json:"globals,omitempty"`     // the classes and functions that it names, sorted
	Problems    []Problem `json:"problems,omitempty"`    // why it cannot be served; none where it can
}

// Node is an estimator, or another value that matters, of a file.
type Node struct {
	Name     string  `json:"name,omitempty"` // as its owner calls it, such as the step of a pipeline; of a bundle its path
	Class    string  `json:"class"`          // "StandardScaler"; with its module where it is not served
	Params   []Param `json:"params,omitempty"`
	Use      string  `json:"use,omitempty"`     // of a bundle: what it is for, such as "predicts"
	Problem  string  `json:"problem,omitempty"` // why it cannot be served
	Children []Node  `json:"parts,omitempty"`
}

// Param is an important setting of an estimator.
type Param struct {
	Name  string `json:"name"`
	Value string `json:"value"` // as Python would write it, escaped and cut
}

// Use is what a pickle does with a class or function that it names.
type Use string

// The uses.
const (
	UseCall Use = "call" // it is called in Python (REDUCE, OBJ, INST)
	UseNew  Use = "new"  // an object of it is made, without calling it (NEWOBJ, NEWOBJ_EX, copyreg)
	UseName Use = "name" // it is a value
)

// Global is a class or function that a pickle names.
type Global struct {
	Module string `json:"module"`
	Name   string `json:"name"`
	Uses   []Use  `json:"uses"`  // in the order of the constants
	Known  bool   `json:"known"` // it is read as data here
	// Dangerous says that the format's reader knows it to run code, or to reach files,
	// processes or the network.
	Dangerous bool `json:"dangerous"`
}

// String returns the full name.
func (g Global) String() string { return g.Module + "." + g.Name }

// Hostile reports whether loading the file in Python would run code that no model has
// any use for, or names what could. The rule is one sentence, because a list of what is
// dangerous would never be complete: hostile is whatever is called, is not known here
// as data and is neither a plain value of the standard library nor of a library that
// models are made with. An object that is made without a call runs nothing of the
// file's choosing; so classes of a person's own modules are strange, but not hostile.
// Those of the standard library that are not plain values are, as no model has them.
// What is known to be dangerous is so even where it is only named.
func (g Global) Hostile() bool {
	top, _, _ := strings.Cut(g.Module, ".")
	switch {
	case g.Known, slices.Contains(plainValues[g.Module], g.Name):
		return false
	case g.Dangerous:
		return true
	case slices.Contains(g.Uses, UseCall):
		return !slices.Contains(libraries, top) || runsCode(g)
	case slices.Contains(g.Uses, UseNew):
		return slices.Contains(standardLibrary, top)
	}
	return false
}

// Problem is one reason why a file cannot be served.
type Problem struct {
	Kind    Kind   `json:"-"`
	Hostile bool   `json:"-"` // it would run code in Python
	What    string `json:"what"`
	Hint    string `json:"hint,omitempty"`
}

// Verdict is what to think of a file.
type Verdict uint8

// The verdicts, the worse the higher.
const (
	Served    Verdict = iota // it can be served
	Refused                  // it may be in order, but cannot be served
	Damaged                  // it is broken, cut off or over a limit
	Malicious                // loading it in Python would run code that no model needs
)

// String returns the verdict's word.
func (v Verdict) String() string {
	switch v {
	case Served:
		return "served"
	case Refused:
		return "unsupported"
	case Damaged:
		return "broken"
	}
	return "hostile"
}

// Verdict judges by the problems and the globals.
func (r *Report) Verdict() Verdict {
	worst := Served
	for _, p := range r.Problems {
		switch {
		case p.Hostile:
			worst = Malicious
		case p.Kind == Broken:
			worst = max(worst, Damaged)
		default:
			worst = max(worst, Refused)
		}
	}
	for _, g := range r.Globals {
		if g.Hostile() {
			return Malicious
		}
	}
	return worst
}
