//go:build integration

package model_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
)

// shared returns a folder of the data that lies beside the repository.
func shared(t *testing.T, folder string) string {
	t.Helper()
	path := filepath.Join("..", "..", "shared", "data", folder)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("this test needs ../shared/data/%s beside the repository: %v", folder, err)
	}
	return path
}

// anything reads any pickle, whatever classes it names.
var anything = model.Format{
	Name:   "pickle",
	Detect: pickle.Detect,
	Read: func(src *model.Source, limits model.Limits) (mlapi.Model, error) {
		d, err := pickle.Read(src, pickle.Options{
			Allow:   func(pickle.Global) bool { return true },
			Limits:  pickle.Limits(limits),
			Sibling: src.Sibling,
		})
		if err != nil {
			return nil, err
		}
		return &loaded{d.Value, src.Compression}, nil
	},
}

// TestJoblibSamples reads joblib's own samples of its formats, written by joblib
// 0.8 to 0.12 on Python 2.7 to 3.6. Each holds the same list: arange(5) as int64 and
// as float64, three objects, the bytes 0 to 255 (text in Python 2), the matrix
// [[0 1 2]], and a text. Those of joblib before 0.10 have their arrays in files beside them.
func TestJoblibSamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared(t, "joblib_formats"), "*"))
	if err != nil || len(files) < 60 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	read := 0
	for _, file := range files {
		name := filepath.Base(file)
		if strings.Contains(name, ".npy") {
			continue // an array of another sample
		}
		m, err := model.Open(file, []model.Format{anything})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		read++
		if err := checkSample(m.(*loaded).value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if read != 43 {
		t.Errorf("%d samples were read, want 43", read)
	}
}

func checkSample(v pickle.Value) error {
	list, ok := v.(*pickle.List)
	if !ok || len(list.Items) < 5 {
		return fmt.Errorf("not the list of samples: %T", v)
	}
	var arrays []*pickle.Array
	for _, item := range list.Items {
		if a, ok := item.(*pickle.Array); ok {
			arrays = append(arrays, a)
		}
	}
	if len(arrays) != 4 {
		return fmt.Errorf("%d arrays", len(arrays))
	}
	whole, err := arrays[0].Int64s()
	if err != nil || !slices.Equal(whole, []int64{0, 1, 2, 3, 4}) || arrays[0].Dtype.String() != "<i8" {
		return fmt.Errorf("the first array is %v of %s, %v", whole, arrays[0].Dtype, err)
	}
	floats, err := arrays[1].Float64s()
	if err != nil || !slices.Equal(floats, []float64{0, 1, 2, 3, 4}) || arrays[1].Dtype.String() != "<f8" {
		return fmt.Errorf("the second array is %v of %s, %v", floats, arrays[1].Dtype, err)
	}
	objects := arrays[2].Objects
	if len(objects) != 3 || objects[0] != int64(1) || objects[1] != "abc" {
		return fmt.Errorf("the array of objects is %v", objects)
	}
	inner, ok := objects[2].(*pickle.Dict)
	if a, _ := inner.Get("a"); !ok || a != int64(1) {
		return fmt.Errorf("the array of objects is %v", objects)
	}
	matrix, err := arrays[3].Float64s()
	if err != nil || !slices.Equal(matrix, []float64{0, 1, 2}) || !slices.Equal(arrays[3].Shape, []int{1, 3}) {
		return fmt.Errorf("the matrix is %v of %v, %v", matrix, arrays[3].Shape, err)
	}
	return checkTexts(list.Items)
}

// checkTexts looks at the bytes 0 to 255 and the text among the samples.
func checkTexts(items []pickle.Value) error {
	bytes, text := false, false
	for _, item := range items {
		switch v := item.(type) {
		case string:
			runes := []rune(v)
			bytes = bytes || len(runes) == 256 && runes[255] == 255
			text = text || v == "C'est l'\u00e9t\u00e9 !"
		case []byte:
			bytes = bytes || len(v) == 256 && v[255] == 255
		}
	}
	if !bytes || !text {
		return fmt.Errorf("bytes read: %v, text read: %v", bytes, text)
	}
	return nil
}

// TestRealModels reads every model file of other projects with a list that allows
// everything: all must read, but for the one that calls what it computes and the one
// whose types are made when it is loaded, which is code of somebody's own.
func TestRealModels(t *testing.T) {
	read := 0
	err := filepath.Walk(shared(t, "models"), func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || slices.Contains([]string{".json", ".md"}, filepath.Ext(path)) {
			return err
		}
		m, err := model.Open(path, []model.Format{anything})
		switch {
		case strings.HasSuffix(path, "inference-pipeline/model.pickle"):
			if err == nil || !strings.Contains(err.Error(), "calls something that it computes") {
				t.Errorf("%s: %v", path, err)
			}
		case strings.HasSuffix(path, "segmentation_fn.dill"):
			if err == nil || !strings.Contains(err.Error(), "builtins.PartialType") {
				t.Errorf("%s: %v", path, err)
			}
		case err != nil:
			t.Errorf("%v", err)
		case reflect.ValueOf(m.(*loaded).value).IsNil():
			t.Errorf("%s holds nothing", path)
		default:
			read++
		}
		return nil
	})
	if err != nil || read < 40 {
		t.Errorf("%d models were read, %v", read, err)
	}
}
