//go:build race

package pickle

// memoryCounts is false under the race detector: buffers that grow are allocated
// otherwise there, and the plain run of the same tests has counted them.
const memoryCounts = false
