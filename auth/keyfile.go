package auth

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
)

// KeyFiles says where the signing key is kept and how it is used.
type KeyFiles struct {
	Public    string // path of the public key: SubjectPublicKeyInfo in PEM
	Private   string // path of the private key: PKCS #8 in PEM
	Secret    string // encrypts the private key file where not empty
	Algorithm string // RS256 (2048 bits), RS384 (3072) or RS512 (4096)
}

// LoadKey reads the signing key, or makes one where neither file exists yet.
//
// Missing folders are made with mode 0700. A missing public file is written anew
// from the private one; a plain private file is encrypted in place where a secret
// is set; a private file that others can read is tightened to 0600, with a
// warning, once it has proven to hold a key. Processes that start at once end up
// with the same key. Everything else that is amiss is an error that names the file
// and has a Hint: a private file missing beside a public one, files that do not
// fit, a wrong or missing secret, a key of the wrong size, a link that points
// nowhere, or anything but a regular file, which is neither opened nor changed. No
// error or log line holds the secret.
func LoadKey(files KeyFiles, logger *slog.Logger) (*Key, error) {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	key, _, err := loadPrivateKey(files, false, logger)
	if err != nil {
		return nil, err
	}
	return NewKey(key, files.Algorithm)
}

// loadPrivateKey is LoadKey, without a nil logger. It says whether the key was
// made, and accepts, with anyAlgorithm, a key of the size of another one.
func loadPrivateKey(files KeyFiles, anyAlgorithm bool, logger *slog.Logger) (key *rsa.PrivateKey, made bool, err error) {
	bits, err := keyBits(files.Algorithm)
	if err != nil {
		return nil, false, err
	}
	public, private, err := files.read()
	if err != nil {
		return nil, false, err
	}
	if private == nil {
		if private, made, err = createPrivateKey(files, bits, logger); err != nil {
			return nil, false, err
		}
	}
	if key, err = openPrivateKey(files, private, anyAlgorithm, logger); err != nil {
		return nil, false, err
	}
	return key, made, checkPublicKey(files, public, key, logger)
}

// read returns what the files hold, nil for one that is not there. A public file
// without its private one is an error.
func (files KeyFiles) read() (public, private []byte, err error) {
	if files.Public == "" || files.Private == "" || filepath.Clean(files.Public) == filepath.Clean(files.Private) {
		return nil, nil, setupf("set AUTH_PUBLIC_KEY_SAVE_FILEPATH and AUTH_PRIVATE_KEY_SAVE_FILEPATH to two different files",
			"the signing key needs a file for each of its halves")
	}
	// The public file is read first: a process that makes a key writes the private
	// file first, so whoever sees a public file must find the private one.
	if public, err = readKeyFile(files.Public); err != nil {
		return nil, nil, err
	}
	if private, err = readKeyFile(files.Private); err != nil {
		return nil, nil, err
	}
	if private == nil && public != nil {
		return nil, nil, setupf("put the private key back; or delete the public file too and a new pair is made, which ends the validity of all tokens",
			"the private key %s is missing while its public key %s exists", files.Private, files.Public)
	}
	return public, private, nil
}

// missing reports whether there is neither file.
func (files KeyFiles) missing() (bool, error) {
	public, private, err := files.read()
	return public == nil && private == nil, err
}

// write puts a key in place of the one that the files hold. Each file is replaced
// in one step, the public one is away in between: a crash leaves the old private
// key or the new one, and no public key that does not belong to it.
func (files KeyFiles) write(key *rsa.PrivateKey) error {
	private, err := encodePrivateKey(key, files.Secret)
	if err != nil {
		return err
	}
	public, err := encodePublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	if err := errors.Join(makeFolder(files.Private), makeFolder(files.Public)); err != nil {
		return err
	}
	if err := os.Remove(files.Public); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return setupf("name a file in a folder that this user can write", "the key file %s cannot be replaced: %w", files.Public, err)
	}
	if err := writeFile(files.Private, private, 0o600, true); err != nil {
		return err
	}
	return writeFile(files.Public, public, 0o644, true)
}

// createPrivateKey makes a key and its file and returns what the file holds. If
// another process was faster, that is the other's key, and made is false.
func createPrivateKey(files KeyFiles, bits int, logger *slog.Logger) (content []byte, made bool, err error) {
	if err := makeFolder(files.Private); err != nil {
		return nil, false, err
	}
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, false, fmt.Errorf("auth: make a signing key: %w", err)
	}
	content, err = encodePrivateKey(key, files.Secret)
	if err != nil {
		return nil, false, err
	}
	err = writeFile(files.Private, content, 0o600, false)
	if errors.Is(err, fs.ErrExist) {
		content, err = readKeyFile(files.Private)
		return content, false, err
	}
	if err != nil {
		return nil, false, err
	}
	logger.Info("signing key made", "file", files.Private, "bits", bits, "encrypted", files.Secret != "")
	return content, true, nil
}

// openPrivateKey decodes the private file's content, checks the key against the
// algorithm, and leaves the file as it should be: encrypted if there is a secret,
// and readable by its owner alone.
func openPrivateKey(files KeyFiles, content []byte, anyAlgorithm bool, logger *slog.Logger) (*rsa.PrivateKey, error) {
	key, encrypted, err := decodePrivateKey(content, files.Secret)
	if err != nil {
		return nil, privateKeyError(files.Private, err)
	}
	if err := tightenMode(files.Private, logger); err != nil {
		return nil, err
	}
	algorithm := files.Algorithm
	if anyAlgorithm {
		algorithm = algorithmOf(&key.PublicKey, algorithm)
	}
	if _, err := NewKey(key, algorithm); err != nil {
		return nil, inFile(files.Private, err)
	}
	if encrypted || files.Secret == "" {
		return key, nil
	}
	content, err = encodePrivateKey(key, files.Secret)
	if err != nil {
		return nil, err
	}
	if err := writeFile(files.Private, content, 0o600, true); err != nil {
		return nil, err
	}
	logger.Info("the private key file was plain and is encrypted now", "file", files.Private)
	return key, nil
}

// privateKeyError adds the file and what to do to a fault of decodePrivateKey.
func privateKeyError(path string, err error) error {
	hint := "the file must hold one RSA private key as PKCS #8 in PEM; without the file (and its public one) a new pair is made"
	switch {
	case errors.Is(err, errNeedsSecret):
		hint = "set AUTH_PRIVATE_KEY_SAVE_SECRET to the secret that the file was written with"
	case errors.Is(err, errWrongSecret):
		hint = "set AUTH_PRIVATE_KEY_SAVE_SECRET to the secret that the file was written with; if it is lost, or right and the file damaged, put the file back from a copy or delete both key files and a new pair is made, which ends the validity of all tokens"
	case errors.Is(err, errKeyNumbers):
		hint = "put the file back from a copy; or delete both key files and a new pair is made, which ends the validity of all tokens"
	case errors.Is(err, errKeyNotRSA):
		hint = "use an RSA key; or name files that do not exist yet and a new pair is made"
	case errors.Is(err, errUnsupportedKey), errors.Is(err, errKeyCostTooLarge):
		hint = "write it anew: openssl pkcs8 -topk8 -v2 aes256 -v2prf hmacWithSHA256 -in OLD -out NEW"
	}
	return setupf(hint, "the private key %s cannot be used: %w", path, err)
}

// checkPublicKey compares the public file with the private key, or writes it
// where content is nil.
func checkPublicKey(files KeyFiles, content []byte, key *rsa.PrivateKey, logger *slog.Logger) error {
	const hint = "delete the public file: it is written anew from the private one"
	if content != nil {
		public, err := decodePublicKey(content)
		if err != nil {
			return setupf(hint, "the public key %s cannot be used: %w", files.Public, err)
		}
		if !public.Equal(&key.PublicKey) {
			return setupf(hint+"; or put the private key back that belongs to it",
				"the public key %s does not belong to the private key %s", files.Public, files.Private)
		}
		return nil
	}
	encoded, err := encodePublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	if err := makeFolder(files.Public); err != nil {
		return err
	}
	if err := writeFile(files.Public, encoded, 0o644, true); err != nil {
		return err
	}
	logger.Info("public key written", "file", files.Public)
	return nil
}

// makeFolder makes the folder of a key file where it is missing.
func makeFolder(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return setupf("name a folder that this user can write", "the folder of the key file %s cannot be made: %w", path, err)
	}
	return nil
}

// writeFile puts content in place in one step: a crash leaves the old file or the
// new one. Without replace, an existing file stays and the error is fs.ErrExist.
func writeFile(path string, content []byte, mode fs.FileMode, replace bool) error {
	const hint = "name a file in a folder that this user can write"
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // replace the file, not the link to it
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return setupf(hint, "the key file %s cannot be written: %w", path, err)
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(content)
	err = errors.Join(err, temporary.Chmod(mode), temporary.Sync(), temporary.Close())
	if err == nil && replace {
		err = os.Rename(temporary.Name(), path)
	} else if err == nil {
		err = placeNew(temporary.Name(), path)
	}
	if err != nil {
		return setupf(hint, "the key file %s cannot be written: %w", path, err)
	}
	return syncFolder(filepath.Dir(path))
}

// placeNew gives a finished file its name unless that is taken. A hard link does
// so in one step; file systems without links get the next best.
func placeNew(temporary, path string) error {
	err := os.Link(temporary, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return fs.ErrExist
	}
	return os.Rename(temporary, path)
}

// syncFolder makes a new name in a folder durable, where the system can.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	const hint = "name a file in a folder that this user can read and write, on a file system that can be written to"
	folder, err := os.Open(path)
	if err != nil {
		return setupf(hint, "the folder of the key files, %s, cannot be opened: %w", path, err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return setupf(hint, "the folder of the key files, %s, cannot be made durable: %w", path, err)
	}
	return nil
}
