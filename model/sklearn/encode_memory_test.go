package sklearn

import (
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"testing"

	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
)

// TestEncoderMemory builds encoders of as many categories as a file of 10 MB can hold:
// with the values of the file, they never take more than 20 times its size.
func TestEncoderMemory(t *testing.T) {
	const fileSize, size = 10_000_000, 5
	short := &pickle.Array{Dtype: pickle.Dtype{Kind: 'S', Size: size}, Shape: []int{fileSize / size}, Data: make([]byte, fileSize)}
	for i := range fileSize / size {
		copy(short.Data[i*size:], fmt.Sprintf("%05x", i))
	}
	counts := &pickle.Array{Dtype: pickle.Dtype{Kind: 'i', Size: 4}, Shape: []int{fileSize / 4}, Data: make([]byte, fileSize)}
	for i := range fileSize / 4 {
		binary.LittleEndian.PutUint32(counts.Data[4*i:], uint32(i))
	}
	gaps := &pickle.Array{Dtype: pickle.Dtype{Kind: 'f', Size: 8}, Shape: []int{fileSize / 8}, Data: make([]byte, fileSize)}
	for i := range fileSize / 8 {
		binary.LittleEndian.PutUint64(gaps.Data[8*i:], math.Float64bits(math.NaN()))
	}
	objects := func(n int, of func(i int) pickle.Value) *pickle.Array {
		values := make([]pickle.Value, n)
		for i := range values {
			values[i] = of(i)
		}
		return textArray(values...)
	}
	for name, c := range map[string]struct {
		array *pickle.Array
		taken int64 // by the array itself
	}{
		"bytes":   {short, fileSize},
		"numbers": {counts, fileSize},
		"gaps":    {gaps, fileSize},
		"texts":   {objects(1_200_000, func(i int) pickle.Value { return fmt.Sprintf("%05x", i) }), 1_200_000 * 64},
		"nothing": {objects(2_000_000, func(int) pickle.Value { return nil }), 2_000_000 * 32},
		"one":     {objects(2_000_000, func(int) pickle.Value { return "a" }), 2_000_000 * 32},
		"boxes":   {objects(1_000_000, func(i int) pickle.Value { return float64(i) }), 1_000_000 * 64},
	} {
		t.Run(name, func(t *testing.T) {
			o := made("sklearn.preprocessing._encoders", "OneHotEncoder", "categories_", listOf(1, c.array), "handle_unknown", "ignore",
				"drop_idx_", nil, "sparse_output", true)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Build(o, "pickle", "", model.DefaultLimits(fileSize), c.taken)
			runtime.ReadMemStats(&after)
			built := int64(after.TotalAlloc - before.TotalAlloc)
			if all := c.taken + built; all > 20*fileSize {
				t.Errorf("%d MB in all, %d MB of them for the model (%v)", all/1e6, built/1e6, err)
			}
			t.Logf("%d and %d MB, %v", c.taken/1e6, built/1e6, err)
		})
	}
}
