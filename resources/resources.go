// Package resources holds the sample models that come with mlapi, and embeds the
// default one: the intrusion detector, which a server without a configured model
// answers with.
//
//	m, err := model.OpenReader(resources.ModelName, bytes.NewReader(resources.Model), int64(len(resources.Model)), formats)
//	encodings, err := preprocess.ReadEncodings(bytes.NewReader(resources.Encodings))
//
// Beside each model lie its encodings, the script that trained it, a card that
// says what it was trained on and how well it does, and examples.json: rows with
// what scikit-learn answers them. To change a sample, change its train.py, run it
// and write into the card what it prints; the test of this package fails until
// the card names the new file's SHA-256.
package resources

import _ "embed"

// ModelName and EncodingsName are where the embedded files lie in the repository,
// for messages.
const (
	ModelName     = "resources/intrusion/model.joblib"
	EncodingsName = "resources/intrusion/encoding.csv"
)

// Model is the default sample, a joblib file: a RandomForestClassifier of eight
// features with the classes "attack" and "normal". It must not be changed.
//
//go:embed intrusion/model.joblib
var Model []byte

// Encodings is the default sample's encoding CSV, for the columns protocol_type,
// service and flag; each has the category OTHER. It must not be changed.
//
//go:embed intrusion/encoding.csv
var Encodings []byte

// ExampleRows is the body of a prediction request with one row for the default
// sample: the 206th connection to a host within two seconds, opened and left
// half-open, as a scanner does. The answer is ["attack"].
const ExampleRows = `[["tcp","domain","S0",0,0,0,206,0.04]]`
