package auth

import "time"

// Limits on guessing (NIST SP 800-63B-4 §3.2.2: at most 100 in a row for an account,
// and a growing delay of up to an hour).
const (
	freeGuesses      = 20  // failed in a row for one name from one address, answered at once
	freeOfName       = 100 // failed for one name, from all addresses that never logged in to it
	guessesPerMinute = 100 // failed from one address
	firstDelay       = time.Second
	longestDelay     = time.Hour
	delaySteps       = 12 // doublings from the first delay beyond the longest

	// pairsLast is how long the failures of a pair stay after the last one. To wait for
	// that and have the free guesses again is no faster than one in each longestDelay.
	pairsLast = 24 * time.Hour
	// Of the failures for a name one is forgiven in each longestDelay, so that a trickle
	// over months, which no success of the owner's ends, does not add up.
	forgiveEvery = longestDelay
	familiarFor  = 90 * 24 * time.Hour
)

// clockStep is added to a delay: the store's clock has whole seconds, of which one
// may be all but over.
const clockStep = time.Second

// failure is what an attempt was counted as.
type failure struct {
	at       time.Time     // the store's clock
	familiar bool          // so it is not counted for the name from everywhere
	delay    time.Duration // that it causes where it fails
}

// waits are how long an attempt has to wait, for each reason.
type waits struct{ pair, address, name time.Duration }

func (w waits) longest() time.Duration { return max(w.pair, w.address, w.name) }

// mend empties counters that are over, and shortens what lies further ahead than any
// count puts it, which happens where the store's clock is set back: nobody waits for
// it to catch up.
func mend(now time.Time, counters []Counter) {
	longest := [attemptCounters]time.Duration{
		pairCounter:     longestDelay + clockStep + pairsLast,
		addressCounter:  windowLasts,
		nameCounter:     (freeOfName + delaySteps) * forgiveEvery,
		familiarCounter: familiarFor,
	}
	for i := range counters {
		c := &counters[i]
		if !c.Expires.After(now) && !c.Until.After(now) {
			*c = Counter{}
			continue
		}
		c.Expires = earlier(c.Expires, now.Add(longest[i]))
		c.Until = earlier(c.Until, now.Add(longestDelay+clockStep))
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// waitsOf returns how long the next attempt with these counters has to wait at now.
func waitsOf(now time.Time, counters []Counter) waits {
	until := func(c Counter) time.Duration { return max(0, c.Until.Sub(now)) }
	w := waits{pair: until(counters[pairCounter])}
	recent := decodeWindow(counters[addressCounter].Recent)
	w.address = recent.wait(now, guessesPerMinute)
	if !familiar(now, counters) {
		w.name = until(counters[nameCounter])
	}
	return w
}

// familiar reports whether the address logged in to the name before.
func familiar(now time.Time, counters []Counter) bool {
	return counters[familiarCounter].Expires.After(now)
}

// countFailure counts one more failed attempt at now.
func countFailure(now time.Time, counters []Counter) failure {
	pair := &counters[pairCounter]
	pair.Failed = min(pair.Failed+1, freeGuesses+delaySteps)
	pair.Until = hold(now, pair.Failed, freeGuesses)
	pair.Expires = now.Add(longestDelay + clockStep + pairsLast)

	address := &counters[addressCounter]
	recent := decodeWindow(address.Recent)
	recent.add(now)
	address.Recent, address.Expires = recent.encode(), now.Add(windowLasts)

	f := failure{at: now, familiar: familiar(now, counters)}
	if !f.familiar {
		name := &counters[nameCounter]
		weigh(now, name, +forgiveEvery)
		name.Until = hold(now, name.Failed, freeOfName)
	}
	return f
}

// takeBack makes an attempt that was counted as f one that succeeded.
func takeBack(now time.Time, counters []Counter, f failure) {
	counters[pairCounter] = Counter{}
	address := &counters[addressCounter]
	recent := decodeWindow(address.Recent)
	recent.remove(f.at)
	if address.Recent = recent.encode(); recent.count(now) == 0 {
		*address = Counter{}
	}
	if !f.familiar {
		name := &counters[nameCounter]
		weigh(now, name, -forgiveEvery)
		name.Until = time.Time{} // one more guess for each address that becomes familiar
	}
	counters[familiarCounter] = Counter{Expires: now.Add(familiarFor)}
}

// weigh adds to the time until all failures for a name are forgiven, or takes from
// it; their number follows from that.
func weigh(now time.Time, c *Counter, by time.Duration) {
	left := min(max(0, c.Expires.Sub(now))+by, (freeOfName+delaySteps)*forgiveEvery)
	if left <= 0 {
		*c = Counter{}
		return
	}
	c.Failed = int((left + forgiveEvery - 1) / forgiveEvery)
	c.Expires = now.Add(left)
}

// hold returns until when the next attempt waits after so many failed ones.
func hold(now time.Time, failed, free int) time.Time {
	if delay := delayAfter(failed, free); delay > 0 {
		return now.Add(delay + clockStep)
	}
	return time.Time{}
}

// delayAfter returns the delay after so many failed attempts in a row, of which some
// are free: none, then 1 s, doubled with each, up to an hour.
func delayAfter(failed, free int) time.Duration {
	switch steps := failed - free; {
	case steps < 0:
		return 0
	case steps >= delaySteps:
		return longestDelay
	default:
		return firstDelay << steps
	}
}
