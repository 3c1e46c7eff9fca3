package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"example.com/mlapi/api"
	"example.com/mlapi/config"
)

// shutdownTime is how long requests under way may take to finish after a signal.
const shutdownTime = 30 * time.Second

func (c *command) serve() *cobra.Command {
	var address, port, data string
	var debug bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the model until SIGTERM or SIGINT",
		Long: `Serve the model of API_MODEL_FILEPATH, or the embedded sample, until SIGTERM or
SIGINT. The configuration comes from .env in the working folder, the environment
and these flags, the later winning; .env.example explains every key.`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			flags := c.changed(cmd, map[string]string{"address": address, "port": port, "data": data})
			cfg, err := c.load(flags)
			if err != nil {
				return err
			}
			if debug {
				cfg.Logging.Level, cfg.Logging.Format = config.LevelDebug, config.FormatText
			}
			return c.runServer(cmd.Context(), cfg)
		},
	}
	cmd.Flags().StringVarP(&address, "address", "a", "", "IP address to listen on (default 127.0.0.1, or MLAPI_ADDRESS)")
	cmd.Flags().StringVarP(&port, "port", "p", "", "port to listen on, 0 takes a free one (default 8080, or MLAPI_PORT)")
	cmd.Flags().StringVar(&data, "data", "", "folder of the keys and the store (default ./data, or MLAPI_DATA)")
	cmd.Flags().BoolVarP(&debug, "debug", "d", false, "log at debug level, as text")
	return cmd
}

// load reads the configuration.
func (c *command) load(flags map[string]string) (*config.Config, error) {
	return config.Load(config.Options{File: ".env", Environ: c.env.Environ, Flags: flags})
}

// announce tells warnings of the start: to the log, in its form, and to a person
// who would not see them there.
func (c *command) announce(cfg *config.Config, a *App, logger *slog.Logger) {
	texts := make([]string, 0, len(cfg.Warnings)+len(a.warnings))
	for _, w := range cfg.Warnings {
		texts = append(texts, w.String())
	}
	logged := logger.Enabled(context.Background(), slog.LevelWarn)
	for _, text := range append(texts, a.warnings...) {
		logger.Warn(text)
		if !logged || c.env.Terminal && cfg.Logging.File != "" {
			writeLine(c.env.Stderr, "warning", text)
		}
	}
}

// changed returns those of the flags that were given.
func (c *command) changed(cmd *cobra.Command, flags map[string]string) map[string]string {
	for name := range flags {
		if !cmd.Flags().Changed(name) {
			delete(flags, name)
		}
	}
	return flags
}

// runServer listens, puts the parts together, tells how to call them and serves
// until ctx ends.
func (c *command) runServer(ctx context.Context, cfg *config.Config) (err error) {
	// The port before all else: when it is taken nothing has been created yet.
	listener, err := listen(ctx, cfg.Server.Listen())
	if err != nil {
		return err
	}
	defer listener.Close()
	logger, logFile, err := openLog(cfg.Logging, c.env.Stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, logFile.Close()) }()
	scheme := "http"
	if cfg.Server.TLS() {
		cert, err := loadCertificate(cfg.Server.TLSCert, cfg.Server.TLSKey, logger)
		if err != nil {
			return err
		}
		settings := cert.config()
		settings.NextProtos = []string{"h2", "http/1.1"}
		listener, scheme = tls.NewListener(listener, settings), "https"
	}
	c.parts.logger = logger
	a, err := newApp(ctx, cfg, c.parts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	c.announce(cfg, a, logger)
	if err := c.welcome(cfg, a, baseURL(scheme, listener.Addr())); err != nil {
		return err
	}
	logger.Info("serving", "address", listener.Addr().String(), "tls", cfg.Server.TLS(), "auth", cfg.Auth.Enabled)
	return serveUntil(ctx, api.NewServer(a, logger), listener, logger)
}

// listen opens the port.
func listen(ctx context.Context, address string) (net.Listener, error) {
	network := "tcp"
	if a, err := netip.ParseAddrPort(address); err == nil && a.Addr().Is4() {
		network = "tcp4" // "tcp" would take 0.0.0.0 for all addresses of IPv6, too
	}
	listener, err := new(net.ListenConfig).Listen(ctx, network, address)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return nil, problem(err, "cannot listen on %s: %v", address, err).
			hint("is another server there already? choose another port with --port or MLAPI_PORT (0 takes a free one)")
	}
	return listener, nil
}

// serveUntil serves until ctx ends, then stops accepting and lets what runs finish.
func serveUntil(ctx context.Context, server *http.Server, listener net.Listener, logger *slog.Logger) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return problem(err, "the server stopped: %v", err)
	case <-ctx.Done():
	}
	logger.Info("stopping", "wait", shutdownTime)
	last, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		logger.Warn("requests were still under way and are cut off", "after", shutdownTime)
		_ = server.Close()
	}
	logger.Info("stopped")
	return nil
}

// baseURL returns where a person on this machine reaches the server.
func baseURL(scheme string, address net.Addr) string {
	host, port := "127.0.0.1", 0
	if tcp, ok := address.(*net.TCPAddr); ok {
		port = tcp.Port
		if !tcp.IP.IsUnspecified() {
			host = tcp.IP.String()
		}
	}
	return fmt.Sprintf("%s://%s", scheme, net.JoinHostPort(host, strconv.Itoa(port)))
}
