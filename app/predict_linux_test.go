package app_test

import (
	"bufio"
	"io"
	"strings"
	"syscall"
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
		_ = in.Close()
	}()
	answers := 0
	for s := bufio.NewScanner(out); s.Scan(); {
		answers++
	}
	if err := cmd.Wait(); err != nil || answers != rows {
		t.Fatalf("%d answers: %v", answers, err)
	}
	if used := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10; used > most {
		t.Errorf("%d MiB of memory for %d rows", used>>20, rows)
	}
}
