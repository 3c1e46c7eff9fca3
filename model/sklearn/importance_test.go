package sklearn

import (
	"errors"
	"strings"
	"testing"

	"example.com/mlapi/model/pickle"
)

// TestImportancesNobodyKnows: the gains of a booster of XGBoost or LightGBM are not read,
// so that a selection by them is refused with what to do instead.
func TestImportancesNobodyKnows(t *testing.T) {
	var state pickle.Dict
	state.Set("_Booster", "bytes")
	class := pickle.Global{Module: "xgboost.sklearn", Name: "XGBClassifier"}
	a := &attrs{object: &pickle.Object{Class: class, State: &state}}
	if got := a.importances(1); got != nil {
		t.Errorf("importances %v", got)
	}
	var e *Error
	if !errors.As(a.err, &e) || !e.Unsupported() || !strings.Contains(e.Error(), "xgboost.sklearn.XGBClassifier: a selection") || !strings.Contains(e.Hint(), "SelectKBest") {
		t.Errorf("error is %#v", a.err)
	}
}
