package config

import (
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"time"
)

// Config is all that an operator can set. It is filled once, by [Load] or by
// [Default] and a program's own hand, and is not changed after the start.
//
// The zero value is not usable: [Config.Validate] refuses it.
type Config struct {
	App     string // FLASK_APP: the application's name
	Logging Logging
	CORS    CORS
	Auth    Auth
	API     API
	Server  Server
	Store   Store

	// Warnings are what Load found allowed but probably not meant, in the order in
	// which they are to be shown.
	Warnings []Warning
}

// Logging says what is logged, where and how.
type Logging struct {
	Level  Level
	File   string // appended to; "" is standard error
	Format Format
}

// Level is a logging level with the numbers of Python's logging module.
type Level int

// The levels, each including those above it.
const (
	LevelOff      Level = 0
	LevelDebug    Level = 10
	LevelInfo     Level = 20
	LevelWarning  Level = 30
	LevelError    Level = 40
	LevelCritical Level = 50
)

// Slog returns the level of log/slog that stands for l, critical being four above
// slog.LevelError; on is false where nothing is to be logged at all.
func (l Level) Slog() (level slog.Level, on bool) {
	switch l {
	case LevelDebug:
		return slog.LevelDebug, true
	case LevelInfo:
		return slog.LevelInfo, true
	case LevelWarning:
		return slog.LevelWarn, true
	case LevelError:
		return slog.LevelError, true
	case LevelCritical:
		return slog.LevelError + 4, true
	}
	return slog.LevelError + 8, false
}

// Format is the form of a log line.
type Format string

// The forms of a log line.
const (
	FormatText Format = "text"
	FormatJSON Format = "json"
)

// CORS says which web pages of other origins may call (Fetch standard, CORS protocol).
type CORS struct {
	Enabled bool
	// Origins are compared with the whole Origin header, host case ignored; "*" is
	// the only element where every origin is admitted.
	Origins []string
}

// Auth says who may log in and how tokens are made.
type Auth struct {
	Enabled       bool
	Route         string // without slashes at its ends: "auth"
	Clients       []Credential
	ResetOnlyOnce bool          // a credential logs in once, then only refreshes
	Issuer        string        // the iss claim
	Algorithm     string        // RS256, RS384 or RS512
	AccessTTL     time.Duration // exp - iat of an access token; whole minutes
	RefreshTTL    time.Duration // exp - iat of a refresh token; whole minutes
	SessionTTL    time.Duration // of a session however often it is refreshed; whole minutes, 0: for ever
	RefreshGrace  time.Duration // for a refresh sent again without an Idempotency-Key; whole seconds, 0 to 30

	// The key files as configured; "" means in the data folder. [Config.KeyFiles]
	// says the paths to use.
	PublicKeyFile  string
	PrivateKeyFile string
	// PrivateKeySecret encrypts the private key file and what the store keeps of keys;
	// "" leaves the file plain.
	PrivateKeySecret Secret
	// PrivateKeySecretFile is a file that PrivateKeySecret is read from; one of the two
	// at most is set.
	PrivateKeySecretFile string
}

// Credential is a name and a password that the configuration lets in.
type Credential struct {
	Name     string
	Password Secret
}

// API says which model answers and how rows and answers are treated.
type API struct {
	Enabled bool
	Route   string // without slashes at its ends: "api"
	// Model is the path of the model's file; "" is the embedded sample.
	Model string
	// Encodings is the path of the encoding CSV; "" is that of the sample where
	// Model is "" too, otherwise none.
	Encodings string
	// ConvertClassScores is Unset where the operator did not decide: a regressor's
	// numbers become classes only where it is True.
	ConvertClassScores   Tristate
	ConvertAnomalyScores bool
	// Preprocess and Postprocess name parts in the order in which they run; empty
	// means chosen by the encodings and by the model's kind.
	Preprocess  []string
	Postprocess []string
	// UnknownCategory is [ErrorCategory], or the name of the category that stands
	// for all that the encodings do not have.
	UnknownCategory string
	MaxBodyBytes    int64
	MaxRows         int
}

// ErrorCategory is the UnknownCategory that makes an unknown category an error.
const ErrorCategory = "error"

// Tristate is true, false or not decided by the operator.
type Tristate uint8

// The values of a Tristate.
const (
	Unset Tristate = iota
	False
	True
)

// Or returns what was decided, or fallback where nothing was.
func (t Tristate) Or(fallback bool) bool {
	if t == Unset {
		return fallback
	}
	return t == True
}

// Server says where the server listens and what it may write.
type Server struct {
	Address string // an IP address: localhost is read as 127.0.0.1
	Port    int    // 0 takes a free one
	Data    string // folder of the keys and the store
	TLSCert string // PEM file; "" with TLSKey means plain HTTP
	TLSKey  string // PEM file
	// TrustedProxies are whose X-Forwarded-For and X-Forwarded-Proto count.
	TrustedProxies []netip.Prefix
}

// Store says where clients, sessions, keys and the audit log are kept.
type Store struct {
	// URL is a PostgreSQL server's ("postgres://user:password@host:5432/database"), or
	// "" for one file in the data folder. It may hold a password.
	URL Secret
	// Outage says what becomes of access tokens while the store is away for longer than
	// Patience (whole seconds).
	Outage   Outage
	Patience time.Duration
}

// Outage is what becomes of access tokens while nobody knows which sessions ended.
type Outage string

// The ways to treat them.
const (
	OutageRefuse Outage = "refuse"
	OutageServe  Outage = "serve"
)

// Listen returns the address and port in the form that net.Listen takes.
func (s *Server) Listen() string { return net.JoinHostPort(s.Address, strconv.Itoa(s.Port)) }

// TLS reports whether the server speaks HTTPS.
func (s *Server) TLS() bool { return s.TLSCert != "" }

// Loopback reports whether only this machine can reach the server. An address that
// is not understood is not loopback.
func (s *Server) Loopback() bool {
	addr, err := netip.ParseAddr(s.Address)
	return err == nil && addr.Unmap().IsLoopback()
}

// KeyFiles returns the paths of the two PEM files: as configured, otherwise
// auth_public_key.pem and auth_private_key.pem in the data folder.
func (c *Config) KeyFiles() (public, private string) {
	public, private = c.Auth.PublicKeyFile, c.Auth.PrivateKeyFile
	if public == "" {
		public = filepath.Join(c.Server.Data, "auth_public_key.pem")
	}
	if private == "" {
		private = filepath.Join(c.Server.Data, "auth_private_key.pem")
	}
	return public, private
}
