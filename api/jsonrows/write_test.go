package jsonrows_test

import (
	"fmt"
	"math"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/api/jsonrows"
	"strings"
)

func TestNumbersReadBack(t *testing.T) {
	for want, v := range map[string]float64{
		"0": 0, "3": 3, "-3": -3, "0.1": 0.1, "0.3333333333333333": 1.0 / 3, "1000000": 1e6, "100000000000000000000": 1e20,
		"1e+21": 1e21, "0.000001": 1e-6, "1e-07": 1e-7, "5e-324": 5e-324, "1.7976931348623157e+308": math.MaxFloat64, "9007199254740992": 1 << 53,
		"-0.0": math.Copysign(0, -1),
	} {
		got := string(jsonrows.AppendNumber([]byte("x"), v))
		if got != "x"+want {
			t.Errorf("%v: %s, want %s", v, got[1:], want)
		}
		var rows mlapi.Rows
		if _, err := jsonrows.New(strings.NewReader(fmt.Sprintf("[[%s]]", want)), nil, roomy).Next(&rows); err != nil {
			t.Errorf("%s is not read: %v", want, err)
		} else if back, err := rows.Float(0, 0); err != nil || math.Float64bits(back) != math.Float64bits(v) {
			t.Errorf("%s reads back as %v, %v", want, back, err)
		}
	}
}
