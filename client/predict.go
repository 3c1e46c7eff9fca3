package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Predict asks for a prediction for each row and returns them in order.
//
// Rows are anything that encoding/json writes in one of the server's three forms: as
// a list of lists ([][]float64, [][]any), as a list of objects by feature name
// ([]map[string]any, or a slice of structs with the features' names as json tags),
// or as a Table; json.RawMessage is the text itself. A category is sent by name or by
// number, a missing value as nil. The elements are what encoding/json makes of the
// predictions: numbers are float64. The function Predict gives them a type.
func (c *Client) Predict(ctx context.Context, rows any) ([]any, error) {
	return Predict[any](ctx, c, rows)
}

// Table is rows by the names of their columns, in any order. Of many rows it sends
// the names only once.
type Table struct {
	Columns []string `json:"columns"`
	Data    [][]any  `json:"data"`
}

// Predict is Client.Predict with the type of a prediction: string, int64 or bool
// for the labels of a classifier, float64 for a regressor, a slice of these where
// there are several outputs, and of a transformer []float64, or []*float64 where
// values may be missing. Wrong rows are an *Error of status 400 that says where.
func Predict[T any](ctx context.Context, c *Client, rows any) ([]T, error) {
	var predictions []T
	if err := c.predict(ctx, "", rows, &predictions); err != nil {
		return nil, err
	}
	return predictions, nil
}

// Scored are predictions and what they rest on.
type Scored[T any] struct {
	Predictions []T         `json:"predictions"`
	Kind        string      `json:"kind"`    // "probability", "decision" or "anomaly"
	Classes     []T         `json:"classes"` // what the columns of Scores stand for, where they stand for classes
	Scores      [][]float64 `json:"scores"`  // one row each
}

// Scores asks for the predictions together with the model's scores. A model that
// has none is an *Error of status 400.
func Scores[T any](ctx context.Context, c *Client, rows any) (*Scored[T], error) {
	scored := new(Scored[T])
	if err := c.predict(ctx, "?output=all", rows, scored); err != nil {
		return nil, err
	}
	return scored, nil
}

func (c *Client) predict(ctx context.Context, query string, rows, answer any) error {
	body, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("client: the rows cannot be written as JSON: %w", err)
	}
	return c.authorised(ctx, call{
		method: http.MethodPost, path: c.api + "ml/" + query, contentType: "application/json", body: body,
		accept: http.StatusOK, answer: answer, limit: c.maxAnswer,
	})
}
