package pickle

import (
	"errors"
	"testing"
)

const (
	dillArray  = "cdill._dill\n_create_array\n(cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87"
	dillFloats = "(K\x01K\x02\x85" + numpyF8 + "\x89C\x10" + "\x00\x00\x00\x00\x00\x00\xf0?" + "\x00\x00\x00\x00\x00\x00\x00\xc0" + "t"
)

// TestDill reads what dill writes in the places of numpy's functions and of types.
func TestDill(t *testing.T) {
	for _, end := range []string{"tR.", "NtR.", "}tR."} {
		v, err := read(dillArray + dillFloats + end)
		if err != nil {
			t.Fatal(err)
		}
		values, err := v.(*Array).Float64s()
		if err != nil || len(values) != 2 || values[0] != 1 || values[1] != -2 {
			t.Errorf("array is %v, %v", values, err)
		}
	}
	for name, c := range map[string]struct {
		program string
		want    Value
	}{
		"type":         {"cdill._dill\n_load_type\nU\x05float\x85R.", Global{"builtins", "float"}},
		"called type":  {"cdill._dill\n_load_type\nU\x04list\x85R(K\x01l\x85R.", list(int64(1))},
		"type of None": {"cdill.dill\n_load_type\nU\x08NoneType\x85R.", Global{"builtins", "NoneType"}},
		"dtype":        {"cdill._dill\n_create_dtypemeta\nN\x85R.", Global{"numpy", "dtype"}},
		"class of dtype": {"cdill._dill\n_create_dtypemeta\ncnumpy\nfloat64\n\x85R.",
			&Object{Class: Global{"dill._dill", "_create_dtypemeta"}, Args: []Value{Global{"numpy", "float64"}}}},
	} {
		v, err := read(c.program)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := equal(c.want, v); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestDillRefusals runs what dill's functions could be abused for, and what they never do.
func TestDillRefusals(t *testing.T) {
	refused, broken := new(*RefusedError), new(*FormatError)
	for name, c := range map[string]struct {
		program string
		want    any
	}{
		"array by a function":  {"cdill._dill\n_create_array\n(cshop\nCart\n)NtR.", refused},
		"array by a value":     {"cdill._dill\n_create_array\n(N)NtR.", refused},
		"array of a class":     {"cdill._dill\n_create_array\n(cnumpy.core.multiarray\n_reconstruct\ncshop\nCart\nK\x00\x85C\x01b\x87NtR.", refused},
		"array of no state":    {dillArray + "NtR.", broken},
		"array of two things":  {"cdill._dill\n_create_array\nNN\x86R.", broken},
		"type getattr":         {"cdill._dill\n_load_type\nU\x07getattr\x85R.", refused},
		"type type":            {"cdill._dill\n_load_type\nU\x04type\x85R.", refused},
		"type eval":            {"cdill._dill\n_load_type\nU\x04eval\x85R.", refused},
		"type that is called":  {"cdill._dill\n_load_type\nU\x05float\x85RU\x011\x85R.", refused},
		"type of a number":     {"cdill._dill\n_load_type\nK\x01\x85R.", refused},
		"type of two":          {"cdill._dill\n_load_type\nNN\x86R.", broken},
		"dtype of two":         {"cdill._dill\n_create_dtypemeta\nNN\x86R.", broken},
		"function of dill":     {"cdill._dill\n_create_function\nN\x85R.", refused},
		"getattr of dill":      {"cdill._dill\n_get_attr\nNN\x86R.", refused},
		"state after an array": {dillArray + dillFloats + "tRNb.", refused},
	} {
		_, err := read(c.program)
		if err == nil || !errors.As(err, c.want) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}
