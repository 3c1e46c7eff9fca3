package pickle

// AsInt returns v as a whole number: an int64, a bool (0 or 1), or a numpy scalar
// of such a dtype.
func AsInt(v Value) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case *Array:
		return scalarOf(v, (*Column).Int64s)
	}
	return 0, false
}

// AsFloat returns v as a float: a float64, all that AsInt takes, or a numpy scalar
// of floats.
func AsFloat(v Value) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case *Array:
		return scalarOf(v, (*Column).Float64s)
	}
	i, ok := AsInt(v)
	return float64(i), ok
}

// AsString returns v as a text: a string, or a numpy scalar of texts.
func AsString(v Value) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case *Array:
		return scalarOf(v, (*Column).Strings)
	}
	return "", false
}

// AsBool returns v as a truth value: a bool, or a numpy scalar of dtype bool.
func AsBool(v Value) (value, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case *Array:
		if v.Dtype.Kind == 'b' {
			i, ok := scalarOf(v, (*Column).Int64s)
			return i != 0, ok
		}
	}
	return false, false
}

// scalarOf returns the one element of an array without dimensions. Scalars of
// objects are none: they could hold each other without end.
func scalarOf[T any](a *Array, get func(*Column) ([]T, error)) (T, bool) {
	var zero T
	if len(a.Shape) != 0 || a.Dtype.hasObjects() || len(a.Data) < a.Dtype.Size || a.Dtype.Size == 0 && a.Dtype.Kind != 'U' && a.Dtype.Kind != 'S' {
		return zero, false
	}
	values, err := get(a.column())
	if err != nil || len(values) != 1 {
		return zero, false
	}
	return values[0], true
}
