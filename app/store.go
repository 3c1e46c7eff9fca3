package app

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"example.com/mlapi/auth"
	"example.com/mlapi/config"
	"example.com/mlapi/store/postgres"
	"example.com/mlapi/store/sqlite"
)

// storeSecretFile holds what seals the signing keys in a store of one file, where
// the configuration has no secret.
const storeSecretFile = "store-secret.txt"

// mostSecret bounds what is read of a file that holds a secret, in bytes.
const mostSecret = 4 << 10

// closableStore is a store that is closed in the end.
type closableStore interface {
	auth.Store
	io.Closer
}

// openStore opens the configured store: the database of MLAPI_STORE, or the file in
// the data folder, which is created where it is missing.
func openStore(ctx context.Context, cfg *config.Config) (closableStore, error) {
	if url := cfg.Store.URL.Reveal(); url != "" {
		return postgres.Open(ctx, url)
	}
	return sqlite.Open(ctx, filepath.Join(cfg.Server.Data, storeFile))
}

// storeExists reports whether there is a store to look into.
func storeExists(cfg *config.Config) bool {
	return cfg.Store.URL != "" || sqlite.Exists(filepath.Join(cfg.Server.Data, storeFile))
}

// keySecret returns the secret of the configuration that encrypts the private key
// file, "" where there is none.
func keySecret(cfg *config.Config) (string, error) {
	path := cfg.Auth.PrivateKeySecretFile
	if path == "" {
		return cfg.Auth.PrivateKeySecret.Reveal(), nil
	}
	content, err := readRegular(path, mostSecret)
	secret := strings.TrimRight(string(content), "\r\n")
	switch {
	case err != nil:
		return "", misuse("AUTH_PRIVATE_KEY_SAVE_SECRET_FILE: the file %s cannot be read: %v", path, plain(err)).
			hint("name a file of at most %d bytes that this user can read", mostSecret)
	case strings.TrimSpace(secret) == "":
		return "", misuse("AUTH_PRIVATE_KEY_SAVE_SECRET_FILE: the file %s is empty", path).
			hint("put a long random text into it, such as that of: openssl rand -base64 32")
	}
	return secret, nil
}

// storeSecret returns what seals the signing keys in the store: the configured
// secret or, for a file in the data folder, one that lies beside it. A database
// elsewhere is read by others than this user, so it needs a secret.
func storeSecret(cfg *config.Config) (string, error) {
	secret, err := keySecret(cfg)
	if err != nil || secret != "" {
		return secret, err
	}
	if cfg.Store.URL != "" {
		return "", misuse("AUTH_PRIVATE_KEY_SAVE_SECRET: a store on a database server needs a secret: the signing keys in it are encrypted").
			hint("set it, or AUTH_PRIVATE_KEY_SAVE_SECRET_FILE, to the same long random text on all servers, such as that of: openssl rand -base64 32")
	}
	path := filepath.Join(cfg.Server.Data, storeSecretFile)
	content, err := readRegular(path, mostSecret)
	if errors.Is(err, fs.ErrNotExist) {
		// The lock of the data folder keeps other servers away; a command that is faster
		// has written one that is read next time.
		secret = rand.Text()
		err = writePrivate(path, secret+"\n")
		content = []byte(secret)
	}
	if err != nil {
		return "", problem(err, "the file %s cannot be read or written: %v", path, plain(err)).
			hint("it holds the secret that seals the signing keys: the user who runs mlapi must be able to read it, and to write in its folder")
	}
	if secret = strings.TrimSpace(string(content)); secret == "" {
		return "", problem(nil, "the file %s is empty", path).
			hint("put it back from a copy; or delete it, and the keys in the store are sealed anew from the key files")
	}
	return secret, nil
}
