package api

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"example.com/mlapi/api/jsonrows"
)

const (
	headerTime  = 5 * time.Second   // for a request's header
	idleTime    = 120 * time.Second // between requests of a connection
	stallTime   = 30 * time.Second  // without progress of a body or an answer
	headerBytes = 32 << 10          // of a request's header; net/http adds 4 KiB
)

// server is the http.Handler. Everything but the pool is fixed by New.
type server struct {
	config  Config
	log     *slog.Logger
	table   map[string]route
	cors    cors
	proxies proxies
	model   page // what GET of the model answers
	names   *jsonrows.Names
	form    listForm
	stall   time.Duration
	works   sync.Pool // of *work
}

// New returns the handler of all routes. An error says what in cfg is wrong.
func New(cfg Config) (http.Handler, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &server{config: cfg, log: cfg.Logger, stall: stallTime}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.works.New = func() any { return new(work) }
	s.cors = newCORS(cfg.CORS, cfg.Origins)
	s.proxies = newProxies(cfg.TrustedProxies)
	if cfg.APIEnabled {
		s.model = modelPage(cfg.Pipeline)
		s.names = jsonrows.NewNames(cfg.Pipeline.Features())
		s.form = newListForm(cfg.Pipeline, cfg.MaxBodyBytes)
	}
	s.table = tableOf(s.routes())
	return s, nil
}

// NewServer returns a server of h with limits on headers and idle connections,
// whose own errors go to logger (nil: nowhere). It sets no deadline for a whole
// request: the handler of New has rolling ones. The caller calls Serve.
func NewServer(h http.Handler, logger *slog.Logger) *http.Server {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    headerBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		// OPTIONS * is answered like any other: with the common headers.
		DisableGeneralOptionsHandler: true,
	}
}
