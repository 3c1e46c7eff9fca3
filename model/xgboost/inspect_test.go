package xgboost_test

import (
	"strings"
	"testing"

	"example.com/mlapi/model"
	"example.com/mlapi/model/xgboost"
)

func TestInspect(t *testing.T) {
	formats := []model.Format{xgboost.Format()}
	for path, want := range map[string]string{
		"1.7.6/binary.ubj.gz":   `objective="binary:logistic" trees=`,
		"2.0.3/absolute.ubj.gz": "trees=",
		"0.90/linear.bin.gz":    `booster="gblinear" features=`,
	} {
		r, m, err := model.Inspect("testdata/"+path, formats)
		if err != nil || m == nil || len(r.Tree) != 1 {
			t.Fatalf("%s: %v, %+v", path, err, r)
		}
		var text []string
		for _, p := range r.Tree[0].Params {
			text = append(text, p.Name+"="+p.Value)
		}
		if got := strings.Join(text, " "); r.Tree[0].Class != "Booster" || !strings.Contains(got, want) || r.Writer != m.Info().Writer {
			t.Errorf("%s: %s, want %s; written by %s", path, got, want, r.Writer)
		}
	}
}
