package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"example.com/mlapi"
	"example.com/mlapi/model"
)

// inspect is the command that tells what a model file is, also where it is hostile.
func (c *command) inspect() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Tell what a model file is, what it takes and answers, and whether to trust it",
		Long: `Tell what a model file holds, what rows it takes, what it answers, and what stands in
the way of serving it. Nothing in the file is run, so it is safe on files of
strangers: every class and function that a pickle names is listed. FILE may be a
comma list, as in API_MODEL_FILEPATH: then each file is told of.

Exit status: 0 it can be served, 3 it cannot, 4 it is hostile or broken, 1 it cannot
be read.`,
		Example: `  mlapi inspect model.joblib
  mlapi inspect downloaded.pkl --json | jq .status`,
		Args: exactArgs("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runInspect(cmd.Context(), args[0], asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, one object for each file")
	return cmd
}

// inspection is what mlapi inspect tells, and the form of its --json: fields are added,
// never changed.
type inspection struct {
	File   string `json:"file"`
	Status string `json:"status"` // served, unsupported, broken or hostile
	Size   int64  `json:"size"`   // bytes on disk
	*model.Report
	Memory    int64         `json:"memory,omitempty"` // about how many bytes the model takes
	Estimator string        `json:"estimator,omitempty"`
	Task      string        `json:"task,omitempty"`
	Scores    string        `json:"scores,omitempty"`
	Outputs   int           `json:"outputs,omitempty"`
	Classes   []any         `json:"classes,omitempty"`
	Features  []featureJSON `json:"features,omitempty"`
	Notes     []string      `json:"notes,omitempty"`

	verdict model.Verdict
}

// featureJSON is a feature as the server's page of the model has it.
type featureJSON struct {
	Name       string   `json:"name"`
	Type       string   `json:"type"`
	Categories []string `json:"categories,omitempty"`
}

// inspectGC is by how many percent the memory may grow before what was dropped is
// collected.
const inspectGC = 25

func (c *command) runInspect(ctx context.Context, paths string, asJSON bool) error {
	worst, files := model.Served, splitPaths(paths)
	if len(files) == 0 {
		return misuse("mlapi inspect is given no file").hint("usage: mlapi inspect FILE")
	}
	// A file is read several times, and a hostile one fills the memory each time.
	defer debug.SetGCPercent(debug.SetGCPercent(inspectGC))
	for i, path := range files {
		if ctx.Err() != nil {
			return problem(ctx.Err(), "stopped before %s", path).hint("it was not looked at, nor what comes after it")
		}
		n, err := c.look(path)
		if err != nil {
			return err
		}
		worst = max(worst, n.verdict)
		if err := c.tell(n, asJSON, i > 0); err != nil {
			return err
		}
	}
	if len(files) > 1 && worst == model.Served {
		n := c.together(paths)
		worst = n.verdict
		if err := c.tell(n, asJSON, true); err != nil {
			return err
		}
	}
	switch worst {
	case model.Served:
		return nil
	case model.Refused:
		return statusError(exitUnsupported)
	}
	return statusError(exitHostile)
}

// tell writes one inspection, behind others or not.
func (c *command) tell(n *inspection, asJSON, behind bool) error {
	var err error
	switch {
	case asJSON:
		err = n.writeJSON(c.env.Stdout)
	case behind:
		_, err = io.WriteString(c.env.Stdout, "\n")
		fallthrough
	default:
		err = errors.Join(err, n.writeText(c.env.Stdout))
	}
	if err != nil {
		return problem(err, "writing the report: %v", plain(err))
	}
	return nil
}

// together inspects the model that several files make, each of which can be served.
func (c *command) together(paths string) *inspection {
	n := &inspection{File: paths, Report: &model.Report{Format: "several files"}}
	for _, path := range splitPaths(paths) {
		name, _, _ := strings.Cut(path, "#$")
		if info, err := os.Stat(name); err == nil {
			n.Size += info.Size()
		}
	}
	m, err := openModel(paths, c.parts.formats)
	if err != nil {
		n.Problems = []model.Problem{{Kind: model.Unsupported, What: strings.TrimPrefix(err.Error(), "API_MODEL_FILEPATH: "), Hint: hintOf(err)}}
		n.verdict = model.Refused
	} else {
		n.describe(m.Info())
		n.Writer = m.Info().Writer
	}
	n.Status = n.verdict.String()
	return n
}

// look inspects one file.
func (c *command) look(path string) (*inspection, error) {
	before := heap()
	r, m, err := model.Inspect(path, c.parts.formats)
	if err != nil {
		return nil, err
	}
	n := &inspection{File: path, Report: r, verdict: r.Verdict()}
	n.Status = n.verdict.String()
	name, _, _ := strings.Cut(path, "#$")
	for _, name := range []string{path, name} {
		if info, err := os.Stat(name); err == nil {
			n.Size = info.Size()
			break
		}
	}
	if m == nil {
		return n, nil
	}
	n.Memory = max(heap()-before, 0)
	n.describe(m.Info())
	runtime.KeepAlive(m)
	return n, nil
}

// heap returns the bytes of memory that are in use.
func heap() int64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

// describe takes over what a model says of itself.
func (n *inspection) describe(info *mlapi.Info) {
	n.Estimator, n.Task, n.Outputs, n.Notes = info.Estimator, info.Task.String(), info.Outputs, info.Notes
	if info.Scores != mlapi.NoScores {
		n.Scores = info.Scores.String()
	}
	for _, class := range info.Classes {
		v := class.Value()
		if f, ok := v.(float64); ok && f-f != 0 {
			v = nil // a class of NaN has no JSON
		}
		n.Classes = append(n.Classes, v)
	}
	for _, f := range info.Features {
		n.Features = append(n.Features, featureJSON{f.Name, f.Type.String(), f.Categories})
	}
}

func (n *inspection) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(n)
}
