package postprocess

import (
	"fmt"

	"example.com/mlapi"
)

// Default returns the names of the parts that a model gets where API_POSTPROCESS is
// not set: "label", "class", "anomaly" or "none". It decides by the model's kind:
//
//	classifier        label
//	outlier detector  label; anomaly where asked for
//	regressor         none; class or anomaly where asked for
//	scorer            class; none where class is switched off, anomaly where asked for
//	transformer       none
//
// convertClass is API_CONVERT_CLASS_SCORES, nil where it is not set, and
// convertAnomaly API_CONVERT_ANOMALY_SCORES. Both true at once is refused by the
// configuration; here the anomaly scores win. The warnings, one sentence each, are
// to be shown at start: what a setting changes in an unexpected way, or that it
// changes nothing.
func Default(info *mlapi.Info, convertClass *bool, convertAnomaly bool) (names, warnings []string) {
	on, off := convertClass != nil && *convertClass, convertClass != nil && !*convertClass
	switch info.Task {
	case mlapi.Classifier:
		if convertAnomaly {
			warnings = append(warnings, noEffect("API_CONVERT_ANOMALY_SCORES", info, "its labels"))
		}
		return []string{"label"}, warnings
	case mlapi.Transformer:
		if convertAnomaly {
			warnings = append(warnings, noEffect("API_CONVERT_ANOMALY_SCORES", info, "the features that it makes"))
		}
		if on {
			warnings = append(warnings, noEffect("API_CONVERT_CLASS_SCORES", info, "the features that it makes"))
		}
		return []string{"none"}, warnings
	case mlapi.OutlierDetector:
		if convertAnomaly {
			return []string{"anomaly"}, nil
		}
		if on {
			warnings = append(warnings, noEffect("API_CONVERT_CLASS_SCORES", info, "its labels"))
		}
		return []string{"label"}, warnings
	}
	if convertAnomaly && info.Outputs == 1 {
		return []string{"anomaly"}, []string{fmt.Sprintf("API_CONVERT_ANOMALY_SCORES=True: numbers of the %s %s below 0 are answered as 1 and all else as 0", info.Task, info.Estimator)}
	}
	if convertAnomaly {
		warnings = append(warnings, fmt.Sprintf("API_CONVERT_ANOMALY_SCORES has no effect: %s gives %d numbers per row, not one", info.Estimator, info.Outputs))
	}
	switch {
	case info.Task == mlapi.Regressor && on:
		return []string{"class"}, append(warnings, fmt.Sprintf("API_CONVERT_CLASS_SCORES=True: numbers of the regressor %s strictly between 0 and 1 are answered as 1 above 0.5 and else as 0", info.Estimator))
	case info.Task == mlapi.Regressor, off:
		return []string{"none"}, warnings
	}
	return []string{"class"}, warnings
}

func noEffect(key string, info *mlapi.Info, answer string) string {
	return fmt.Sprintf("%s has no effect: %s (%s) answers %s", key, info.Estimator, info.Task, answer)
}
