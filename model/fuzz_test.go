package model_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"example.com/mlapi/model"
)

// FuzzSource decompresses anything that looks compressed: it must end without a
// panic and within the limit.
func FuzzSource(f *testing.F) {
	for _, c := range compressions {
		f.Add(compressed(f, c, []byte("\x80\x02X\x05\x00\x00\x00hello.")))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		src, err := model.NewSource("fuzz", bytes.NewReader(data), int64(len(data)), model.Limits{Bytes: 1 << 16})
		if err == nil {
			var n int64
			n, err = io.Copy(io.Discard, src)
			if n > 1<<16 {
				t.Fatalf("%d bytes came out", n)
			}
		}
		var e *model.Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("an error of type %T: %v", err, err)
		}
	})
}
