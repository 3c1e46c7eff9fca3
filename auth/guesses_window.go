package auth

import (
	"encoding/binary"
	"time"
)

// window counts events of the last minute, in steps of 5 s: an event counts for 60
// to 65 s, so never more than the limit fall into any minute.
type window struct {
	last  int64              // the newest step, in units of windowStep since 1970
	steps [windowSteps]uint8 // the newest first
}

const (
	windowStep  = 5 * time.Second
	windowSteps = int64(time.Minute/windowStep) + 1
	windowLasts = time.Duration(windowSteps) * windowStep
	windowBytes = 8 + int(windowSteps)
)

// encode returns the window as it is kept.
func (w *window) encode() []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, windowBytes), uint64(w.last)), w.steps[:]...)
}

// decodeWindow reads what encode returned; anything else is an empty window.
func decodeWindow(text []byte) (w window) {
	if len(text) == windowBytes {
		w.last = int64(binary.BigEndian.Uint64(text))
		copy(w.steps[:], text[8:])
	}
	return w
}

// advance makes now the newest step. Where the clock was set back, all that counted
// counts from now on: nothing is unlocked, and nothing locked until the clock has
// caught up.
func (w *window) advance(now time.Time) {
	step := now.UnixNano() / int64(windowStep)
	if passed := step - w.last; passed > 0 {
		var steps [windowSteps]uint8
		if passed < windowSteps {
			copy(steps[passed:], w.steps[:])
		}
		w.steps = steps
	}
	w.last = step
}

// add counts an event at now.
func (w *window) add(now time.Time) {
	w.advance(now)
	if w.steps[0] < 255 {
		w.steps[0]++
	}
}

// remove takes an event back that was counted at a time which is not after the newest.
func (w *window) remove(at time.Time) {
	age := w.last - at.UnixNano()/int64(windowStep)
	if age >= 0 && age < windowSteps && w.steps[age] > 0 {
		w.steps[age]--
	}
}

// count returns how many events count at now.
func (w *window) count(now time.Time) (n int) {
	w.advance(now)
	for _, events := range w.steps {
		n += int(events)
	}
	return n
}

// wait returns how long it takes until fewer than limit events count.
func (w *window) wait(now time.Time, limit int) time.Duration {
	n := w.count(now)
	for age := windowSteps - 1; n >= limit && age >= 0; age-- {
		if n -= int(w.steps[age]); n < limit {
			over := w.last + windowSteps - age // the step in which those events count no more
			return time.Unix(0, over*int64(windowStep)).Sub(now)
		}
	}
	return 0
}
