//go:build integration

package app_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/mlapi/resources"
)

// program returns the path of a program, or fails naming the package to install.
func program(t *testing.T, name, from string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not installed: get it with %s, or run scripts/test-setup.sh", name, from)
	}
	return path
}

// freePort returns a port that nobody listens on at the moment.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// writeCertificate writes a self-signed certificate for 127.0.0.1 with the given
// serial number, and its key.
func writeCertificate(t *testing.T, certFile, keyFile string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	write(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

// startNginx runs the real nginx with files/nginx.conf, its paths and ports made
// those of the test, in front of the servers, and returns the two addresses.
func startNginx(t *testing.T, servers ...*server) (secure, clear string) {
	t.Helper()
	nginx := program(t, "nginx", "apt-get install nginx-light")
	folder := t.TempDir()
	writeCertificate(t, folder+"/tls.crt", folder+"/tls.key", 1)
	text, err := os.ReadFile("../files/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	securePort, clearPort := freePort(t), freePort(t)
	var upstreams []string
	for _, s := range servers {
		upstreams = append(upstreams, strings.TrimPrefix(s.url, "http://"))
	}
	replace := strings.NewReplacer(
		"/etc/mlapi/", folder+"/", "/var/log/nginx/", folder+"/", "/run/nginx.pid", folder+"/pid",
		"listen 443", "listen 127.0.0.1:"+securePort, "listen 80", "listen 127.0.0.1:"+clearPort,
		"127.0.0.1:8080", strings.Join(upstreams, "; server "),
		"http {", "http {\n"+temporaryPaths(folder),
	)
	conf := replace.Replace(string(text))
	write(t, folder+"/nginx.conf", conf)
	cmd := exec.Command(nginx, "-c", folder+"/nginx.conf", "-g", "daemon off;")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(out.String())
		}
	})
	secure, clear = "127.0.0.1:"+securePort, "127.0.0.1:"+clearPort
	for range 200 {
		if conn, err := net.Dial("tcp", secure); err == nil {
			_ = conn.Close()
			return secure, clear
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("nginx does not listen")
	return "", ""
}

func temporaryPaths(folder string) string {
	var b strings.Builder
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&b, "    %s_temp_path %s/%s;\n", name, folder, name)
	}
	return b.String()
}

func TestBehindNginx(t *testing.T) {
	s := startServer(t, t.TempDir(), "MLAPI_TRUSTED_PROXIES=127.0.0.1")
	secure, clear := startNginx(t, s)
	proxied := &server{t: t, url: "https://" + secure}
	name, password := s.firstCredential()
	access, _ := proxied.login(name, password)
	predicted(t, proxied, access)
	if status, _ := call(http.MethodGet, "http://"+clear+"/", "", "", ""); status != http.StatusForbidden {
		t.Errorf("clear text was answered %d, want 403", status)
	}

	t.Run("a claimed address is dropped", func(t *testing.T) {
		r, _ := http.NewRequest(http.MethodPost, proxied.url+"/auth/reset/", strings.NewReader("username=client-1&password=x"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", "203.0.113.9")
		answer, err := insecure().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if !s.says("login refused") || strings.Contains(s.errors(), "203.0.113.9") {
			t.Errorf("the log holds the claimed address, or no refusal:\n%s", s.errors())
		}
	})
	t.Run("the body is streamed", func(t *testing.T) {
		// Without a token the answer comes while most of the body is still to be sent.
		conn, err := tls.Dial("tcp", secure, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		fmt.Fprintf(conn, "POST /api/ml/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n[[")
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("answered %d, want 401", answer.StatusCode)
		}
	})
	t.Run("a large body goes through", func(t *testing.T) {
		row := strings.TrimSuffix(strings.TrimPrefix(resources.ExampleRows, "["), "]")
		rows := "[" + strings.Repeat(row+",", 100_000) + row + "]"
		status, body := proxied.predict(access, rows)
		if status != http.StatusOK || strings.Count(body, ",") != 100_000 {
			t.Errorf("answered %d with %d commas, want 200 and 100000", status, strings.Count(body, ","))
		}
	})
}

func TestTLSCertificateIsReadAgain(t *testing.T) {
	folder := t.TempDir()
	writeCertificate(t, folder+"/tls.crt", folder+"/tls.key", 1)
	s := startServer(t, folder, "MLAPI_TLS_CERT=tls.crt", "MLAPI_TLS_KEY=tls.key")
	name, password := s.firstCredential()
	access, _ := s.login(name, password)
	predicted(t, s, access)
	address := strings.TrimPrefix(s.url, "https://")
	if _, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 was accepted")
	}
	serial := func() int64 {
		conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Fatalf("serial %d, want 1", got)
	}
	write(t, folder+"/tls.crt", "half written")
	time.Sleep(1100 * time.Millisecond)
	if got := serial(); got != 1 {
		t.Errorf("serial %d while the files do not fit, want 1", got)
	}
	writeCertificate(t, folder+"/tls.crt", folder+"/tls.key", 2)
	for begin := time.Now(); serial() != 2; time.Sleep(50 * time.Millisecond) {
		if time.Since(begin) > 5*time.Second {
			t.Fatal("the new certificate is not used")
		}
	}
}

func TestPostmanCollection(t *testing.T) {
	newman := program(t, "newman", "npm install --global newman@6.2.1")
	s := startServer(t, t.TempDir())
	name, password := s.firstCredential()
	out, err := exec.Command(newman, "run", "../files/mlapi.postman_collection.json", "--color", "off",
		"--env-var", "base="+s.url, "--env-var", "username="+name, "--env-var", "password="+password).CombinedOutput()
	if err != nil {
		t.Errorf("newman: %v\n%s", err, out)
	}
	if !regexp.MustCompile(`requests\s+│\s+22 │\s+0`).Match(out) {
		t.Errorf("not all 22 requests of the collection were sent and answered:\n%s", out)
	}
}

func TestSystemdUnit(t *testing.T) {
	analyze := program(t, "systemd-analyze", "apt-get install systemd")
	root := t.TempDir()
	for _, folder := range []string{"usr/local/bin", "etc/systemd/system", "usr/lib/systemd"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(root, "usr/lib/systemd/system"), os.DirFS("/usr/lib/systemd/system")); err != nil {
		t.Fatal(err)
	}
	unit, err := os.ReadFile("../files/mlapi.service")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "etc/systemd/system/mlapi.service"), string(unit))
	out, err := exec.Command("go", "build", "-o", filepath.Join(root, "usr/local/bin/mlapi"), "../cmd/mlapi").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	out, err = exec.Command(analyze, "verify", "--man=no", "--root="+root, "mlapi.service").CombinedOutput()
	if err != nil || strings.Contains(string(out), "mlapi.service") {
		t.Errorf("verify: %v\n%s", err, out)
	}
	out, err = exec.Command(analyze, "security", "--offline=true", "--no-pager", "../files/mlapi.service").CombinedOutput()
	level := regexp.MustCompile(`Overall exposure level for mlapi.service: ([0-9.]+)`).FindSubmatch(out)
	if err != nil || level == nil {
		t.Fatalf("security: %v\n%s", err, out)
	}
	if score, _ := strconv.ParseFloat(string(level[1]), 64); score >= 2 {
		t.Errorf("exposure level %.1f, want under 2.0\n%s", score, out)
	}
}

// TestCurlLines pastes the three lines that a newcomer is shown into a shell, and
// again after the credential was renewed.
func TestCurlLines(t *testing.T) {
	program(t, "curl", "apt-get install curl")
	s := startServer(t, t.TempDir())
	shown, err := os.ReadFile(filepath.Join(s.folder, "data", "first-client.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for i, show := range []func() string{
		func() string { return string(shown) },
		func() string { return s.run("client", "add", "second") },
		func() string { return s.run("client", "reset", "client-1") },
	} {
		text := show()
		var lines []string
		for line := range strings.Lines(text) {
			if regexp.MustCompile(`^(REFRESH|TOKENS|curl)`).MatchString(line) {
				lines = append(lines, line)
			}
		}
		out, err := exec.Command("sh", "-c", strings.Join(lines, "")).CombinedOutput()
		if err != nil || len(lines) != 3 || !strings.HasPrefix(string(out), "[") {
			t.Errorf("text %d: %v\n%s\n%s", i, err, text, out)
		}
	}
}
