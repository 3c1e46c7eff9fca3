package main

import (
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/app"
	"example.com/mlapi/config"
	"example.com/mlapi/mlapitest"
)

func TestCelsius(t *testing.T) {
	mlapitest.Preprocessor(t, mlapi.PreprocessFunc(celsius),
		mlapitest.RowsCase{Rows: [][]any{{212, 1}, {"32", nil}, {-40.0, true}, {nil, 7}},
			Want: [][]float64{{100, 1}, {0, math.NaN()}, {-40, 1}, {math.NaN(), 7}}},
		mlapitest.RowsCase{Name: "a word", Rows: [][]any{{"warm", 1}}, Code: "not_a_number"},
	)
}

// TestServed asks a real model, once in Fahrenheit and once, without the part, in
// Celsius.
func TestServed(t *testing.T) {
	const model = "../../model/sklearn/testdata/1.5.2/forest_regressor"
	text, err := os.ReadFile(model + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var fixture struct{ Input [][]any }
	if err := json.Unmarshal(text, &fixture); err != nil {
		t.Fatal(err)
	}
	sample := fixture.Input[0]
	ask := func(part string, temperature float64) string {
		cfg := config.Default()
		cfg.Auth.Enabled = false
		cfg.Server.Data = t.TempDir()
		cfg.API.Model = model + ".joblib"
		cfg.API.Preprocess = []string{part}
		a, err := app.New(t.Context(), &cfg, app.Preprocess("celsius", mlapi.PreprocessFunc(celsius)))
		if err != nil {
			t.Fatal(err)
		}
		sample[0] = temperature
		row, err := json.Marshal([][]any{sample})
		if err != nil {
			t.Fatal(err)
		}
		request := httptest.NewRequest(http.MethodPost, "/api/ml/", strings.NewReader(string(row)))
		request.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		a.ServeHTTP(answer, request)
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		if answer.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", row, answer.Code, answer.Body)
		}
		return answer.Body.String()
	}
	for fahrenheit, celsius := range map[float64]float64{212: 100, 32: 0, -40: -40} {
		if got, want := ask("celsius", fahrenheit), ask("numeric", celsius); got != want {
			t.Errorf("%v F is answered %s, %v C %s", fahrenheit, got, celsius, want)
		}
	}
	if hot, cold := ask("celsius", 212), ask("celsius", -40); hot == cold {
		t.Errorf("every temperature is answered %s: the model does not look at it", hot)
	}
}
