// Command celsius is mlapi with one more part, for a model that was trained on
// degrees Celsius while its callers send Fahrenheit, in column 0:
//
//	API_MODEL_FILEPATH=weather.joblib API_PREPROCESS=celsius go run . serve
//
// The rest is the mlapi command as it is.
package main

import (
	"context"

	"example.com/mlapi"
	"example.com/mlapi/app"
	"example.com/mlapi/preprocess"
)

func main() {
	app.Main(app.Preprocess("celsius", mlapi.PreprocessFunc(celsius)))
}

// celsius takes every cell as a number and turns the temperature into Celsius. A
// missing one stays missing.
func celsius(ctx context.Context, dst *mlapi.Matrix, rows *mlapi.Rows) error {
	if err := (preprocess.Numeric{}).Preprocess(ctx, dst, rows); err != nil {
		return err
	}
	for i := range dst.Samples() {
		sample := dst.Row(i)
		sample[0] = (sample[0] - 32) / 1.8
	}
	return nil
}
