package mlapitest_test

import (
	"fmt"
	"strings"
	"testing"
)

// recorder is a testing.TB that keeps what a suite reports.
type recorder struct {
	testing.TB
	reports []string
	logs    []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.reports = append(r.reports, fmt.Sprintf(format, args...))
}

func (r *recorder) Logf(format string, args ...any) {
	r.logs = append(r.logs, fmt.Sprintf(format, args...))
}

// wantReport fails t unless a report has the wanted text; "" wants no report.
func wantReport(t *testing.T, r *recorder, want string) {
	t.Helper()
	switch {
	case want == "" && len(r.reports) > 0:
		t.Errorf("a sound part is reported:\n%s", strings.Join(r.reports, "\n"))
	case want != "" && !strings.Contains(strings.Join(r.reports, "\n"), want):
		t.Errorf("no report with %q; reports:\n%s", want, strings.Join(r.reports, "\n"))
	}
}
