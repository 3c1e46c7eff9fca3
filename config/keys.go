package config

import "time"

// key is one row of the table of all keys.
type key struct {
	name     string
	fallback string // the default; "" where the key may stay unset
	flag     string // the flag of the command that stands for the key, if any
	secret   bool   // its value is never shown
	meaning  string // a few words, for hints
	set      func(c *Config, value string) *fault
}

// fault is why a value was not taken: what is wrong, and what is allowed.
type fault struct{ problem, hint string }

// keys returns the table of all keys, in the order of .env.example.
func keys() []key {
	var all []key
	for _, group := range [...]func() []key{appKeys, serverKeys, storeKeys, loggingKeys, corsKeys, authKeys, tokenKeys, apiKeys, partKeys} {
		all = append(all, group()...)
	}
	return all
}

func appKeys() []key {
	return []key{
		{name: "FLASK_APP", fallback: "MLAPI", meaning: "name of the application",
			set: text(func(c *Config) *string { return &c.App })},
	}
}

func serverKeys() []key {
	return []key{
		{name: "MLAPI_ADDRESS", fallback: "127.0.0.1", flag: "address", meaning: "IP address to listen on",
			set: setAddress},
		{name: "MLAPI_PORT", fallback: "8080", flag: "port", meaning: "port to listen on, 0 for a free one",
			set: number(func(c *Config) *int { return &c.Server.Port }, 0, maxPort)},
		{name: "MLAPI_DATA", fallback: "./data", flag: "data", meaning: "folder of the keys and the store",
			set: path(func(c *Config) *string { return &c.Server.Data })},
		{name: "MLAPI_TLS_CERT", meaning: "PEM file of the certificate chain",
			set: path(func(c *Config) *string { return &c.Server.TLSCert })},
		{name: "MLAPI_TLS_KEY", meaning: "PEM file of the certificate's private key",
			set: path(func(c *Config) *string { return &c.Server.TLSKey })},
		{name: "MLAPI_TRUSTED_PROXIES", meaning: "addresses and networks of proxies whose forwarding headers count",
			set: setTrustedProxies},
	}
}

func storeKeys() []key {
	return []key{
		{name: "MLAPI_STORE", secret: true, meaning: "URL of the database, where it is not a file in the data folder",
			set: setStore},
		{name: "MLAPI_STORE_OUTAGE", fallback: "refuse", meaning: "whether access tokens count while the store is away",
			set: setOutage},
		{name: "MLAPI_STORE_PATIENCE_SECS", fallback: "5", meaning: "seconds the store may be away before that",
			set: seconds(func(c *Config) *time.Duration { return &c.Store.Patience }, 1, 3600)},
	}
}

func loggingKeys() []key {
	return []key{
		{name: "LOGGING_LEVEL", fallback: "20", meaning: "least level that is logged", set: setLevel},
		{name: "LOGGING_FILEPATH", meaning: "file to append the log to",
			set: path(func(c *Config) *string { return &c.Logging.File })},
		{name: "LOGGING_FORMAT", fallback: "text", meaning: "form of a log line", set: setFormat},
	}
}

func corsKeys() []key {
	return []key{
		{name: "CORS_ENABLED", fallback: "True", meaning: "whether pages of other origins may call",
			set: truth(func(c *Config) *bool { return &c.CORS.Enabled })},
		{name: "CORS_ORIGINS", fallback: "localhost", meaning: "origins whose pages may call", set: setOrigins},
	}
}

func authKeys() []key {
	return []key{
		{name: "AUTH_ENABLED", fallback: "True", meaning: "whether callers need a token",
			set: truth(func(c *Config) *bool { return &c.Auth.Enabled })},
		{name: "AUTH_ROUTE", fallback: "auth", meaning: "route of login and refresh",
			set: route(func(c *Config) *string { return &c.Auth.Route })},
		{name: "AUTH_CLIENTS_RESET_USN", meaning: "names of the clients", set: setClientNames},
		{name: "AUTH_CLIENTS_RESET_PWD", secret: true, meaning: "passwords of the clients, in the same order",
			set: setClientPasswords},
		{name: "AUTH_CLIENTS_RESET_ONLY_ONCE", fallback: "True", meaning: "whether a credential logs in only once",
			set: truth(func(c *Config) *bool { return &c.Auth.ResetOnlyOnce })},
		{name: "AUTH_PUBLIC_KEY_SAVE_FILEPATH", meaning: "PEM file of the public key",
			set: path(func(c *Config) *string { return &c.Auth.PublicKeyFile })},
		{name: "AUTH_PRIVATE_KEY_SAVE_FILEPATH", meaning: "PEM file of the private key",
			set: path(func(c *Config) *string { return &c.Auth.PrivateKeyFile })},
		{name: "AUTH_PRIVATE_KEY_SAVE_SECRET", secret: true, meaning: "secret that encrypts the private key's file",
			set: setKeySecret},
		{name: "AUTH_PRIVATE_KEY_SAVE_SECRET_FILE", meaning: "file that holds this secret",
			set: path(func(c *Config) *string { return &c.Auth.PrivateKeySecretFile })},
	}
}

func tokenKeys() []key {
	return []key{
		{name: "AUTH_ISSUER", fallback: "MLAPIAS", meaning: "issuer of the tokens",
			set: text(func(c *Config) *string { return &c.Auth.Issuer })},
		{name: "AUTH_ALGORITHM", fallback: "RS512", meaning: "algorithm of the signatures", set: setAlgorithm},
		{name: "AUTH_ACCESS_TTL_MINS", fallback: "60", meaning: "minutes an access token lives", set: setAccessTTL},
		{name: "AUTH_REFRESH_TTL_MINS", fallback: "1440", meaning: "minutes a refresh token lives", set: setRefreshTTL},
		{name: "AUTH_SESSION_TTL_MINS", fallback: "0", meaning: "minutes a session lasts, 0 for ever", set: setSessionTTL},
		{name: "AUTH_REFRESH_GRACE_SECS", fallback: "0", meaning: "seconds in which a refresh may be sent again without a key",
			set: seconds(func(c *Config) *time.Duration { return &c.Auth.RefreshGrace }, 0, 30)},
	}
}

func apiKeys() []key {
	return []key{
		{name: "API_ENABLED", fallback: "True", meaning: "whether the model is served",
			set: truth(func(c *Config) *bool { return &c.API.Enabled })},
		{name: "API_ROUTE", fallback: "api", meaning: "route of the model",
			set: route(func(c *Config) *string { return &c.API.Route })},
		{name: "API_MODEL_FILEPATH", meaning: "file of the model",
			set: path(func(c *Config) *string { return &c.API.Model })},
		{name: "API_CATEGORICAL_ENCODING_FILEPATH", meaning: "CSV file of the categories' numbers",
			set: path(func(c *Config) *string { return &c.API.Encodings })},
		{name: "API_MAX_BODY_BYTES", fallback: "67108864", meaning: "largest body of a request, in bytes",
			set: number(func(c *Config) *int64 { return &c.API.MaxBodyBytes }, 1, maxBodyBytes)},
		{name: "API_MAX_ROWS", fallback: "1000000", meaning: "most rows in a request",
			set: number(func(c *Config) *int { return &c.API.MaxRows }, 1, maxRows)},
	}
}

func partKeys() []key {
	return []key{
		{name: "API_CONVERT_CLASS_SCORES", meaning: "whether scores become classes", set: setClassScores},
		{name: "API_CONVERT_ANOMALY_SCORES", fallback: "False", meaning: "whether -1 and 1 become 1 and 0",
			set: truth(func(c *Config) *bool { return &c.API.ConvertAnomalyScores })},
		{name: "API_UNKNOWN_CATEGORY", fallback: ErrorCategory, meaning: "what an unknown category is",
			set: setUnknownCategory},
		{name: "API_PREPROCESS", meaning: "parts that prepare the rows, in order",
			set: names(func(c *Config) *[]string { return &c.API.Preprocess })},
		{name: "API_POSTPROCESS", meaning: "parts that finish the answers, in order",
			set: names(func(c *Config) *[]string { return &c.API.Postprocess })},
	}
}

// Default returns the configuration of somebody who set nothing.
func Default() Config {
	var c Config
	for _, k := range keys() {
		if k.fallback != "" {
			k.set(&c, k.fallback) // a test proves that every default is taken
		}
	}
	return c
}
