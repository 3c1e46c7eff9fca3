//go:build integration

package app_test

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// signatures returns how many RSA signatures a second all cores make of an algorithm,
// measured in a process of its own, without the race detector.
func signatures(t *testing.T, algorithm string) float64 {
	t.Helper()
	out, err := exec.Command("go", "test", "-run", "^$", "-bench", "^BenchmarkSignature$/^"+algorithm+"$", "-benchtime", "2s", "../auth").CombinedOutput()
	found := regexp.MustCompile(`([0-9.]+) ns/op`).FindSubmatch(out)
	if err != nil || found == nil {
		t.Fatalf("go test -bench: %v\n%s", err, out)
	}
	nanoseconds, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return 1e9 / nanoseconds
}

// rotationRate returns how many refreshes a second the cluster answers to clients that
// refresh as fast as they can.
func (c *cluster) rotationRate(clients int, long time.Duration) float64 {
	c.t.Helper()
	var done atomic.Int64
	var all sync.WaitGroup
	ready := make([]*persistent, clients)
	for i := range ready {
		ready[i] = &persistent{newest: loggedIn(c.t, c.servers[i%len(c.servers)], instanceOfAnn(i))}
	}
	begin := time.Now()
	for i, p := range ready {
		all.Go(func() {
			for time.Since(begin) < long {
				if err := p.once(c, fmt.Sprint("rotation-", p.rotations)); err != nil {
					c.t.Errorf("client %d: %v", i, err)
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	return float64(done.Load()) / time.Since(begin).Seconds()
}

// TestRotationRate: three servers, PostgreSQL, nginx and the clients share the cores,
// and refresh at 70 % or more of the rate at which the same cores could sign the two
// tokens of each refresh and do nothing else. So it is with RS512, the default.
func TestRotationRate(t *testing.T) {
	for algorithm, least := range map[string]float64{"RS512": 0.7, "RS256": 0} {
		t.Run(algorithm, func(t *testing.T) {
			c := startCluster(t, true, "AUTH_ALGORITHM="+algorithm, "API_ENABLED=False")
			before := signatures(t, algorithm)
			rate := c.rotationRate(16, 6*time.Second)
			after := signatures(t, algorithm)
			allowed := (before + after) / 2 / 2
			t.Logf("%s: %.0f refreshes a second; signing alone allows %.0f: %.0f %%", algorithm, rate, allowed, 100*rate/allowed)
			if rate < least*allowed {
				t.Errorf("that is under %.0f %%", 100*least)
			}
		})
	}
}
