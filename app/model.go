package app

import (
	"bytes"
	"os"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/transform"
	"example.com/mlapi/resources"
)

// openModel opens the configured model, or the embedded sample where paths is "".
// paths is one file, or a comma list of files that are applied in order.
func openModel(paths string, formats []model.Format) (mlapi.Model, error) {
	if paths == "" {
		return model.OpenReader(resources.ModelName, bytes.NewReader(resources.Model), int64(len(resources.Model)), formats)
	}
	var parts []mlapi.Model
	for _, path := range splitPaths(paths) {
		m, err := model.Open(path, formats)
		if err != nil {
			return nil, invalidSetting("API_MODEL_FILEPATH", err)
		}
		parts = append(parts, m)
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	m, err := transform.Join(parts)
	if err != nil {
		return nil, misuse("API_MODEL_FILEPATH: the files do not make one model: %v", err).
			hint("name the files in the order in which they are applied: what makes features first, the model last")
	}
	return m, nil
}

// splitPaths splits a comma list of files, unless there is a file that is called so.
func splitPaths(paths string) []string {
	if _, err := os.Lstat(paths); err == nil {
		return []string{paths}
	}
	var list []string
	for path := range strings.SplitSeq(paths, ",") {
		if path = strings.TrimSpace(path); path != "" {
			list = append(list, path)
		}
	}
	return list
}
