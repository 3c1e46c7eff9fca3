// Package skops reads the files of skops.io: estimators of scikit-learn saved
// without pickle, as a zip archive of a JSON schema and .npy arrays.
//
// [Format] is how model.Open finds it:
//
//	m, err := model.Open("model.skops", []model.Format{skops.Format()})
//
// The schema is a tree of nodes, each of which names the class of what it describes
// and how skops would load it ("ObjectNode", "NdArrayNode", ...). Here the nodes
// become the same values that package pickle makes of a pickle, and package sklearn
// builds the model of them: what it serves in one kind of file it serves in the other.
// As there, nothing is ever called or imported, and a class that is not known is
// refused by its name.
//
// # Limits
//
// The archive is read into memory, never to disk, so the names of its entries lead
// nowhere; names with a folder in them are refused all the same, for skops writes
// none. The bytes that come out of decompression and the memory that the schema takes
// are bounded by model.Limits, before they are taken.
package skops
