package app_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// codeBlocks returns the blocks of code in a language, "" where none is named, of a
// Markdown file.
func codeBlocks(t *testing.T, path, language string) []string {
	t.Helper()
	text := strings.ReplaceAll(read(t, path), "\r\n", "\n")
	var blocks []string
	for rest := text; ; {
		_, after, found := strings.Cut(rest, "\n```")
		if !found {
			return blocks
		}
		named, after, _ := strings.Cut(after, "\n")
		block, after, found := strings.Cut(after, "```\n")
		if !found {
			t.Fatalf("%s: a block of code is not closed", path)
		}
		if named == language {
			blocks = append(blocks, block)
		}
		rest = "\n" + after
	}
}

// docsFolder returns a folder with the files that the documents speak of, made of
// fixtures, and a shell's PATH on which mlapi is.
func docsFolder(t *testing.T) (folder, path string) {
	t.Helper()
	folder = t.TempDir()
	for name, fixture := range map[string]string{
		"model.joblib": "encoders_scaler.pkl", "bundle.pkl": "encoders_scaler.pkl",
		"vectorizer.pkl": "file_vectorizer.pkl", "model.pkl": "file_text_model.pkl",
	} {
		write(t, folder+"/"+name, read(t, bundlePath(t, fixture)))
	}
	const header = "id,age,sex,fare,port\n"
	write(t, folder+"/rows.csv", header+"u1,30,male,7.5,Q\nu2,4,female,80,C\n")
	write(t, folder+"/texts.ndjson", "[\"win cheap pills\"]\n[3]\n[\"meeting notes\"]\n")
	bin := folder + "/bin"
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, script := range map[string]string{
		"mlapi":    fmt.Sprintf("%s=1 exec '%s' \"$@\"", asCommand, self),
		"go":       fmt.Sprintf("shift 2; %s=1 exec '%s' \"$@\"", asCommand, self), // run ./cmd/mlapi
		"producer": "echo 30,male,7.5,Q",
		"consumer": "cat",
	} {
		if err := os.WriteFile(bin+"/"+name, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return folder, bin + ":" + os.Getenv("PATH")
}

// TestDocsRun runs every line for a shell that the documents show of predict and inspect.
func TestDocsRun(t *testing.T) {
	folder, path := docsFolder(t)
	ran := 0
	for _, file := range []string{"../docs/commands.md", "../README.md"} {
		for _, block := range codeBlocks(t, file, "sh") {
			for line := range strings.Lines(block) {
				if !strings.Contains(line, "mlapi predict") && !strings.Contains(line, "mlapi inspect") {
					continue
				}
				ran++
				cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
				cmd.Dir, cmd.Env = folder, []string{"PATH=" + path, "HOME=" + folder}
				if said, err := cmd.CombinedOutput(); err != nil || bytes.Contains(said, []byte("error: ")) {
					t.Errorf("%s: %s%v\n%s", file, line, err, said)
				}
			}
		}
	}
	if ran < 6 {
		t.Errorf("%d lines ran", ran)
	}
	for file, want := range map[string]string{
		"answers.csv":     "id,prediction,probability_0,probability_1,probability_2\nu1,",
		"predictions.csv": "prediction\n",
		"bad.ndjson":      "[3]\n",
	} {
		if got := read(t, folder+"/"+file); !strings.HasPrefix(got, want) {
			t.Errorf("%s is %q, want %q...", file, got, want)
		}
	}
}

// TestDocsShowWhatInspectShows holds docs/commands.md to the report of its bundle.
func TestDocsShowWhatInspectShows(t *testing.T) {
	folder, _ := docsFolder(t)
	out, err := command(t.Context(), folder, nil, "inspect", "bundle.pkl").Output()
	if err != nil {
		t.Fatal(err)
	}
	sameSize := func(text string) string {
		before, after, _ := strings.Cut(text, " in memory")
		return before[:strings.LastIndex(before, "about ")] + after // differs by the machine
	}
	for _, block := range codeBlocks(t, "../docs/commands.md", "") {
		if strings.HasPrefix(block, "bundle.pkl: ") {
			if !strings.HasPrefix(sameSize(string(out)), sameSize(block)) {
				t.Errorf("docs/commands.md shows\n%s\nand mlapi inspect\n%s", block, out)
			}
			return
		}
	}
	t.Error("docs/commands.md shows no report")
}
