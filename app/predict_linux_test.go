package app_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

// TestPredictMemory: a million rows take no more memory than a few.
func TestPredictMemory(t *testing.T) {
	const rows, most = 1_000_000, 100 << 20
	cmd := shipped(t, predictCommand(t, "--header", "no"))
	in, out := pipes(t, cmd)
	go func() {
		block := strings.Repeat(plainRow, 1000)
		for range rows / 1000 {
			_, _ = io.WriteString(in, block)
		}
	}()
	answers := bufio.NewScanner(out)
	for i := range rows {
		if !answers.Scan() {
			t.Fatalf("%d answers: %v", i, answers.Err())
		}
	}
	// The peak that wait(2) reports counts that of the test too, in which the process began.
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	var used int
	if _, peak, _ := strings.Cut(string(status), "VmHWM:"); peak != "" {
		_, err = fmt.Sscan(peak, &used)
	}
	if err != nil || used == 0 || used<<10 > most {
		t.Errorf("%d MiB of memory for %d rows: %v", used>>10, rows, err)
	}
	_ = in.Close()
	if answers.Scan() {
		t.Errorf("one answer more: %s", answers.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
