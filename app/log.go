package app

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"example.com/mlapi"
	"example.com/mlapi/config"
)

// openLog opens the log: the file, appended, or standard error. Close the closer
// when the program ends.
func openLog(cfg config.Logging, stderr io.Writer) (*slog.Logger, io.Closer, error) {
	level, on := cfg.Level.Slog()
	if !on {
		return slog.New(slog.DiscardHandler), io.NopCloser(nil), nil
	}
	w, closer := stderr, io.NopCloser(nil)
	if cfg.File != "" {
		f, err := openLogFile(cfg.File)
		if err != nil {
			return nil, nil, misuse("LOGGING_FILEPATH: the log file %s cannot be written: %v", cfg.File, plain(err)).
				hint("name a file that the user who runs mlapi can write, or leave the key out: the log then goes to standard error")
		}
		w, closer = f, f
	}
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: nameCritical}
	var h slog.Handler = slog.NewTextHandler(w, options)
	if cfg.Format == config.FormatJSON {
		h = slog.NewJSONHandler(w, options)
	}
	return slog.New(requestHandler{h}), closer, nil
}

func openLogFile(file string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// critical is the level above slog's own, which slog would call ERROR+4.
const critical = slog.LevelError + 4

func nameCritical(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.LevelKey && len(groups) == 0 && a.Value.Any() == any(critical) {
		a.Value = slog.StringValue("CRITICAL")
	}
	return a
}

// requestHandler adds the request's identifier to every record that is logged
// with a request's context, so that what the parts say of a request can be found
// by the identifier that its answer carried.
type requestHandler struct{ slog.Handler }

func (h requestHandler) Handle(ctx context.Context, r slog.Record) error {
	if id := mlapi.RequestIDFrom(ctx); id != "" {
		r.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h requestHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestHandler{h.Handler.WithAttrs(attrs)}
}

func (h requestHandler) WithGroup(name string) slog.Handler {
	return requestHandler{h.Handler.WithGroup(name)}
}
