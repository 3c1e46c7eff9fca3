package app

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// bar shows how far a run has come. A nil bar shows nothing.
type bar struct{ p *progressbar.ProgressBar }

// newBar returns a bar on w for size bytes, -1 where unknown.
func newBar(w io.Writer, size int64) *bar {
	const often = 100 * time.Millisecond
	return &bar{progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(w),
		progressbar.OptionShowBytes(true),
		progressbar.OptionThrottle(often),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetWidth(30),
		progressbar.OptionSpinnerType(14),
	)}
}

// set shows that n bytes are done. What the terminal makes of it is no concern of the
// run.
func (b *bar) set(n int64) { _ = b.p.Set64(n) }

// clear makes room for other text.
func (b *bar) clear() {
	if b != nil {
		_ = b.p.Clear()
	}
}
