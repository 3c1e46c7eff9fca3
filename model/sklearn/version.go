package sklearn

import (
	"strconv"
	"strings"
)

// version is a release of scikit-learn as far as it matters: 1.5.2 is {1, 5}.
type version struct{ major, minor int }

// The releases whose files are understood. The attributes of estimators are
// private and change without notice, so a release that nobody has looked at is
// refused.
var (
	oldest = version{0, 18}
	newest = version{1, 9}
)

// parseVersion reads the first two numbers of "1.5.2" or "0.22.2.post1".
func parseVersion(s string) (version, bool) {
	if len(s) > 40 || strings.ContainsFunc(s, odd) {
		return version{}, false // it stands in messages
	}
	first, rest, found := strings.Cut(s, ".")
	second, _, _ := strings.Cut(rest, ".")
	major, err := strconv.ParseUint(first, 10, 16)
	if err != nil || !found {
		return version{}, false
	}
	// A candidate has no dot behind the second number: 1.6rc1.
	if i := strings.IndexFunc(second, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		second = second[:i]
	}
	minor, err := strconv.ParseUint(second, 10, 16)
	return version{int(major), int(minor)}, err == nil
}

// odd reports whether r has no place in a version.
func odd(r rune) bool {
	return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || strings.ContainsRune(".+-", r))
}

// since reports whether v is the release major.minor or a later one.
func (v version) since(major, minor int) bool {
	return v.major > major || v.major == major && v.minor >= minor
}
