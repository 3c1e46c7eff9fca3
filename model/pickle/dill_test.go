package pickle

import (
	"errors"
	"strings"
	"testing"
)

const (
	dillArray  = "cdill._dill\n_create_array\n(cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87"
	dillFloats = "(K\x01K\x02\x85" + numpyF8 + "\x89C\x10" + "\x00\x00\x00\x00\x00\x00\xf0?" + "\x00\x00\x00\x00\x00\x00\x00\xc0" + "t"
)

// dillFunction names a function as dill did up to 0.3.5.
func dillFunction(module, name string) string {
	return "cdill._dill\n_get_attr\ncdill._dill\n_import_module\nU" + string(rune(len(module))) + module + "\x85RU" + string(rune(len(name))) + name + "\x86R"
}

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
	reconstruct := dillFunction("numpy.core._multiarray_umath", "_reconstruct")
	v, err := read("cdill._dill\n_create_array\n(" + reconstruct + "cnumpy\nndarray\nK\x00\x85C\x01b\x87" + dillFloats + "tR.")
	if err != nil {
		t.Fatal("up to 0.3.5: ", err)
	}
	if values, err := v.(*Array).Float64s(); err != nil || len(values) != 2 {
		t.Errorf("array is %v, %v", values, err)
	}
	for name, c := range map[string]struct {
		program string
		want    Value
	}{
		"function":      {dillFunction("numpy", "log1p") + ".", Global{"numpy", "log1p"}},
		"function of 2": {dillFunction("__builtin__", "len") + ".", Global{"__builtin__", "len"}},
		"type":          {"cdill._dill\n_load_type\nU\x05float\x85R.", Global{"builtins", "float"}},
		"called type":   {"cdill._dill\n_load_type\nU\x04list\x85R(K\x01l\x85R.", list(int64(1))},
		"type of None":  {"cdill.dill\n_load_type\nU\x08NoneType\x85R.", Global{"builtins", "NoneType"}},
		"dtype":         {"cdill._dill\n_create_dtypemeta\nN\x85R.", Global{"numpy", "dtype"}},
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
		"array by a function":   {"cdill._dill\n_create_array\n(cshop\nCart\n)NtR.", refused},
		"array by a value":      {"cdill._dill\n_create_array\n(N)NtR.", refused},
		"array of a class":      {"cdill._dill\n_create_array\n(cnumpy.core.multiarray\n_reconstruct\ncshop\nCart\nK\x00\x85C\x01b\x87NtR.", refused},
		"array of no state":     {dillArray + "NtR.", broken},
		"array of two things":   {"cdill._dill\n_create_array\nNN\x86R.", broken},
		"type getattr":          {"cdill._dill\n_load_type\nU\x07getattr\x85R.", refused},
		"type type":             {"cdill._dill\n_load_type\nU\x04type\x85R.", refused},
		"type eval":             {"cdill._dill\n_load_type\nU\x04eval\x85R.", refused},
		"type that is called":   {"cdill._dill\n_load_type\nU\x05float\x85RU\x011\x85R.", refused},
		"type of a number":      {"cdill._dill\n_load_type\nK\x01\x85R.", refused},
		"type of two":           {"cdill._dill\n_load_type\nNN\x86R.", broken},
		"dtype of two":          {"cdill._dill\n_create_dtypemeta\nNN\x86R.", broken},
		"function of os":        {dillFunction("os", "system") + ".", refused},
		"module of numpy":       {dillFunction("numpy.f2py", "crackfortran") + ".", refused},
		"eval":                  {dillFunction("builtins", "eval") + ".", refused},
		"function unknown":      {dillFunction("numpy", "load") + ".", refused},
		"function with a dot":   {dillFunction("sklearn", "a.b") + ".", refused},
		"function of a value":   {"cdill._dill\n_get_attr\ncbuiltins\nlist\nU\x01x\x86R.", refused},
		"function of an object": {"cdill._dill\n_get_attr\ncshop\nCart\n)RU\x01x\x86R.", refused},
		"module alone":          {"cdill._dill\n_import_module\nU\x04this\x85R.", refused},
		"module of a number":    {"cdill._dill\n_import_module\nK\x01\x85R.", refused},
		"two modules":           {"cdill._dill\n_import_module\nNN\x86R.", broken},
		"half a function":       {"cdill._dill\n_get_attr\nN\x85R.", broken},
		"called function":       {dillFunction("numpy", "log1p") + ")R.", refused},
		"function of dill":      {"cdill._dill\n_create_function\nN\x85R.", refused},
		"getattr of dill":       {"cdill._dill\n_get_attr\nNN\x86R.", refused},
		"state after an array":  {dillArray + dillFloats + "tRNb.", refused},
	} {
		_, err := read(c.program)
		if err == nil || !errors.As(err, c.want) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

// TestDillScan: what dill's functions reach for is in the report, and judged.
func TestDillScan(t *testing.T) {
	for program, hostile := range map[string]bool{
		dillFunction("numpy", "log1p") + ".":   false,
		dillFunction("os", "system") + ".":     true,
		dillFunction("builtins", "eval") + ".": true,
	} {
		r := Scan(strings.NewReader(program), Options{Allow: allowed, Limits: testLimits})
		if r.Hostile() != hostile || hostile == (r.Err == nil) {
			t.Errorf("%q: hostile %v, error %v", program, r.Hostile(), r.Err)
		}
	}
}

// TestPartial calls functools.partial of pandas' new_block, as frames of pandas 1.3 do,
// and of other things.
func TestPartial(t *testing.T) {
	const block = "cpandas.core.internals.blocks\nnew_block\n"
	partial := func(state string) string { return "cfunctools\npartial\n" + block + "\x85R" + state }
	allow := func(g Global) bool { return Pandas(g) || allowed(g) }
	v, err := readValue(strings.NewReader(partial("("+block+")}Ntb")+"K\x01\x85R."), allow, testLimits)
	if o, isObject := v.(*Object); err != nil || !isObject || o.Class.Name != "new_block" || len(o.Args) != 1 {
		t.Errorf("block is %v, %v", v, err)
	}
	for name, program := range map[string]string{
		"no state":       partial("") + ")R.",
		"other function": partial("(cshop\nCart\n)}Ntb") + ")R.",
		"arguments":      partial("("+block+"K\x01\x85}Ntb") + ")R.",
		"attributes":     partial("("+block+")}}tb") + ")R.",
		"other partial":  "cfunctools\npartial\ncshop\nCart\n\x85R(cshop\nCart\n)}Ntb)R.",
	} {
		var refused *RefusedError
		if _, err := readValue(strings.NewReader(program), allow, testLimits); !errors.As(err, &refused) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}
