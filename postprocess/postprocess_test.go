package postprocess_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/postprocess"
)

var (
	nan    = math.NaN()
	inf    = math.Inf(1)
	forest = &mlapi.Info{Estimator: "RandomForestClassifier", Task: mlapi.Classifier, Scores: mlapi.Probability,
		Classes: []mlapi.Label{mlapi.TextLabel("attack"), mlapi.TextLabel("normal")}}
	mixed = &mlapi.Info{Estimator: "Odd", Task: mlapi.Classifier,
		Classes: []mlapi.Label{mlapi.IntLabel(7), mlapi.FloatLabel(0.5), mlapi.BoolLabel(true)}}
	isolation = &mlapi.Info{Estimator: "IsolationForest", Task: mlapi.OutlierDetector, Scores: mlapi.Anomaly,
		Classes: []mlapi.Label{mlapi.IntLabel(-1), mlapi.IntLabel(1)}}
	line   = &mlapi.Info{Estimator: "LinearRegression", Task: mlapi.Regressor, Outputs: 1}
	lines  = &mlapi.Info{Estimator: "LinearRegression", Task: mlapi.Regressor, Outputs: 2}
	scaler = &mlapi.Info{Estimator: "StandardScaler", Task: mlapi.Transformer, Outputs: 2}
	one    = &mlapi.Info{Estimator: "Binarizer", Task: mlapi.Transformer, Outputs: 1}
	both   = &mlapi.Info{Estimator: "MultiOutputClassifier", Task: mlapi.Classifier, Outputs: 2,
		Classes: []mlapi.Label{mlapi.TextLabel("no"), mlapi.TextLabel("yes"), mlapi.IntLabel(3)}}
	booster = &mlapi.Info{Estimator: "Booster", Task: mlapi.Scorer, Outputs: 1}
	network = &mlapi.Info{Estimator: "Network", Task: mlapi.Scorer, Outputs: 3}
	named   = &mlapi.Info{Estimator: "Network", Task: mlapi.Scorer, Outputs: 2,
		Classes: []mlapi.Label{mlapi.TextLabel("no"), mlapi.TextLabel("yes")}}
	namedOne = &mlapi.Info{Estimator: "Network", Task: mlapi.Scorer, Outputs: 1,
		Classes: []mlapi.Label{mlapi.TextLabel("no"), mlapi.TextLabel("yes")}}
)

// column makes samples of one value each.
func column(values ...float64) [][]float64 {
	rows := make([][]float64, len(values))
	for i, v := range values {
		rows[i] = []float64{v}
	}
	return rows
}

func TestLabel(t *testing.T) {
	mlapitest.Postprocessor(t, postprocess.Label{},
		mlapitest.ScoresCase{Info: forest, Class: []int32{1, 0, 1}, Want: []any{"normal", "attack", "normal"}},
		mlapitest.ScoresCase{Name: "with scores", Info: forest, Class: []int32{1}, Values: [][]float64{{0.2, 0.8}}, Want: []any{"normal"}},
		mlapitest.ScoresCase{Name: "labels of other types", Info: mixed, Class: []int32{0, 1, 2}, Want: []any{7, 0.5, true}},
		mlapitest.ScoresCase{Name: "outliers", Info: isolation, Class: []int32{0, 1}, Want: []any{-1, 1}},
		mlapitest.ScoresCase{Name: "several outputs", Info: both, Class: []int32{0, 2, 1, 1}, Want: []any{[]any{"no", 3}, []any{"yes", "yes"}}},
		mlapitest.ScoresCase{Name: "several outputs, one row", Info: both, Class: []int32{1, 2}, Want: []any{[]any{"yes", 3}}},
		mlapitest.ScoresCase{Name: "several outputs, no such class", Info: both, Class: []int32{0, 3}, Code: "internal"},
		mlapitest.ScoresCase{Name: "numbers", Info: line, Values: column(1), Code: "internal"},
		mlapitest.ScoresCase{Name: "features", Info: scaler, Values: [][]float64{{1, 2}}, Code: "internal"},
		mlapitest.ScoresCase{Name: "no such class", Info: forest, Class: []int32{2}, Code: "internal"},
		mlapitest.ScoresCase{Name: "a class before the first", Info: forest, Class: []int32{-1}, Code: "internal"},
		mlapitest.ScoresCase{Name: "scores without classes", Info: forest, Values: [][]float64{{0.2, 0.8}}, Code: "internal"},
	)
}

func TestClass(t *testing.T) {
	mlapitest.Postprocessor(t, postprocess.Class{},
		mlapitest.ScoresCase{Name: "several columns", Info: network,
			Values: [][]float64{{0.1, 0.7, 0.2}, {-3, -2, -1}, {5, 5, 1}, {-inf, inf, 0}}, Want: []any{1.0, 2.0, 0.0, 1.0}},
		mlapitest.ScoresCase{Name: "labelled columns", Info: named, Values: [][]float64{{0.1, 0.9}, {0.5, 0.5}}, Want: []any{"yes", "no"}},
		mlapitest.ScoresCase{Name: "one column", Info: booster, Values: column(0.5, 0.500001, -7, 12, 0, 1), Want: []any{0.0, 1.0, 0.0, 1.0, 0.0, 1.0}},
		mlapitest.ScoresCase{Name: "one column, labelled", Info: namedOne, Values: column(0.5, 0.75), Want: []any{"no", "yes"}},
		mlapitest.ScoresCase{Name: "a regressor's numbers", Info: line,
			Values: column(0, 1e-9, 0.5, 0.500001, 0.999, 1, -0.3, 2.5), Want: []any{0.0, 0.0, 0.0, 1.0, 1.0, 1.0, -0.3, 2.5}},
		mlapitest.ScoresCase{Name: "several numbers of a regressor", Info: lines,
			Values: [][]float64{{0.2, 0.8}, {3, 0.1}}, Want: []any{[]float64{0, 1}, []float64{3, 0}}},
		mlapitest.ScoresCase{Name: "a classifier", Info: forest, Class: []int32{1, 0}, Want: []any{"normal", "attack"}},
		mlapitest.ScoresCase{Name: "an outlier detector", Info: isolation, Class: []int32{0, 1}, Want: []any{-1, 1}},
		mlapitest.ScoresCase{Name: "a classifier of several outputs", Info: both, Class: []int32{0, 2}, Want: []any{[]any{"no", 3}}},
		mlapitest.ScoresCase{Name: "features", Info: scaler, Values: [][]float64{{1, 2}}, Code: "internal"},
		mlapitest.ScoresCase{Name: "no number", Info: network, Values: [][]float64{{1, nan, 2}}, Code: "internal"},
		mlapitest.ScoresCase{Name: "no number first", Info: network, Values: [][]float64{{nan, 1, 2}}, Code: "internal"},
		mlapitest.ScoresCase{Name: "no number in one column", Info: booster, Values: column(1, nan), Code: "internal"},
		mlapitest.ScoresCase{Name: "no number of a regressor", Info: line, Values: column(nan), Code: "internal"},
		mlapitest.ScoresCase{Name: "an infinite number of a regressor", Info: line, Values: column(inf), Code: "internal"},
		mlapitest.ScoresCase{Name: "a scorer's classes", Info: booster, Class: []int32{0}, Code: "internal"},
		mlapitest.ScoresCase{Name: "a classifier's numbers", Info: forest, Values: column(1), Code: "internal"},
	)
}

func TestAnomaly(t *testing.T) {
	mlapitest.Postprocessor(t, postprocess.Anomaly{},
		mlapitest.ScoresCase{Name: "labels", Info: isolation, Class: []int32{0, 1, 0}, Want: []any{1.0, 0.0, 1.0}},
		mlapitest.ScoresCase{Name: "labels and scores", Info: isolation, Class: []int32{0, 1}, Values: column(-0.1, 0.1), Want: []any{1.0, 0.0}},
		mlapitest.ScoresCase{Name: "numbers", Info: line, Values: column(-0.1, 0, math.Copysign(0, -1), 3, -1e300), Want: []any{1.0, 0.0, 0.0, 0.0, 1.0}},
		mlapitest.ScoresCase{Name: "scores", Info: booster, Values: column(-1, 1), Want: []any{1.0, 0.0}},
		mlapitest.ScoresCase{Name: "several numbers", Info: lines, Values: [][]float64{{1, 2}}, Code: "internal"},
		mlapitest.ScoresCase{Name: "no number", Info: line, Values: column(1, nan), Code: "internal"},
		mlapitest.ScoresCase{Name: "a classifier", Info: forest, Class: []int32{1}, Code: "internal"},
		mlapitest.ScoresCase{Name: "a feature", Info: one, Values: column(1), Code: "internal"},
		mlapitest.ScoresCase{Name: "no class for outliers", Info: &mlapi.Info{Task: mlapi.OutlierDetector, Classes: forest.Classes}, Class: []int32{1}, Code: "internal"},
		mlapitest.ScoresCase{Name: "no such class", Info: isolation, Class: []int32{2}, Code: "internal"},
		mlapitest.ScoresCase{Name: "scores without classes", Info: isolation, Values: column(1), Code: "internal"},
	)
}

func TestNone(t *testing.T) {
	mlapitest.Postprocessor(t, postprocess.None{},
		mlapitest.ScoresCase{Name: "numbers", Info: line, Values: column(0.1, -2, 1e300), Want: []any{0.1, -2.0, 1e300}},
		mlapitest.ScoresCase{Name: "several", Info: lines, Values: [][]float64{{1, 2}, {3, 4}}, Want: []any{[]float64{1, 2}, []float64{3, 4}}},
		mlapitest.ScoresCase{Name: "raw scores", Info: network, Values: [][]float64{{0.1, 0.7, 0.2}}, Want: []any{[]float64{0.1, 0.7, 0.2}}},
		mlapitest.ScoresCase{Name: "features", Info: scaler, Values: [][]float64{{1, 2}, {-3, 0.5}}, Want: []any{[]float64{1, 2}, []float64{-3, 0.5}}},
		mlapitest.ScoresCase{Name: "features, a missing one", Info: scaler, Values: [][]float64{{1, nan}}, Want: []any{[]float64{1, nan}}},
		mlapitest.ScoresCase{Name: "an infinite feature", Info: scaler, Values: [][]float64{{inf, 1}}, Code: "internal"},
		mlapitest.ScoresCase{Name: "no number", Info: lines, Values: [][]float64{{1, nan}}, Code: "internal"},
		mlapitest.ScoresCase{Name: "infinite", Info: line, Values: column(-inf), Code: "internal"},
		mlapitest.ScoresCase{Name: "a classifier", Info: forest, Class: []int32{1}, Code: "internal"},
		mlapitest.ScoresCase{Name: "a regressor's classes", Info: line, Class: []int32{1}, Code: "internal"},
	)
}

// TestOrder has parts behind others: what those answered would be lost, so that
// they refuse.
func TestOrder(t *testing.T) {
	for name, part := range map[string]mlapi.Postprocessor{
		"label": postprocess.Label{}, "class": postprocess.Class{}, "anomaly": postprocess.Anomaly{}, "none": postprocess.None{},
	} {
		s := mlapi.Scores{Info: isolation}
		if name == "none" {
			s.Info = line
		}
		s.Resize(1, name != "none", 1)
		s.Values[0] = 1
		var dst mlapi.Result
		if err := part.Postprocess(t.Context(), &dst, &s); err != nil {
			t.Fatalf("%s alone: %v", name, err)
		}
		err := part.Postprocess(t.Context(), &dst, &s)
		if err == nil || mlapi.AsError(err).Kind != mlapi.Internal || !strings.Contains(err.Error(), name+" answers by itself") {
			t.Errorf("%s behind another part: %v, want an Internal error", name, err)
		}
	}
}

// TestDamagedScores has scores whose parts do not fit each other.
func TestDamagedScores(t *testing.T) {
	s := mlapi.Scores{Info: lines}
	s.Resize(2, false, 2)
	s.Values = s.Values[:3]
	var dst mlapi.Result
	for name, part := range map[string]mlapi.Postprocessor{"class": postprocess.Class{}, "none": postprocess.None{}} {
		if err := part.Postprocess(t.Context(), &dst, &s); err == nil || mlapi.AsError(err).Kind != mlapi.Internal {
			t.Errorf("%s: %v, want an Internal error", name, err)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	for name, c := range map[string]struct {
		part    mlapi.Postprocessor
		info    *mlapi.Info
		classes bool
		width   int
	}{
		"label":              {postprocess.Label{}, forest, true, 0},
		"class of scores":    {postprocess.Class{}, network, false, 3},
		"class of labels":    {postprocess.Class{}, named, false, 2},
		"class of a number":  {postprocess.Class{}, line, false, 1},
		"anomaly of labels":  {postprocess.Anomaly{}, isolation, true, 0},
		"anomaly of numbers": {postprocess.Anomaly{}, line, false, 1},
		"none":               {postprocess.None{}, lines, false, 2},
	} {
		s := mlapi.Scores{Info: c.info}
		s.Resize(100, c.classes, c.width)
		var dst mlapi.Result
		if n := testing.AllocsPerRun(100, func() {
			dst = mlapi.Result{Class: dst.Class[:0], Numbers: dst.Numbers[:0]}
			if err := c.part.Postprocess(t.Context(), &dst, &s); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations per block", name, n)
		}
	}
}

func TestFits(t *testing.T) {
	type fitter interface{ Fits(*mlapi.Info) error }
	for _, c := range []struct {
		part fitter
		fits []*mlapi.Info
		not  []*mlapi.Info
	}{
		{postprocess.Label{}, []*mlapi.Info{forest, isolation, both}, []*mlapi.Info{line, lines, booster, scaler}},
		{postprocess.Class{}, []*mlapi.Info{forest, isolation, both, line, booster, network}, []*mlapi.Info{scaler, one}},
		{postprocess.None{}, []*mlapi.Info{line, lines, booster, network, scaler, one}, []*mlapi.Info{forest, isolation, both}},
		{postprocess.Anomaly{}, []*mlapi.Info{isolation, line, booster}, []*mlapi.Info{forest, lines, network, scaler, one, both}},
	} {
		for _, info := range c.fits {
			if err := c.part.Fits(info); err != nil {
				t.Errorf("%T: %v", c.part, err)
			}
		}
		for _, info := range c.not {
			if err := c.part.Fits(info); err == nil || !strings.Contains(err.Error(), info.Estimator) {
				t.Errorf("%T of %s (%s): %v, want an error that names it", c.part, info.Estimator, info.Task, err)
			}
		}
	}
}

func TestDefault(t *testing.T) {
	on, off := true, false
	for _, c := range []struct {
		info    *mlapi.Info
		class   *bool
		anomaly bool
		want    string
		warning string
	}{
		{forest, nil, false, "label", ""},
		{forest, &on, false, "label", ""},
		{forest, &off, false, "label", ""},
		{forest, nil, true, "label", "API_CONVERT_ANOMALY_SCORES has no effect: RandomForestClassifier (classifier)"},
		{isolation, nil, false, "label", ""},
		{isolation, &off, false, "label", ""},
		{isolation, &on, false, "label", "API_CONVERT_CLASS_SCORES has no effect: IsolationForest (outlier detector)"},
		{isolation, nil, true, "anomaly", ""},
		{isolation, &off, true, "anomaly", ""},
		{line, nil, false, "none", ""},
		{line, &off, false, "none", ""},
		{line, &on, false, "class", "API_CONVERT_CLASS_SCORES=True: numbers of the regressor LinearRegression strictly between 0 and 1"},
		{line, nil, true, "anomaly", "API_CONVERT_ANOMALY_SCORES=True: numbers of the regressor LinearRegression below 0"},
		{lines, nil, true, "none", "API_CONVERT_ANOMALY_SCORES has no effect: LinearRegression gives 2 numbers per row"},
		{booster, nil, false, "class", ""},
		{booster, &on, false, "class", ""},
		{booster, &off, false, "none", ""},
		{booster, nil, true, "anomaly", "numbers of the scorer Booster below 0"},
		{both, nil, false, "label", ""},
		{scaler, nil, false, "none", ""},
		{one, &off, false, "none", ""},
		{one, &on, false, "none", "API_CONVERT_CLASS_SCORES has no effect: Binarizer (transformer) answers the features that it makes"},
		{one, nil, true, "none", "API_CONVERT_ANOMALY_SCORES has no effect: Binarizer (transformer) answers the features that it makes"},
		{network, nil, true, "class", "gives 3 numbers per row"},
		{network, &off, true, "none", "gives 3 numbers per row"},
	} {
		set := "unset"
		if c.class != nil {
			set = map[bool]string{true: "true", false: "false"}[*c.class]
		}
		names, warnings := postprocess.Default(c.info, c.class, c.anomaly)
		if !slices.Equal(names, []string{c.want}) {
			t.Errorf("%s, class %s, anomaly %t: %v, want %s", c.info.Task, set, c.anomaly, names, c.want)
		}
		all := strings.Join(warnings, "\n")
		if (all == "") != (c.warning == "") || !strings.Contains(all, c.warning) {
			t.Errorf("%s, class %s, anomaly %t: warnings %q, want %q", c.info.Task, set, c.anomaly, warnings, c.warning)
		}
	}
}
