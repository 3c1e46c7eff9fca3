// Command bench compares single-row authorised predictions of mlapi with a bare
// net/http handler that reads the body and answers a constant, in one run, with
// the same load generator, connections and body, in turn:
//
//	go run ./scripts/bench
//	go run ./scripts/bench -model m.joblib -encodings e.csv -row '[["TCP","S0"]]'
//
// The generator shares the machine's cores with the side it measures; both sides
// have that handicap. Medians over the rounds and the ratio are printed; lone
// figures of one machine say nothing of another.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"time"

	"example.com/mlapi/resources"
)

type options struct {
	connections, rounds int
	duration            time.Duration
	model, encodings    string
	row, logFile        string
	least               float64
}

func main() {
	var o options
	bare := flag.Bool("bare", false, "be the bare handler (used by the benchmark itself)")
	flag.IntVar(&o.connections, "connections", 16, "connections at once")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds; each measures both sides")
	flag.DurationVar(&o.duration, "time", 3*time.Second, "time for one side in one round")
	flag.StringVar(&o.model, "model", "", "model file (default: the sample)")
	flag.StringVar(&o.encodings, "encodings", "", "encoding CSV")
	flag.StringVar(&o.row, "row", resources.ExampleRows, "the body")
	flag.StringVar(&o.logFile, "log", "", "log at level 20 to this file (default: logging off)")
	flag.Float64Var(&o.least, "least", 0, "fail below this ratio")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if *bare {
		err = serveBare(ctx)
	} else {
		err = run(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		stop()
		os.Exit(1)
	}
}

// serveBare is the ceiling: it reads the body and answers a constant.
func serveBare(ctx context.Context) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("Address  http://%s\n", listener.Addr())
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	err = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "[0]")
	}))
	if ctx.Err() != nil {
		return nil // told to stop
	}
	return err
}

func run(ctx context.Context, o options) error {
	folder, err := os.MkdirTemp("", "mlapi-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	binary := folder + "/mlapi"
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/mlapi").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w: %s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ours, err := start(ctx, folder, append(os.Environ(), serverEnviron(o)...), binary, "serve", "--port", "0", "--data", folder+"/data")
	if err != nil {
		return err
	}
	defer ours.stop()
	idle := ours.memory()
	bare, err := start(ctx, folder, os.Environ(), self, "-bare")
	if err != nil {
		return err
	}
	defer bare.stop()
	access, err := login(ctx, ours.url, folder+"/data/first-client.txt")
	if err != nil {
		return err
	}
	sides := []*side{
		{name: "bare net/http", process: bare, request: request(bare.url, "", o.row)},
		{name: "mlapi", process: ours, request: request(ours.url, access, o.row)},
	}
	for range o.rounds {
		for _, s := range sides {
			if err := s.measure(o.connections, o.duration); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	return print(o, sides, idle)
}

func serverEnviron(o options) []string {
	environ := []string{"LOGGING_LEVEL=0", "AUTH_ALGORITHM=RS512"}
	if o.logFile != "" {
		environ = []string{"LOGGING_LEVEL=20", "LOGGING_FILEPATH=" + o.logFile}
	}
	if o.model != "" {
		environ = append(environ, "API_MODEL_FILEPATH="+o.model, "API_CATEGORICAL_ENCODING_FILEPATH="+o.encodings)
	}
	return environ
}

func print(o options, sides []*side, idle string) error {
	fmt.Printf("%d connections, 1 row, %d rounds of %v, medians; generator on the same cores\n", o.connections, o.rounds, o.duration)
	fmt.Printf("%-14s %12s %10s %10s %12s\n", "side", "answers/s", "p50 us", "p99 us", "resident")
	for _, s := range sides {
		fmt.Printf("%-14s %12.0f %10.0f %10.0f %12s\n", s.name, median(s.rates), median(s.p50), median(s.p99), s.process.memory())
	}
	var ratios []float64
	for i := range sides[0].rates {
		ratios = append(ratios, sides[1].rates[i]/sides[0].rates[i])
	}
	ratio := median(ratios)
	fmt.Printf("ratio          %11.0f%% (%.0f%% to %.0f%%); resident before the first login %s\n",
		100*ratio, 100*slices.Min(ratios), 100*slices.Max(ratios), idle)
	if ratio < o.least {
		return fmt.Errorf("the ratio is below %.0f%%", 100*o.least)
	}
	return nil
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// login takes the credential from the file and returns an access token with the
// word Bearer.
func login(ctx context.Context, url, file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	credential := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if word, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			credential[word] = strings.TrimSpace(value)
		}
	}
	form := "username=" + credential["Client"] + "&password=" + credential["Password"]
	refresh, err := tokens(ctx, url+"/auth/reset/", "", form)
	if err != nil {
		return "", err
	}
	both, err := tokens(ctx, url+"/auth/refresh/", refresh[0], "")
	if err != nil {
		return "", err
	}
	return both[0], nil
}
