// Package app puts the parts together: configuration, model, store, keys and
// routes become a server. It is where to begin reading the code after the root
// package, and what a program of one's own imports:
//
//	func main() {
//		app.Main(app.Preprocess("celsius", mlapi.PreprocessFunc(celsius)))
//	}
//
// is the whole mlapi command with one more preprocessor, which
// API_PREPROCESS=celsius selects. Who has an HTTP server already takes the handler
// alone:
//
//	cfg := config.Default()
//	cfg.API.Model = "model.joblib"
//	a, err := app.New(ctx, &cfg)
//	...
//	defer a.Close()
//	if c := a.FirstClient(); c != nil {
//		fmt.Println(c.Name, c.Password) // made because there was no client; shown once
//	}
//	http.Handle("/", a)
//
// Main reads the process's arguments, environment and signals; nothing else in
// this module does.
package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/api"
	"example.com/mlapi/auth"
	"example.com/mlapi/config"
)

// App is a server without its listener: an http.Handler over one loaded model, one
// store and one pair of keys. Close it when it answers no more.
type App struct {
	handler  http.Handler
	pipeline *mlapi.Pipeline // nil where the API is off
	first    *auth.Credential
	warnings []string

	stop    context.CancelFunc
	running sync.WaitGroup
	closers []io.Closer // closed last to first
}

// Logger sets where New logs to; without it nothing is logged.
func Logger(logger *slog.Logger) Option {
	return func(s *parts) { s.logger = logger }
}

// New loads the model, opens the data folder and returns the handler. The
// configuration is not read from files here: see config.Load and config.Default.
// An error is fit to be shown; what it says to do is in its Hint method, if any.
func New(ctx context.Context, cfg *config.Config, options ...Option) (*App, error) {
	return newApp(ctx, cfg, newParts(options))
}

func newApp(ctx context.Context, cfg *config.Config, s *parts) (_ *App, err error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	a := &App{}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	// The model first: when it cannot be served nothing has been created yet.
	if cfg.API.Enabled {
		if err := a.openPipeline(cfg, s); err != nil {
			return nil, err
		}
	}
	settings := api.Config{
		AuthRoute: cfg.Auth.Route, APIRoute: cfg.API.Route,
		AuthEnabled: cfg.Auth.Enabled, APIEnabled: cfg.API.Enabled,
		Open:     !cfg.Auth.Enabled,
		Pipeline: a.pipeline,
		CORS:     cfg.CORS.Enabled, Origins: cfg.CORS.Origins,
		MaxBodyBytes: cfg.API.MaxBodyBytes, MaxRows: cfg.API.MaxRows,
		TrustedProxies: cfg.Server.TrustedProxies,
		Logger:         s.logger,
	}
	if cfg.Auth.Enabled {
		service, ring, err := a.openAuth(ctx, cfg, s.logger)
		if err != nil {
			return nil, err
		}
		settings.Auth, settings.Keys = service, ring
	}
	if a.handler, err = api.New(settings); err != nil {
		return nil, err
	}
	return a, nil
}

// openAuth opens the data folder, the keys and the store, brings the clients to
// what the configuration says and starts the service.
func (a *App) openAuth(ctx context.Context, cfg *config.Config, logger *slog.Logger) (_ *auth.Service, _ *auth.KeyRing, err error) {
	data, clients := cfg.Server.Data, credentialsOf(cfg)
	if err := auth.CheckCredentials(clients); err != nil {
		return nil, nil, misconfigured(err)
	}
	if err := openDataFolder(data); err != nil {
		return nil, nil, err
	}
	lock, err := lockDataFolder(data)
	if err != nil {
		return nil, nil, err
	}
	a.closers = append(a.closers, lock)
	secret, err := storeSecret(cfg)
	if err != nil {
		return nil, nil, err
	}
	store, err := openStore(ctx, cfg)
	if err != nil {
		return nil, nil, err
	}
	a.closers = append(a.closers, store)
	ring, err := openKeys(ctx, cfg, store, secret, logger)
	if err != nil {
		return nil, nil, misconfigured(err)
	}
	if a.first, err = syncClients(ctx, store, clients, logger); err != nil {
		return nil, nil, err
	}
	service, err := auth.New(serviceConfig(cfg, store, ring, logger))
	if err != nil {
		return nil, nil, err
	}
	a.follow(service, logger)
	if a.first != nil {
		// Making keys and hashing took memory that nothing needs from here on.
		debug.FreeOSMemory()
	}
	return service, ring, nil
}

// openKeys opens the signing keys, those of the store and those of the key files.
func openKeys(ctx context.Context, cfg *config.Config, store auth.KeyStore, secret string, logger *slog.Logger) (*auth.KeyRing, error) {
	fileSecret, err := keySecret(cfg)
	if err != nil {
		return nil, err
	}
	files := auth.KeyFiles{Secret: fileSecret, Algorithm: cfg.Auth.Algorithm}
	files.Public, files.Private = cfg.KeyFiles()
	return auth.OpenKeyRing(ctx, auth.KeyRingConfig{
		Store: store, Files: files, Secret: secret, Lifetime: tokenLifetime(cfg), Logger: logger,
	})
}

// tokenLifetime returns how long a token lives at most.
func tokenLifetime(cfg *config.Config) time.Duration {
	return max(cfg.Auth.AccessTTL, cfg.Auth.RefreshTTL)
}

// serviceConfig returns what the configuration says of tokens and sessions.
func serviceConfig(cfg *config.Config, store auth.Store, ring *auth.KeyRing, logger *slog.Logger) auth.Config {
	outage := auth.OutageRefuses
	if cfg.Store.Outage == config.OutageServe {
		outage = auth.OutageServes
	}
	return auth.Config{
		Store: store, Keys: ring, Logger: logger,
		Issuer:    cfg.Auth.Issuer,
		AccessTTL: cfg.Auth.AccessTTL, RefreshTTL: cfg.Auth.RefreshTTL, SessionTTL: cfg.Auth.SessionTTL,
		Grace: cfg.Auth.RefreshGrace, ResetOnlyOnce: cfg.Auth.ResetOnlyOnce,
		Patience: cfg.Store.Patience, Outage: outage,
	}
}

// misconfigured is an error of key files or clients. Those that say what to do about
// it are of how they are configured.
func misconfigured(err error) error {
	if hintOf(err) == "" {
		return err
	}
	return invalidSetting("", err)
}

// follow runs the service's background work until Close.
func (a *App) follow(service *auth.Service, logger *slog.Logger) {
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	a.running.Go(func() {
		if err := service.Run(ctx); err != nil && ctx.Err() == nil {
			logger.Error("the sessions are no longer followed", "cause", err)
		}
	})
}

// credentialsOf returns the clients that the configuration names.
func credentialsOf(cfg *config.Config) []auth.Credential {
	credentials := make([]auth.Credential, len(cfg.Auth.Clients))
	for i, c := range cfg.Auth.Clients {
		credentials[i] = auth.Credential{Name: c.Name, Password: c.Password.Reveal()}
	}
	return credentials
}

// firstClient is the name of the client that is generated where there is none.
const firstClient = "client-1"

// syncClients brings the store to what the configuration says of its clients, and
// makes a first client where neither knows any.
func syncClients(ctx context.Context, store auth.ClientStore, configured []auth.Credential, logger *slog.Logger) (*auth.Credential, error) {
	if err := auth.SyncClients(ctx, store, configured, logger); err != nil {
		return nil, err
	}
	known, err := store.Clients(ctx)
	if err != nil || len(known) > 0 {
		return nil, err
	}
	secret, err := auth.AddClient(ctx, store, firstClient)
	if err != nil {
		// Another server that started at the same time may have made it.
		if known, again := store.Clients(ctx); again == nil && len(known) > 0 {
			return nil, nil
		}
		return nil, err
	}
	return &auth.Credential{Name: firstClient, Password: secret}, nil
}

// ServeHTTP answers one request.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// FirstClient returns the credential that New generated because neither the
// configuration nor the store had any client, or nil. It is kept nowhere else.
func (a *App) FirstClient() *auth.Credential { return a.first }

// Warnings returns what a person should know about how the parts fit together.
func (a *App) Warnings() []string { return a.warnings }

// Close stops the background work and closes the store. No request may be under
// way any more.
func (a *App) Close() error {
	if a.stop != nil {
		a.stop()
		a.running.Wait()
	}
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i].Close())
	}
	a.closers = nil
	return errors.Join(errs...)
}

var (
	_ http.Handler = (*App)(nil)
	_ io.Closer    = (*App)(nil)
)
