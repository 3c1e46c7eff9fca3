package lightgbm_test

import (
	"strings"
	"testing"

	"example.com/mlapi/model"
	"example.com/mlapi/model/lightgbm"
)

func TestInspect(t *testing.T) {
	for path, want := range map[string]string{
		"2.2.3/binary.txt.gz":     `objective="binary" trees=`,
		"2.2.3/binary_rf.txt.gz":  `objective="binary" boosting="rf"`,
		"2.2.3/multiclass.txt.gz": "outputs=",
	} {
		r, m, err := model.Inspect("testdata/"+path, []model.Format{lightgbm.Format()})
		if err != nil || m == nil || len(r.Tree) != 1 {
			t.Fatalf("%s: %v, %+v", path, err, r)
		}
		var text []string
		for _, p := range r.Tree[0].Params {
			text = append(text, p.Name+"="+p.Value)
		}
		if got := strings.Join(text, " "); r.Tree[0].Class != "Booster" || !strings.Contains(got, want) || r.Writer != "LightGBM 2" || r.Compression != "gzip" {
			t.Errorf("%s: %s, want %s; %+v", path, got, want, r)
		}
	}
}
