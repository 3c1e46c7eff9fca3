package xgboost

import (
	"strconv"

	"example.com/mlapi/model/tree"
)

// readCategories reads the categories of category columns, which files have since
// 3.1: for each column the texts as one run of bytes with offsets, or the numbers.
func (b *Booster) readCategories(m object) error {
	cats, err := m.object("cats")
	if err != nil {
		return err
	}
	columns, err := cats.list("enc")
	if err != nil {
		return err
	}
	if len(columns) == 0 {
		return nil
	}
	if len(columns) != b.features {
		return broken("%d features have categories for %d", b.features, len(columns))
	}
	for i, item := range columns {
		column, ok := item.(object)
		if !ok {
			return broken("the categories of feature %d are no object", i)
		}
		codes := tree.Codes{Feature: i, Strict: true}
		if column.has("offsets") {
			codes.Texts, err = textCategories(column)
		} else {
			codes.Numbers, err = numberCategories(column)
		}
		if err != nil {
			return &Error{What: "the categories of feature " + strconv.Itoa(i), Cause: err}
		}
		if len(codes.Texts)+len(codes.Numbers) > 0 {
			b.coded = append(b.coded, codes)
		}
	}
	return nil
}

// The types of numbers that XGBoost writes otherwise than they are.
const (
	unsigned16 = 12
	unsigned32 = 14
	unsigned64 = 16
)

func textCategories(column object) ([]string, error) {
	offsets, err := column.ints("offsets")
	if err != nil {
		return nil, err
	}
	values, err := column.ints("values")
	if err != nil {
		return nil, err
	}
	text := make([]byte, len(values))
	for i, v := range values {
		text[i] = byte(v) // written as a signed byte
	}
	var list []string
	for i := 1; i < len(offsets); i++ {
		from, to := offsets[i-1], offsets[i]
		if from < 0 || to < from || to > int64(len(text)) {
			return nil, broken("text %d is bytes %d to %d of %d", i-1, from, to, len(text))
		}
		list = append(list, string(text[from:to]))
	}
	return list, nil
}

func numberCategories(column object) ([]float64, error) {
	kind, err := column.count("type", 0)
	if err != nil {
		return nil, err
	}
	values, err := column.numbers("values")
	if err != nil {
		return nil, err
	}
	// UBJSON has no wide unsigned numbers: they are written as signed ones.
	span, unsigned := map[int]float64{unsigned16: 1 << 16, unsigned32: 1 << 32, unsigned64: 1 << 64}[kind]
	for i, v := range values {
		if unsigned && v < 0 {
			values[i] = v + span
		}
	}
	return values, nil
}
