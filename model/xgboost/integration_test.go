//go:build integration

package xgboost_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/xgboost"
)

// The handles of pickled boosters of other people can be read.
func TestHandlesOfOthers(t *testing.T) {
	const folder = "../../../shared/data/models/"
	for _, name := range []string{"felipesveiga+breast-cancer-2-cells/models/xgboost.joblib", "guanguanyahaha+NF_selectivity/models/xgb.joblib"} {
		data, err := os.ReadFile(folder + name)
		if err != nil {
			t.Fatalf("%v: put the shared folder beside the repository", err)
		}
		b, err := xgboost.Parse(handle(t, data), model.DefaultLimits(int64(len(data))))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		m, err := b.Model()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var rows mlapi.Matrix
		rows.Resize(1, len(b.Features()))
		clear(rows.Data)
		if v := predict(t, m, &rows).Values[0]; math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("%s predicts %v", name, v)
		}
		t.Logf("%s: %s, %s, %d iterations", name, b.Writer(), b.Objective(), b.Iterations())
	}
}

// handle returns the bytes of a Booster that lie uncompressed in a pickle: behind
// their length, in 4 or 8 bytes.
func handle(t *testing.T, data []byte) []byte {
	t.Helper()
	at := bytes.Index(data, []byte("{L\x00\x00\x00\x00\x00\x00\x00\x06Config"))
	if at < 9 {
		t.Fatal("there is no handle")
	}
	size := uint64(binary.LittleEndian.Uint32(data[at-4:]))
	if data[at-9] == 0x8e || data[at-9] == 0x96 { // BINBYTES8, BYTEARRAY8
		size = binary.LittleEndian.Uint64(data[at-8:])
	}
	if size > uint64(len(data)-at) {
		t.Fatalf("a handle of %d bytes", size)
	}
	return data[at : at+int(size)]
}
