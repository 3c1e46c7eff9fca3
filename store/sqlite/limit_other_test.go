//go:build !linux && !darwin

package sqlite_test

import "errors"

// limitFiles has nothing to limit with here.
func limitFiles(string) error { return errors.ErrUnsupported }
