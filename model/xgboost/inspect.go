package xgboost

import (
	"io"
	"strconv"

	"example.com/mlapi"
	"example.com/mlapi/model"
)

// inspect tells what a file holds. One that cannot be read tells nothing: Read says why.
func inspect(src *model.Source, limits model.Limits) (*model.Report, error) {
	data, err := io.ReadAll(src)
	if err != nil {
		return nil, err
	}
	b, err := Parse(data, limits)
	if err != nil {
		return nil, err
	}
	return &model.Report{Format: formatName, Writer: b.Writer(), Tree: []model.Node{b.Node()}}, nil
}

// Node tells what the booster is made of, for a report.
func (b *Booster) Node() model.Node {
	n := model.Node{Class: "Booster"}
	add := func(name, value string) { n.Params = append(n.Params, model.Param{Name: name, Value: value}) }
	add("objective", mlapi.Quote([]byte(b.objective)))
	if b.weights != nil {
		add("booster", `"gblinear"`)
	} else {
		add("trees", strconv.Itoa(len(b.list)))
		add("iterations", strconv.Itoa(b.Iterations()))
	}
	add("features", strconv.Itoa(b.features))
	if b.outputs > 1 {
		add("outputs", strconv.Itoa(b.outputs))
	}
	if b.Iterations() > 0 {
		if at, err := strconv.Atoi(b.attributes["best_iteration"]); err == nil && at >= 0 && at < b.Iterations() {
			add("best_iteration", strconv.Itoa(at))
		}
	}
	return n
}
