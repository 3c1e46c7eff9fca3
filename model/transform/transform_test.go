package transform_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/transform"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// apply returns what step makes of src.
func apply(step transform.Transformer, src *mlapi.Matrix) (*mlapi.Matrix, error) {
	dst := new(mlapi.Matrix)
	dst.Like(src)
	return dst, step.Transform(context.Background(), dst, src)
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestScalers(t *testing.T) {
	nan := math.NaN()
	standard := must[*transform.StandardScaler](t)
	minmax := must[*transform.MinMaxScaler](t)
	clipped := minmax(transform.NewMinMaxScaler(2, []float64{0.5, 2}, []float64{0, -1}))
	if err := clipped.Clip(0, 1); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		step transform.Transformer
		in   []float64
		want []float64
	}{
		{"standard", standard(transform.NewStandardScaler(2, []float64{1, 2}, []float64{2, 4})), []float64{3, 10, 0, nan}, []float64{1, 2, -0.5, nan}},
		{"standard without mean", standard(transform.NewStandardScaler(2, nil, []float64{2, 4})), []float64{3, 10}, []float64{1.5, 2.5}},
		{"standard without scale", standard(transform.NewStandardScaler(2, []float64{1, 2}, nil)), []float64{3, 10}, []float64{2, 8}},
		// Multiplied by 1/49 it would be 1 - 2^-53.
		{"standard divides", standard(transform.NewStandardScaler(1, nil, []float64{49})), []float64{49}, []float64{1}},
		{"minmax", minmax(transform.NewMinMaxScaler(2, []float64{0.5, 2}, []float64{0, -1})), []float64{4, 3, nan, 0}, []float64{2, 5, nan, -1}},
		{"minmax clipped", clipped, []float64{4, 0, nan, 0.75}, []float64{1, 0, nan, 0.5}},
		// Fused into one operation the sum would be 2^-54 instead of 0.
		{"minmax rounds twice", minmax(transform.NewMinMaxScaler(1, []float64{1 + 0x1p-27}, []float64{-(1 + 0x1p-26)})), []float64{1 + 0x1p-27}, []float64{0}},
		{"passthrough", transform.Passthrough{}, []float64{1, nan}, []float64{1, nan}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			width := 2
			if len(test.in) == 1 {
				width = 1
			}
			m := mlapitest.Matrix(0, width, test.in...)
			got, err := apply(test.step, m)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, got.Data, cmpopts.EquateNaNs()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestScalersRefuseInfinity(t *testing.T) {
	steps := map[string]transform.Transformer{
		"standard": must[*transform.StandardScaler](t)(transform.NewStandardScaler(2, []float64{1, 2}, []float64{2, 4})),
		"minmax":   must[*transform.MinMaxScaler](t)(transform.NewMinMaxScaler(2, []float64{1, 2}, []float64{2, 4})),
	}
	for name, step := range steps {
		t.Run(name, func(t *testing.T) {
			_, err := apply(step, mlapitest.Matrix(10, 2, 0, 0, 0, math.Inf(1)))
			var e *mlapi.Error
			if !errors.As(err, &e) {
				t.Fatalf("error is %v, want an *mlapi.Error", err)
			}
			row, _ := e.Row()
			column, _ := e.Column()
			if e.Kind != mlapi.Invalid || e.Code != "value_too_large" || row != 11 || column != 1 {
				t.Errorf("%v at row %d, column %d; want value_too_large at 11, 1", e, row, column)
			}
		})
	}
}

func TestBadScalersAreRefused(t *testing.T) {
	inf := math.Inf(1)
	tests := map[string]func() error{
		"too few means":   func() error { _, err := transform.NewStandardScaler(2, []float64{1}, nil); return err },
		"too many scales": func() error { _, err := transform.NewStandardScaler(1, nil, []float64{1, 2}); return err },
		"infinite mean":   func() error { _, err := transform.NewStandardScaler(1, []float64{inf}, nil); return err },
		"no scale":        func() error { _, err := transform.NewMinMaxScaler(1, nil, []float64{1}); return err },
		"no minimum":      func() error { _, err := transform.NewMinMaxScaler(1, []float64{1}, nil); return err },
		"empty range":     func() error { return new(transform.MinMaxScaler).Clip(1, 0) },
		"endless range":   func() error { return new(transform.MinMaxScaler).Clip(0, inf) },
		"NaN range":       func() error { return new(transform.MinMaxScaler).Clip(math.NaN(), 1) },
		"no model": func() error {
			_, err := transform.NewPipeline(&mlapi.Info{Features: make([]mlapi.Feature, 1)}, nil, nil)
			return err
		},
		"last of another width": func() error {
			_, err := transform.NewPipeline(&mlapi.Info{Features: make([]mlapi.Feature, 3)}, nil, echo{})
			return err
		},
		"step of another width": func() error {
			step, err := transform.NewStandardScaler(3, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = transform.NewPipeline(&mlapi.Info{Features: make([]mlapi.Feature, 2)}, []transform.Transformer{step}, echo{})
			return err
		},
		"no features": func() error { _, err := transform.NewPipeline(&mlapi.Info{}, nil, echo{}); return err },
		"nil step": func() error {
			_, err := transform.NewPipeline(&mlapi.Info{Features: make([]mlapi.Feature, 2)}, []transform.Transformer{nil}, echo{})
			return err
		},
	}
	for name, try := range tests {
		t.Run(name, func(t *testing.T) {
			if try() == nil {
				t.Error("accepted")
			}
		})
	}
}

// echo is a model that answers with its features.
type echo struct{}

var echoInfo = &mlapi.Info{Features: make([]mlapi.Feature, 2)}

func (echo) Info() *mlapi.Info { return echoInfo }

func (echo) Predict(_ context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Resize(m.Samples(), false, m.Width())
	copy(dst.Values, m.Data)
	if m.Data[0] < 0 {
		return mlapi.Invalidf("negative", "Row %d.", m.Number(0)).At(m.Number(0), 0)
	}
	return nil
}

// scaled is a pipeline of two scalers over two features before echo.
func scaled(t *testing.T) (*mlapi.Info, *transform.Pipeline) {
	t.Helper()
	info := &mlapi.Info{Features: make([]mlapi.Feature, 2)}
	p, err := transform.NewPipeline(info, []transform.Transformer{
		must[*transform.StandardScaler](t)(transform.NewStandardScaler(2, []float64{1, 1}, nil)),
		must[*transform.MinMaxScaler](t)(transform.NewMinMaxScaler(2, []float64{2, 3}, []float64{0, 0})),
	}, echo{})
	if err != nil {
		t.Fatal(err)
	}
	return info, p
}

func TestPipeline(t *testing.T) {
	info, p := scaled(t)
	if p.Info() != info {
		t.Error("Info is another pointer")
	}
	m := mlapitest.Matrix(0, 2, 1, 2, 3, 4)
	var dst mlapi.Scores
	if err := p.Predict(context.Background(), &dst, m); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]float64{0, 3, 4, 9}, dst.Values); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]float64{1, 2, 3, 4}, m.Data); d != "" {
		t.Error("the caller's matrix was changed: ", d)
	}

	// The last estimator's errors name the row of the request.
	var e *mlapi.Error
	if err := p.Predict(context.Background(), &dst, mlapitest.Matrix(40, 2, 0, 0)); !errors.As(err, &e) {
		t.Fatalf("error is %v", err)
	}
	if row, _ := e.Row(); row != 40 {
		t.Errorf("row %d, want 40", row)
	}
}

// TestLargeBlock: a block of more samples than go through a pipeline at once is
// answered in parts, and an error in a later one names its row.
func TestLargeBlock(t *testing.T) {
	info := &mlapi.Info{Features: make([]mlapi.Feature, 2)}
	p, err := transform.NewPipeline(info, nil, echo{})
	if err != nil {
		t.Fatal(err)
	}
	const samples = 1<<20 + 7
	m := new(mlapi.Matrix)
	m.Reset(100)
	m.Resize(samples, 2)
	for i := range m.Data {
		m.Data[i] = float64(i)
	}
	var dst mlapi.Scores
	if err := p.Predict(context.Background(), &dst, m); err != nil {
		t.Fatal(err)
	}
	if dst.Samples() != samples || !cmp.Equal(dst.Values, m.Data) {
		t.Errorf("%d answers, or others than wanted", dst.Samples())
	}
	m.Row(1 << 19)[0] = -1
	if row, _ := mlapi.AsError(p.Predict(context.Background(), &dst, m)).Row(); row != 100+1<<19 {
		t.Errorf("the error names row %d", row)
	}
}
