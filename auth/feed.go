package auth

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"
)

// feedPatience is how long, unless the configuration says otherwise, the feed of
// ended sessions may stay unread before verified tokens are trusted no longer.
const feedPatience = 5 * time.Second

// feedReader follows a Feed and knows how long ago it was last read to its end.
// One goroutine reads; any may ask fresh.
type feedReader struct {
	source   Feed
	patience time.Duration
	outage   Outage // for the log
	log      *slog.Logger
	now      func() time.Time
	start    time.Time
	current  atomic.Int64 // time of the last complete reading, nanoseconds after start
	position int64
	reading  int64 // when the reading under way began
	failed   bool  // the last reading failed
	told     bool  // the log was told that tokens are refused
}

func newFeedReader(source Feed, patience time.Duration, outage Outage, logger *slog.Logger, now func() time.Time) *feedReader {
	return &feedReader{source: source, patience: patience, outage: outage, log: logger, now: now, start: now()}
}

// fresh reports whether the feed was read lately enough, at now, to trust what is
// remembered. For a while after the start it is, because nothing is remembered yet.
func (f *feedReader) fresh(now time.Time) bool {
	return now.Sub(f.start)-time.Duration(f.current.Load()) <= f.patience
}

// read returns the sessions that have ended since the last reading. gap says that
// some may be missing: the last complete reading is so long ago that the feed may
// have been pruned since, or the feed went back, as that of a restored store does.
// The caller acts on both and then calls done.
func (f *feedReader) read(ctx context.Context) (ended []string, gap bool) {
	now := f.now()
	f.reading, f.failed = int64(now.Sub(f.start)), false
	gap = !f.fresh(now)
	for {
		ids, next, err := f.source.EndedSince(ctx, f.position)
		if err != nil {
			f.fail(ctx, err, gap)
			return ended, gap
		}
		ended = append(ended, ids...)
		before := f.position
		f.position = next
		if next < before {
			return ended, true
		}
		if next == before || len(ids) == 0 {
			return ended, gap
		}
	}
}

// done records a complete reading, once the caller has acted on it.
func (f *feedReader) done(ctx context.Context) {
	if f.failed {
		return
	}
	f.current.Store(f.reading)
	if f.told {
		f.log.InfoContext(ctx, "the feed of ended sessions can be read again")
		f.told = false
	}
}

// fail records that a reading failed, and tells the log once when patience ends.
func (f *feedReader) fail(ctx context.Context, err error, stale bool) {
	f.failed = true
	if stale && !f.told && ctx.Err() != context.Canceled {
		f.told = true
		what := []any{"error", err}
		var hinted interface{ Hint() string }
		if errors.As(err, &hinted) && hinted.Hint() != "" {
			what = append(what, "hint", hinted.Hint())
		}
		text := "the feed of ended sessions cannot be read: access tokens are refused until it can"
		if f.outage == OutageServes {
			text = "the feed of ended sessions cannot be read: until it can, access tokens are accepted though their sessions may have ended"
		}
		f.log.ErrorContext(ctx, text, what...)
	}
}
