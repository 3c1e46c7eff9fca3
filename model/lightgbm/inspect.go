package lightgbm

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
	if b.objective.name != "" {
		add("objective", mlapi.Quote([]byte(b.objective.name)))
	}
	if b.average {
		add("boosting", `"rf"`)
	}
	add("trees", strconv.Itoa(len(b.trees)))
	add("iterations", strconv.Itoa(b.Iterations()))
	add("features", strconv.Itoa(len(b.names)))
	if b.outputs > 1 {
		add("outputs", strconv.Itoa(b.outputs))
	}
	return n
}
