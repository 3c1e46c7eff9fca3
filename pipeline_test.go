package mlapi_test

import (
	"context"
	"errors"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/postprocess"
	"example.com/mlapi/preprocess"
)

// twice is a model of two features that answers the first of them, twice.
type twice struct{ info mlapi.Info }

func (m *twice) Info() *mlapi.Info { return &m.info }

func (m *twice) Predict(_ context.Context, dst *mlapi.Scores, x *mlapi.Matrix) error {
	dst.Resize(x.Samples(), false, 1)
	for i := range x.Samples() {
		dst.Row(i)[0] = 2 * x.Row(i)[0]
	}
	return nil
}

func newTwice() *twice {
	return &twice{mlapi.Info{Task: mlapi.Regressor, Outputs: 1, Features: []mlapi.Feature{{Name: "x0"}, {Name: "x1"}}}}
}

// rows fills ws with one row of texts.
func rows(t *testing.T, ws *mlapi.Workspace, cells ...string) {
	t.Helper()
	ws.Rows.Reset(0)
	for _, c := range cells {
		ws.Rows.AppendText([]byte(c))
	}
	if err := ws.Rows.EndRow(); err != nil {
		t.Fatal(err)
	}
}

func TestPipelineRuns(t *testing.T) {
	p := mlapi.Pipeline{
		Preprocess:  []mlapi.Preprocessor{preprocess.Numeric{}},
		Model:       newTwice(),
		Postprocess: []mlapi.Postprocessor{postprocess.None{}},
	}
	var ws mlapi.Workspace
	rows(t, &ws, "1.5", "7")
	if err := p.Run(t.Context(), &ws, mlapi.WantPredictions); err != nil || len(ws.Result.Numbers) != 1 || ws.Result.Numbers[0] != 3 {
		t.Errorf("answered %v, %v", ws.Result.Numbers, err)
	}
	if allocs := testing.AllocsPerRun(100, func() { _ = p.Run(context.Background(), &ws, mlapi.WantPredictions) }); allocs != 0 {
		t.Errorf("%v allocations a run, want 0", allocs)
	}
}

// TestPipelineStops gives up before any part is asked, which would answer otherwise.
func TestPipelineStops(t *testing.T) {
	p := mlapi.Pipeline{Preprocess: []mlapi.Preprocessor{preprocess.Numeric{}}, Model: newTwice(), Postprocess: []mlapi.Postprocessor{postprocess.None{}}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var ws mlapi.Workspace
	rows(t, &ws, "1.5", "7")
	var e *mlapi.Error
	if err := p.Run(ctx, &ws, mlapi.WantPredictions); !errors.As(err, &e) || e.Kind != mlapi.Unavailable || e.Code != "cancelled" || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want cancelled", err)
	}
	if err := mlapi.Cancelled(t.Context()); err != nil {
		t.Errorf("a context that goes on is %v", err)
	}
}

func TestPipelineNamesTheWrongWidthFirst(t *testing.T) {
	numeric := []mlapi.Preprocessor{preprocess.Numeric{}}
	own := []mlapi.Preprocessor{mlapi.PreprocessFunc(preprocess.Numeric{}.Preprocess)} // does not describe what it takes
	for _, test := range []struct {
		name  string
		parts []mlapi.Preprocessor
		cells []string
		code  string
	}{
		{"too many", numeric, []string{"1", "2", "3"}, "wrong_feature_count"},
		{"too many, one no number", numeric, []string{"1", "2", "x"}, "wrong_feature_count"},
		{"too few, one no number", numeric, []string{"x"}, "wrong_feature_count"},
		{"no number", numeric, []string{"1", "x"}, "not_a_number"},
		{"a part that takes who knows what", own, []string{"1", "2", "x"}, "not_a_number"},
	} {
		p := mlapi.Pipeline{Preprocess: test.parts, Model: newTwice(), Postprocess: []mlapi.Postprocessor{postprocess.None{}}}
		var ws mlapi.Workspace
		rows(t, &ws, test.cells...)
		e := mlapi.AsError(p.Run(t.Context(), &ws, mlapi.WantPredictions))
		if e == nil || e.Kind != mlapi.Invalid || e.Code != test.code {
			t.Errorf("%s: %v, want %s", test.name, e, test.code)
		}
	}
}

func TestPipelineCatchesPartsThatBreakTheirContract(t *testing.T) {
	nothing := mlapi.PreprocessFunc(func(context.Context, *mlapi.Matrix, *mlapi.Rows) error { return nil })
	silent := mlapi.PostprocessFunc(func(context.Context, *mlapi.Result, *mlapi.Scores) error { return nil })
	for name, p := range map[string]mlapi.Pipeline{
		"no samples":     {Preprocess: []mlapi.Preprocessor{nothing}, Postprocess: []mlapi.Postprocessor{postprocess.None{}}},
		"no predictions": {Preprocess: []mlapi.Preprocessor{preprocess.Numeric{}}, Postprocess: []mlapi.Postprocessor{silent}},
	} {
		p.Model = newTwice()
		var ws mlapi.Workspace
		rows(t, &ws, "1", "2")
		if e := mlapi.AsError(p.Run(t.Context(), &ws, mlapi.WantPredictions)); e == nil || e.Kind != mlapi.Internal {
			t.Errorf("%s: %v, want an Internal error", name, e)
		}
	}
}

func TestPipelineClasses(t *testing.T) {
	m := newTwice()
	m.info.Classes = []mlapi.Label{mlapi.IntLabel(-1), mlapi.IntLabel(1)}
	p := mlapi.Pipeline{Model: m, Postprocess: []mlapi.Postprocessor{postprocess.Label{}}}
	if got := p.Classes(); len(got) != 2 || got[0] != mlapi.IntLabel(-1) {
		t.Errorf("classes %v, want the model's", got)
	}
	p.Postprocess = []mlapi.Postprocessor{postprocess.Anomaly{}}
	if got := p.Classes(); len(got) != 2 || got[0] != mlapi.IntLabel(0) {
		t.Errorf("classes %v, want those of the postprocessor", got)
	}
}

// refusing is a model that refuses the value in its second column.
type refusing struct{ *twice }

func (m refusing) Predict(_ context.Context, _ *mlapi.Scores, x *mlapi.Matrix) error {
	return mlapi.MissingValue(x.Number(0), 1)
}

// TestPipelineNamesTheFeature: whoever stumbles over a value, the error names the
// column of the request and its feature.
func TestPipelineNamesTheFeature(t *testing.T) {
	named := []mlapi.Feature{{Name: "age"}, {Name: "<b>\n"}}
	wider := mlapi.PreprocessFunc(func(_ context.Context, dst *mlapi.Matrix, rows *mlapi.Rows) error {
		dst.Resize(rows.Len(), 2)
		clear(dst.Data)
		return nil
	})
	narrow := mlapi.PreprocessFunc(func(_ context.Context, dst *mlapi.Matrix, rows *mlapi.Rows) error {
		return mlapi.Cellf("bad", 0, 9, "the value is bad.")
	})
	foreign := mlapi.PreprocessFunc(func(context.Context, *mlapi.Matrix, *mlapi.Rows) error { return context.Canceled })
	for _, test := range []struct {
		name     string
		part     mlapi.Preprocessor
		features []mlapi.Feature
		cells    []string
		want     string
		column   int
	}{
		{"the preprocessor", preprocess.Numeric{}, named, []string{"x", "1"}, `Row 0, column 0 ("age"): "x" is not a number.`, 0},
		{"the model", preprocess.Numeric{}, named, []string{"1", "2"}, `Row 0, column 1 ("<b>\n"): the value is missing, and this model takes no missing values.`, 1},
		{"without names", preprocess.Numeric{}, []mlapi.Feature{{Name: "x0"}, {Name: "x1"}}, []string{"1", "2"}, "Row 0, column 1: the value is missing, and this model takes no missing values.", 1},
		{"a column of the matrix alone", wider, named, []string{"1"}, "Row 0: the value is missing, and this model takes no missing values.", -1},
		{"no such column", narrow, named, []string{"1", "2"}, "Row 0: the value is bad.", -1},
		{"another error", foreign, named, []string{"1", "2"}, "The server failed to answer this request.", -1},
	} {
		m := refusing{newTwice()}
		m.info.Features = test.features
		p := mlapi.Pipeline{Preprocess: []mlapi.Preprocessor{test.part}, Model: m, Postprocess: []mlapi.Postprocessor{postprocess.None{}}}
		var ws mlapi.Workspace
		rows(t, &ws, test.cells...)
		e := mlapi.AsError(p.Run(t.Context(), &ws, mlapi.WantPredictions))
		column := -1
		if e != nil {
			if c, known := e.Column(); known {
				column = c
			}
		}
		if e == nil || e.Detail != test.want || column != test.column {
			t.Errorf("%s: %v in column %d, want %s in column %d", test.name, e, column, test.want, test.column)
		}
	}
}

// TestPipelineLocate has errors from before the pipeline.
func TestPipelineLocate(t *testing.T) {
	m := newTwice()
	m.info.Features = []mlapi.Feature{{Name: "age"}, {Name: "sex"}}
	p := mlapi.Pipeline{Model: m}
	for _, test := range []struct {
		err  error
		want string
	}{
		{mlapi.Cellf("nested", 7, 1, "the value is a list."), `Row 7, column 1 ("sex"): the value is a list.`},
		{mlapi.Cellf("nested", 7, 2, "the value is a list."), "Row 7, column 2: the value is a list."},
		{mlapi.Cellf("nested", 7, -1, "the row is a list."), "Row 7: the row is a list."},
		{mlapi.Invalidf("empty", "No rows."), "No rows."},
		{context.Canceled, "The server failed to answer this request."},
	} {
		if got := mlapi.AsError(p.Locate(test.err)); got.Detail != test.want {
			t.Errorf("%s, want %s", got.Detail, test.want)
		}
	}
}
