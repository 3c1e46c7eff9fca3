package app

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.com/mlapi"
	"example.com/mlapi/model"
)

const (
	mostListed = 40 // features, names, ...: --json has all
	mostWords  = 12 // categories or classes in a line
	mostDepth  = 16 // of estimators inside each other
	nameWidth  = 14

	mostUnnamed = 3  // features without names that are listed
	mostWidth   = 40 // of the column of features' names
)

// writeText writes the inspection for a person. Whatever comes from the file is
// escaped.
func (n *inspection) writeText(w io.Writer) error {
	var t textReport
	t.printf("%s: %s\n\n", printable(n.File), n.sentence())
	t.fact("Format", n.formatText())
	t.fact("Written by", n.Writer)
	size := bytesText(n.Size)
	if n.Memory > 0 {
		size += ", about " + bytesText(n.Memory) + " in memory"
	}
	t.fact("Size", size)
	t.fact("Answers", n.answers())
	t.section("Why not", len(n.Problems))
	hinted := make(map[string]bool)
	for i, p := range n.Problems {
		if t.more(i, len(n.Problems)) {
			break
		}
		t.printf("  - %s\n", printable(p.What))
		if p.Hint != "" && !hinted[p.Hint] {
			t.printf("    %s\n", printable(p.Hint))
			hinted[p.Hint] = true // one is enough
		}
	}
	title := "Estimators"
	if len(n.Tree) > 0 && strings.HasPrefix(n.Tree[0].Name, "$") {
		title = "Holds, each by its path (FILE#$.path chooses one)"
	}
	t.section(title, len(n.Tree))
	t.tree(n.Tree, 1)
	t.features(n.Features)
	t.examples(n.Features)
	t.globals(n.Globals)
	notes := append(n.advice(), n.Notes...)
	t.section("Notes", len(notes))
	for _, note := range notes {
		t.printf("  - %s\n", printable(note))
	}
	_, err := io.WriteString(w, t.String())
	return err
}

// sentence says what to think of the file.
func (n *inspection) sentence() string {
	switch n.verdict {
	case model.Served:
		return "can be served"
	case model.Refused:
		return "cannot be served"
	case model.Damaged:
		return "is broken: it cannot be served"
	}
	return "is HOSTILE: loading it in Python would run code of the file's choosing; do not load it unless you trust whoever made it"
}

func (n *inspection) formatText() string {
	text := n.Format
	if text == "" {
		return "unknown"
	}
	if n.Protocol != nil {
		text += fmt.Sprintf(", protocol %d", *n.Protocol)
	}
	if n.Compression != "" {
		text += ", compressed (" + n.Compression + ")"
	}
	return text
}

// answers says what the model answers to a row.
func (n *inspection) answers() string {
	if n.Estimator == "" {
		return ""
	}
	text := n.Task + " (" + n.Estimator + ")"
	switch {
	case n.Task == mlapi.Scorer.String() && n.Outputs > 1:
		text += fmt.Sprintf(": the class of the largest of %d scores, as a number from 0 to %d", n.Outputs, n.Outputs-1)
	case n.Task == mlapi.Scorer.String():
		text += ": 1 where the score is above 0.5, otherwise 0"
	case n.Task == mlapi.Transformer.String():
		text += fmt.Sprintf(": the %s that it makes", counted(n.Outputs, "feature"))
	case len(n.Classes) > 0 && n.Outputs > 1:
		text += fmt.Sprintf(": %d labels for each row, of %s", n.Outputs, someText(n.labels()))
	case len(n.Classes) > 0:
		text += ": " + someText(n.labels())
	case n.Outputs > 1:
		text += fmt.Sprintf(": %d numbers", n.Outputs)
	case n.Outputs == 1:
		text += ": a number"
	}
	if n.Scores != "" {
		text += "; scores: " + n.Scores
	}
	return text
}

func (n *inspection) labels() []string {
	var labels []string
	for _, class := range n.Classes {
		labels = append(labels, fmt.Sprint(class))
	}
	return labels
}

func counted(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// advice says what a person who serves the model may stumble over.
func (n *inspection) advice() []string {
	if n.Task != mlapi.Scorer.String() {
		return nil
	}
	scores := "score"
	if n.Scores == mlapi.Probability.String() {
		scores = "probability"
	}
	return []string{
		"for the " + scores + " itself ask with ?output=scores (mlapi predict --output scores), or set API_CONVERT_CLASS_SCORES=False",
		"a Booster has no names for its classes: to have labels answered, save the XGBClassifier or LGBMClassifier around it with joblib.dump",
	}
}

// examples writes rows that the model takes, as a request holds them.
func (t *textReport) examples(all []featureJSON) {
	features := make([]mlapi.Feature, len(all))
	for i, f := range all {
		features[i] = mlapi.Feature{Name: f.Name, Categories: f.Categories}
		if f.Type == mlapi.TextFeature.String() {
			features[i].Type = mlapi.TextFeature
		}
	}
	const mostShown = 300 // bytes of an example
	var list []string
	for _, text := range []string{listOf(features), objectOf(features)} {
		if text != "" && len(text) <= mostShown {
			list = append(list, text)
		}
	}
	if len(all) == 0 || len(list) == 0 {
		return
	}
	t.section("A row in a request, to begin with", len(list))
	for _, text := range list {
		t.printf("  %s\n", text)
	}
}

// textReport puts a report together.
type textReport struct{ strings.Builder }

func (t *textReport) printf(format string, args ...any) { fmt.Fprintf(t, format, args...) }

// fact writes a line of a name and a text, if there is one.
func (t *textReport) fact(name, text string) {
	if text != "" {
		t.printf("  %-*s%s\n", nameWidth, name, printable(text))
	}
}

// section begins a list, if it has elements.
func (t *textReport) section(title string, elements int) {
	if elements > 0 {
		t.printf("\n%s\n", title)
	}
}

// more reports whether a list is cut here, and says so.
func (t *textReport) more(i, all int) bool {
	if i < mostListed {
		return false
	}
	t.printf("  ... and %d more (--json lists all)\n", all-i)
	return true
}

// tree writes estimators, each with its parts indented below it.
func (t *textReport) tree(nodes []model.Node, depth int) {
	for i, node := range nodes {
		indent := strings.Repeat("  ", depth)
		if i >= mostListed || depth > mostDepth {
			t.printf("%s... and %d more (--json lists all)\n", indent, len(nodes)-i)
			return
		}
		name := ""
		if node.Name != "" {
			name = printable(node.Name) + ": "
		}
		t.printf("%s%s%s", indent, name, printable(node.Class))
		for _, p := range node.Params {
			t.printf("  %s=%s", printable(p.Name), printable(p.Value))
		}
		if node.Use != "" {
			t.printf("  -> %s", printable(node.Use))
		}
		t.printf("\n")
		if node.Problem != "" {
			t.printf("%s  ! %s\n", indent, printable(node.Problem))
		}
		t.tree(node.Children, depth+1)
	}
}

// features writes what a row has; many that have no names are told in one line.
func (t *textReport) features(all []featureJSON) {
	t.section(fmt.Sprintf("Features (%d)", len(all)), len(all))
	if last := len(all) - 1; last >= mostUnnamed && unnamed(all) {
		t.printf("  %s to %s, numbers without names\n", all[0].Name, all[last].Name)
		return
	}
	width := 0
	for i, f := range all {
		if i < mostListed {
			width = max(width, utf8.RuneCountInString(printable(f.Name)))
		}
	}
	for i, f := range all {
		if t.more(i, len(all)) {
			break
		}
		t.printf("  %4d  %-*s  %s\n", i, min(width, mostWidth), printable(f.Name), strings.TrimSpace(fmt.Sprintf("%-8s  %s", f.Type, someText(f.Categories))))
	}
}

// unnamed reports whether all are numbers called x0, x1, ...
func unnamed(all []featureJSON) bool {
	for i, f := range all {
		if f.Type != mlapi.NumberFeature.String() || f.Name != fmt.Sprintf("x%d", i) {
			return false
		}
	}
	return true
}

// globals writes what a pickle names, the strange first.
func (t *textReport) globals(all []model.Global) {
	known := 0
	for _, g := range all {
		if g.Known {
			known++
		}
	}
	t.section(fmt.Sprintf("Classes and functions that the file names (%d, of which mlapi reads %d as data)", len(all), known), len(all))
	shown := 0
	for _, want := range []string{"HOSTILE", "unknown", ""} {
		for _, g := range all {
			if globalWord(g) != want {
				continue
			}
			if t.more(shown, len(all)) {
				return
			}
			shown++
			t.printf("  %-9s%s%s\n", want, printable(g.String()), usesText(g.Uses))
		}
	}
}

func globalWord(g model.Global) string {
	switch {
	case g.Hostile():
		return "HOSTILE"
	case !g.Known:
		return "unknown"
	}
	return ""
}

func usesText(uses []model.Use) string {
	var words []string
	for _, u := range uses {
		switch u {
		case model.UseCall:
			words = append(words, "called")
		case model.UseNew:
			words = append(words, "made")
		case model.UseName:
			words = append(words, "named")
		}
	}
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}

// someText returns the first of words.
func someText(words []string) string {
	var list []string
	for i, word := range words {
		if i == mostWords {
			return strings.Join(list, ", ") + fmt.Sprintf(", ... (%d in all)", len(words))
		}
		list = append(list, printable(word))
	}
	return strings.Join(list, ", ")
}

// printable returns text so that it can do nothing to a terminal: as it is where it is
// printable, otherwise quoted and escaped; cut where it is long.
func printable(text string) string {
	const most = 400
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	for _, r := range text {
		if !strconv.IsPrint(r) {
			return strconv.QuoteToASCII(text)
		}
	}
	return text
}

// bytesText returns a number of bytes for a person.
func bytesText(n int64) string {
	const step = 1000
	if n < step {
		return fmt.Sprintf("%d bytes", n)
	}
	v, units := float64(n), []string{"kB", "MB", "GB", "TB"}
	i := -1
	for v >= step && i < len(units)-1 {
		v, i = v/step, i+1
	}
	return fmt.Sprintf("%.1f %s", v, units[i])
}
