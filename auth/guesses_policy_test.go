package auth

import (
	"testing"
	"time"
)

func TestDelayAfter(t *testing.T) {
	for _, c := range []struct {
		failed, free int
		want         time.Duration
	}{
		{0, 20, 0}, {19, 20, 0}, {20, 20, time.Second}, {21, 20, 2 * time.Second}, {31, 20, 2048 * time.Second},
		{32, 20, time.Hour}, {1 << 40, 20, time.Hour}, {99, 100, 0}, {100, 100, time.Second}, {112, 100, time.Hour},
	} {
		if got := delayAfter(c.failed, c.free); got != c.want {
			t.Errorf("%d failed, %d free: %v, want %v", c.failed, c.free, got, c.want)
		}
	}
}

// script plays attempts on one set of counters.
type script struct {
	now      time.Time
	counters []Counter
}

func newScript() *script {
	return &script{now: time.Unix(1_800_000_000, 0), counters: make([]Counter, attemptCounters)}
}

// other goes on from an address that never logged in nor tried.
func (s *script) other() *script {
	s.counters[pairCounter], s.counters[addressCounter], s.counters[familiarCounter] = Counter{}, Counter{}, Counter{}
	return s
}

// fail makes failed attempts, each as soon as it is let, and returns the last wait.
func (s *script) fail(times int) (wait time.Duration) {
	for range times {
		mend(s.now, s.counters)
		wait = waitsOf(s.now, s.counters).longest()
		s.now = s.now.Add(wait)
		mend(s.now, s.counters)
		countFailure(s.now, s.counters)
	}
	return wait
}

func (s *script) succeed() {
	f := countFailure(s.now, s.counters)
	takeBack(s.now, s.counters, f)
}

func (s *script) waits() waits {
	mend(s.now, s.counters)
	return waitsOf(s.now, s.counters)
}

func TestPairPolicy(t *testing.T) {
	s := newScript()
	if wait := s.fail(20); wait != 0 {
		t.Errorf("the 20th waits %v", wait)
	}
	if wait := s.fail(1); wait != 2*time.Second { // 1 s by a clock of whole seconds
		t.Errorf("the 21st waits %v", wait)
	}
	s.fail(40)
	if got := s.waits(); got.pair != time.Hour+clockStep {
		t.Errorf("after many: %+v", got)
	}
	began := s.now
	s.fail(240)
	if took := s.now.Sub(began); took < 239*time.Hour || s.counters[pairCounter].Failed > freeGuesses+delaySteps {
		t.Errorf("240 guesses took %v", took)
	}
	// Waiting long enough to be free again is no faster than going on.
	s.now = s.now.Add(pairsLast)
	if got := s.waits(); got.pair != 0 || s.counters[pairCounter].Failed == 0 {
		t.Errorf("after a day: %+v", got)
	}
	s.now = s.now.Add(longestDelay + clockStep)
	s.waits()
	if s.counters[pairCounter].Failed != 0 {
		t.Error("the failures are kept for ever")
	}
}

func TestNamePolicy(t *testing.T) {
	s := newScript()
	for i := range freeOfName {
		if wait := s.other().fail(1); wait != 0 {
			t.Fatalf("guess %d from everywhere waits %v", i+1, wait)
		}
	}
	if got := s.other().waits(); got.name != 2*time.Second || got.pair != 0 || got.address != 0 {
		t.Errorf("after the free ones: %+v", got)
	}
	// In the long run, whatever the rhythm: one an hour.
	for _, rest := range []time.Duration{0, 10 * time.Hour, 50 * time.Hour} {
		began, guesses := s.now, 0
		for s.now.Sub(began) < 1000*time.Hour {
			s.now = s.now.Add(rest)
			for s.other().waits().name < time.Minute {
				s.other().fail(1)
				guesses++
			}
			s.other().fail(1)
			guesses++
		}
		if guesses > 1000+freeOfName+delaySteps {
			t.Errorf("with rests of %v: %d guesses in 1,000 h", rest, guesses)
		}
	}
	s.now = s.now.Add((freeOfName + delaySteps) * forgiveEvery)
	s.waits()
	if s.counters[nameCounter].Failed != 0 {
		t.Error("the failures are never forgiven")
	}
}

// Who succeeds from a new address under attack is let through from then on, and the
// attacker gains one guess.
func TestNamePolicyAndSuccess(t *testing.T) {
	s := newScript()
	for range freeOfName + 5 {
		s.other().fail(1)
	}
	s.now = s.now.Add(s.other().waits().name)
	before := s.counters[nameCounter].Failed
	s.succeed()
	if got := s.waits(); got.longest() != 0 || s.counters[nameCounter].Failed != before {
		t.Errorf("after a success: %+v, %d failed, before %d", got, s.counters[nameCounter].Failed, before)
	}
	owner := s.counters[familiarCounter]
	s.other().fail(1)
	if got := s.other().waits(); got.name < 30*time.Second {
		t.Errorf("a success gave the attacker more than one guess: %+v", got)
	}
	s.other().counters[familiarCounter] = owner
	counted := s.counters[nameCounter]
	if got := s.waits(); got.name != 0 {
		t.Errorf("the owner waits %+v", got)
	}
	s.succeed() // neither counts nor frees
	if got := s.counters[nameCounter]; got.Failed != counted.Failed || !got.Until.Equal(counted.Until) {
		t.Errorf("a familiar success changed %+v to %+v", counted, s.counters[nameCounter])
	}
}

// A familiar address is let through by the bound of the name alone.
func TestFamiliarAddressesHaveTheOtherBounds(t *testing.T) {
	s := newScript()
	s.succeed()
	s.fail(freeGuesses)
	if got := s.waits(); got.pair == 0 {
		t.Error("a familiar address guesses without end")
	}
	s.counters[pairCounter] = Counter{}
	for range guessesPerMinute - freeGuesses {
		s.counters[pairCounter] = Counter{}
		s.fail(1)
	}
	if got := s.waits(); got.address == 0 {
		t.Error("a familiar address has no bound over names")
	}
}

// A clock that is set back, by however much, locks nobody for longer.
func TestMendAfterAClockSetBack(t *testing.T) {
	s := newScript()
	for range freeOfName + delaySteps {
		s.other().fail(1)
	}
	s.fail(freeGuesses + delaySteps)
	s.now = s.now.AddDate(-20, 0, 0)
	if got := s.waits(); got.pair > longestDelay+clockStep || got.name > longestDelay+clockStep || got.address > windowLasts {
		t.Errorf("set back 20 years: %+v", got)
	}
	s.now = s.now.Add(longestDelay + clockStep)
	if got := s.waits(); got.longest() != 0 {
		t.Errorf("an hour later: %+v", got)
	}
}
