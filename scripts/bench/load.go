package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// process is a running server.
type process struct {
	cmd *exec.Cmd
	url string
}

// start runs a server and waits for its "Address" line.
func start(ctx context.Context, folder string, environ []string, name string, args ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env, cmd.Dir, cmd.Stderr = environ, folder, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "Address"); ok {
			time.Sleep(500 * time.Millisecond) // the rest of its start
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return &process{cmd, strings.TrimSpace(url)}, nil
		}
	}
	return nil, fmt.Errorf("%s ended before it served: %w", name, cmd.Wait())
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(os.Interrupt)
	_ = p.cmd.Wait()
}

// memory returns the resident memory as the system tells it.
func (p *process) memory() string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(text)) {
		if kb, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(kb), " kB"))
			return fmt.Sprintf("%.1f MB", float64(n)/1024)
		}
	}
	return "unknown"
}

// tokens posts a form and returns the list of the answer.
func tokens(ctx context.Context, url, bearer, form string) ([]string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(form))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if bearer != "" {
		r.Header.Set("Authorization", bearer)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("POST %s: %s", url, answer.Status)
	}
	var list []string
	return list, json.NewDecoder(answer.Body).Decode(&list)
}

// request returns the bytes of one prediction request.
func request(url, bearer, body string) []byte {
	var b bytes.Buffer
	host := strings.TrimPrefix(url, "http://")
	fmt.Fprintf(&b, "POST /api/ml/ HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n", host, len(body))
	if bearer != "" {
		fmt.Fprintf(&b, "Authorization: %s\r\n", bearer)
	}
	fmt.Fprintf(&b, "\r\n%s", body)
	return b.Bytes()
}

// side is one of the things compared, with its medians a round.
type side struct {
	name            string
	process         *process
	request         []byte
	rates, p50, p99 []float64
}

// measure loads the side from as many connections for the time given.
func (s *side) measure(connections int, d time.Duration) error {
	var wg sync.WaitGroup
	times, errs := make([][]float64, connections), make([]error, connections)
	begin := time.Now()
	for i := range connections {
		wg.Go(func() { times[i], errs[i] = s.drive(begin.Add(d)) })
	}
	wg.Wait()
	took := time.Since(begin).Seconds()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	all := slices.Concat(times...)
	slices.Sort(all)
	s.rates = append(s.rates, float64(len(all))/took)
	s.p50 = append(s.p50, all[len(all)/2])
	s.p99 = append(s.p99, all[len(all)*99/100])
	return nil
}

// drive sends the request again and again on one connection, and returns the time
// of each answer in microseconds.
func (s *side) drive(end time.Time) ([]float64, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.process.url, "http://"))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	var times []float64
	for now := time.Now(); now.Before(end); {
		if _, err := conn.Write(s.request); err != nil {
			return nil, err
		}
		if err := readAnswer(r); err != nil {
			return nil, err
		}
		after := time.Now()
		times = append(times, float64(after.Sub(now).Nanoseconds())/1000)
		now = after
	}
	return times, nil
}

// readAnswer reads one answer, which must be a 200, with as little work as
// possible: the generator shares the cores.
func readAnswer(r *bufio.Reader) error {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
		return fmt.Errorf("answered %q", line)
	}
	length := 0
	for {
		if line, err = r.ReadSlice('\n'); err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(v))); err != nil {
				return err
			}
		}
	}
	_, err = r.Discard(length)
	return err
}
