package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"example.com/mlapi"
	"example.com/mlapi/batch"
	"example.com/mlapi/config"
)

// predictFlags are the flags of mlapi predict as given.
type predictFlags struct {
	from, to, header, delimiter, output string
	keep, drop                          []string
	out, bad                            string
	encodings, unknown                  string
	preprocess, postprocess             []string
}

// predict is the command that scores files and streams without a server.
func (c *command) predict() *cobra.Command {
	var f predictFlags
	cmd := &cobra.Command{
		Use:   "predict FILE [ROWS]",
		Short: "Answer the rows of a CSV or JSON file, or of a pipe, without a server",
		Long: `Answer rows without a server, the way the server answers them. FILE is a model
file, or a comma list of files applied in order, as in API_MODEL_FILEPATH. ROWS is
a file of CSV, NDJSON (a row in each line) or a JSON list of rows; without it, or with
-, rows come from standard input.

CSV needs no header; with one, columns are matched by the names of the model's
features, whatever their order. Answers go to standard output while rows still
come in, one for each row, in order. docs/commands.md tells more.`,
		Example: `  mlapi predict model.joblib rows.csv > answers.csv
  mlapi predict model.joblib rows.csv --keep id --output all --out answers.csv
  mlapi predict model.joblib rows.csv --bad bad.csv | head
  producer | mlapi predict model.joblib --header no | consumer`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 || len(args) == 2 {
				return nil
			}
			return misuse("%s takes FILE and perhaps ROWS, and got %d arguments", cmd.CommandPath(), len(args)).
				hint("%s", "usage: "+cmd.UseLine())
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			rows := "-"
			if len(args) > 1 {
				rows = args[1]
			}
			return c.runPredict(cmd.Context(), &f, args[0], rows)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "auto", "form of the rows: auto, csv or ndjson (which a JSON list is too)")
	flags.StringVar(&f.to, "format", "auto", "form of the answers: auto (as the rows), csv or ndjson")
	flags.StringVar(&f.header, "header", "auto", "whether a CSV begins with names: auto, yes, or no (then the answers have none either)")
	flags.StringVar(&f.delimiter, "delimiter", "auto", "what stands between the values of a CSV: auto, comma, semicolon, tab, or the character")
	flags.StringSliceVar(&f.keep, "keep", nil, "columns to copy in front of the answers, by name or number from 0")
	flags.StringSliceVar(&f.drop, "drop", nil, "columns to leave out, by name or number from 0")
	flags.StringVar(&f.output, "output", "label", "what to answer: label, scores or all")
	flags.StringVarP(&f.out, "out", "o", "", "file for the answers; it appears when they are complete")
	flags.StringVar(&f.bad, "bad", "", "file for the lines that cannot be answered; without it the first one ends the run")
	flags.StringVar(&f.encodings, "encodings", "", "encoding CSV (default API_CATEGORICAL_ENCODING_FILEPATH)")
	flags.StringVar(&f.unknown, "unknown-category", "", "error, or the category for unknown ones (default API_UNKNOWN_CATEGORY)")
	flags.StringSliceVar(&f.preprocess, "preprocess", nil, "parts before the model (default API_PREPROCESS)")
	flags.StringSliceVar(&f.postprocess, "postprocess", nil, "parts behind the model (default API_POSTPROCESS)")
	for name, words := range map[string][]string{
		"from": {"auto", "csv", "ndjson"}, "format": {"auto", "csv", "ndjson"}, "header": {"auto", "yes", "no"},
		"delimiter": {"auto", "comma", "semicolon", "tab"}, "output": {"label", "scores", "all"},
	} {
		// It fails for a name that is no flag only, which the tests would see.
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

// word returns what a flag's word stands for.
func word[V any](flag, text string, words map[string]V, allowed string) (V, error) {
	v, known := words[text]
	if !known {
		return v, misuse("--%s: %q is not one of %s", flag, text, allowed).hint("see mlapi predict --help")
	}
	return v, nil
}

// job returns what the flags say of the rows and the answers.
func (f *predictFlags) job() (*batch.Job, error) {
	formats := map[string]batch.Format{"auto": batch.Auto, "csv": batch.CSV, "ndjson": batch.NDJSON}
	headers := map[string]batch.Header{"auto": batch.HeaderAuto, "yes": batch.HeaderYes, "no": batch.HeaderNo}
	outputs := map[string]batch.Output{"label": batch.Label, "scores": batch.Scores, "all": batch.All}
	job := &batch.Job{Keep: f.keep, Drop: f.drop}
	var err [5]error
	job.From, err[0] = word("from", f.from, formats, "auto, csv and ndjson")
	job.To, err[1] = word("format", f.to, formats, "auto, csv and ndjson")
	job.Header, err[2] = word("header", f.header, headers, "auto, yes and no")
	job.Want, err[3] = word("output", f.output, outputs, "label, scores and all")
	job.Delimiter, err[4] = f.delimiterByte()
	return job, errors.Join(err[:]...)
}

func (f *predictFlags) delimiterByte() (byte, error) {
	named := map[string]byte{"auto": 0, "comma": ',', "semicolon": ';', "tab": '\t', `\t`: '\t', "pipe": '|', "space": ' '}
	if d, known := named[f.delimiter]; known {
		return d, nil
	}
	if len(f.delimiter) == 1 && f.delimiter[0] >= ' ' && f.delimiter[0] < 0x7f && f.delimiter[0] != '"' || f.delimiter == "\t" || f.delimiter == "\x01" {
		return f.delimiter[0], nil
	}
	return 0, misuse("--delimiter: %q is not one character of ASCII", f.delimiter).hint("such as: comma, semicolon, tab, or '|'")
}

// runPredict scores the rows.
func (c *command) runPredict(ctx context.Context, f *predictFlags, file, rows string) (err error) {
	job, err := f.job()
	if err != nil {
		return err
	}
	cfg, err := c.load(nil)
	if err != nil {
		return err
	}
	if job.Pipeline, err = c.predictPipeline(cfg, f, file); err != nil {
		return err
	}
	info := job.Pipeline.Model.Info()
	if job.Want != batch.Label && info.Scores == mlapi.NoScores {
		return misuse("--output %s: the model, %s, gives no scores", f.output, info.Estimator).hint("leave --output out")
	}
	files, err := c.openPredictFiles(f, file, rows)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, files.close(err == nil)) }()
	job.Input, job.Output, job.Bad = files.in, files.out, files.side()
	talk := c.newTalk(files)
	job.Note, job.Report, job.Progress = talk.note, talk.report, talk.progress()
	sum, err := job.Run(ctx)
	talk.done(sum, f.bad)
	return explainPredict(err, f, rows)
}

// explainPredict turns the end of a run into what a person is told.
func explainPredict(err error, f *predictFlags, rows string) error {
	if rows == "-" {
		rows = "standard input"
	}
	var row *batch.RowError
	var input *batch.InputError
	var output *batch.OutputError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return problem(err, "interrupted")
	case errors.As(err, &output):
		if errors.Is(err, syscall.EPIPE) && f.out == "" {
			return nil // whoever read the answers has enough of them
		}
		return problem(err, "writing the answers: %v", plain(output.Cause)).hint("is the disk full?")
	case errors.As(err, &row):
		return problem(err, "%s: %v", rows, row).hint("%s", row.Hint())
	case errors.As(err, &input):
		return problem(err, "%s: %v", rows, input).hint("%s", input.Hint())
	}
	if e, ok := errors.AsType[*mlapi.Error](err); ok && e.Cause != nil {
		return problem(err, "the model failed on the rows: %v", e.Cause).hint("this is a fault of mlapi or of a part of your own: please report it")
	}
	return problem(err, "%s: %v", rows, plain(err))
}

// predictPipeline opens the model with the parts that the configuration and the flags
// choose. What is configured for another model does not count.
func (c *command) predictPipeline(cfg *config.Config, f *predictFlags, file string) (*mlapi.Pipeline, error) {
	if configured := cfg.API.Model; configured != "" && !sameFiles(configured, file) {
		if cfg.API.Encodings != "" || len(cfg.API.Preprocess)+len(cfg.API.Postprocess) > 0 {
			writeLine(c.env.Stderr, "note", "the configured encodings, preprocessors and postprocessors belong to "+configured+" and are not used")
		}
		fresh := config.Default().API
		cfg.API.Encodings, cfg.API.Preprocess, cfg.API.Postprocess = "", nil, nil
		cfg.API.UnknownCategory = fresh.UnknownCategory
		cfg.API.ConvertClassScores, cfg.API.ConvertAnomalyScores = fresh.ConvertClassScores, fresh.ConvertAnomalyScores
	}
	if f.encodings != "" {
		if _, err := os.Stat(f.encodings); err != nil {
			return nil, fileError("--encodings", f.encodings, err)
		}
	}
	cfg.API.Model = file
	cfg.API.Encodings = cmp.Or(f.encodings, cfg.API.Encodings)
	cfg.API.UnknownCategory = cmp.Or(f.unknown, cfg.API.UnknownCategory)
	if len(f.preprocess) > 0 {
		cfg.API.Preprocess = f.preprocess
	}
	if len(f.postprocess) > 0 {
		cfg.API.Postprocess = f.postprocess
	}
	a := &App{}
	if err := a.openPipeline(cfg, c.parts); err != nil {
		var p *problemError
		if errors.As(err, &p) {
			// The file was named by an argument, not by the key: it is at fault, and not
			// the configuration.
			if text, ofModel := strings.CutPrefix(p.text, "API_MODEL_FILEPATH: "); ofModel {
				p.text, p.usage = text, false
			}
		}
		return nil, err
	}
	for _, text := range a.warnings {
		writeLine(c.env.Stderr, "warning", text)
	}
	return a.pipeline, nil
}

// sameFiles reports whether two lists of files are the same.
func sameFiles(a, b string) bool {
	one, other := strings.Split(a, ","), strings.Split(b, ",")
	if len(one) != len(other) {
		return false
	}
	for i := range one {
		first, err := filepath.Abs(strings.TrimSpace(one[i]))
		second, err2 := filepath.Abs(strings.TrimSpace(other[i]))
		if err != nil || err2 != nil || first != second {
			return false
		}
	}
	return true
}

// stdin returns standard input, or an empty one where there is none.
func (c *command) stdin() io.Reader {
	if c.env.Stdin == nil {
		return strings.NewReader("")
	}
	return c.env.Stdin
}

// fileError is a file of an argument that cannot be opened.
func fileError(what, path string, err error) error {
	return problem(err, "%s %s: %v", what, path, plain(err)).hint("%s", fileHint(err))
}

func fileHint(err error) string {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "is the path right? it counts from the working folder"
	case errors.Is(err, os.ErrPermission):
		return "you may not open it"
	}
	return fmt.Sprintf("%T", err)
}
