package app

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificate is a pair of PEM files, read again when one of them changes, so
// that a renewed certificate needs no restart.
type certificate struct {
	certFile, keyFile string
	logger            *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	stamp   [2]fileStamp // of the files current was read from
	tried   [2]fileStamp // of the files last read, well or not
	checked time.Time
}

type fileStamp struct {
	modified time.Time
	size     int64
}

// recheck is how often the files are looked at, at most.
const recheck = time.Second

// loadCertificate reads the pair for the first time.
func loadCertificate(certFile, keyFile string, logger *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, logger: logger}
	c.stamp = c.stamps() // before reading: a change in between is then seen
	pair, err := readPair(certFile, keyFile)
	if err != nil {
		return nil, misuse("MLAPI_TLS_CERT and MLAPI_TLS_KEY: %s and %s cannot be used: %v", certFile, keyFile, err).
			hint("both must be PEM files: the certificate first and its chain after it, and the private key that fits it, not encrypted")
	}
	c.current, c.checked, c.tried = &pair, time.Now(), c.stamp
	return c, nil
}

// readPair reads the two files.
func readPair(certFile, keyFile string) (tls.Certificate, error) {
	const most = 1 << 20
	cert, err := readRegular(certFile, most)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s: %w", certFile, plain(err))
	}
	key, err := readRegular(keyFile, most)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s: %w", keyFile, plain(err))
	}
	return tls.X509KeyPair(cert, key)
}

// get is tls.Config.GetCertificate. A pair that cannot be read, half written
// perhaps, leaves the one in use.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.checked) < recheck {
		return c.current, nil
	}
	c.checked = time.Now()
	now := c.stamps()
	if now == c.stamp {
		return c.current, nil
	}
	pair, err := readPair(c.certFile, c.keyFile)
	switch {
	case err == nil:
		c.current, c.stamp = &pair, now
		c.logger.Info("certificate read again", "file", c.certFile)
	case now != c.tried: // said once for each change
		c.logger.Error("certificate cannot be read again, the one before stays in use", "file", c.certFile, "cause", err)
	}
	c.tried = now
	return c.current, nil
}

func (c *certificate) stamps() (s [2]fileStamp) {
	for i, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil {
			s[i] = fileStamp{info.ModTime(), info.Size()}
		}
	}
	return s
}

// config returns the TLS settings of the server: 1.2 at least.
func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
}
