package auth

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
	"syscall"
)

// maxKeyFileBytes bounds what is read of a key file; a key of 4096 bits has 3.4 KB.
const maxKeyFileBytes = 64 << 10

// keyFileHint is what to do about a key file that cannot be read.
const keyFileHint = "the path must be that of a regular file that this user can read, or of none: then one is made"

// readKeyFile returns a file's content, or nil where there is no such file.
func readKeyFile(path string) ([]byte, error) {
	file, _, err := openKeyFile(path)
	if file == nil || err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxKeyFileBytes+1))
	if err != nil {
		return nil, setupf(keyFileHint, "the key file %s cannot be read: %w", path, err)
	}
	if len(content) > maxKeyFileBytes {
		return nil, setupf("the path must be that of a key in PEM form", "the key file %s has more than %d bytes", path, maxKeyFileBytes)
	}
	return append([]byte{}, content...), nil // an empty file is not a missing one
}

// openKeyFile looks at what is at a path and then opens it for reading, where it is
// a regular file; nil where there is nothing. Anything else is an error and is
// left as it is: to open or read a pipe or a device can block, never end, or do
// something.
func openKeyFile(path string) (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, refuseDangling(path)
	}
	if err != nil {
		return nil, nil, setupf(keyFileHint, "the key file %s cannot be read: %w", path, err)
	}
	if err := refuseIrregular(path, info.Mode()); err != nil {
		return nil, nil, err
	}
	return openRegular(path)
}

// openRegular opens a regular file for reading. It does not wait, and refuses,
// where something else has come to the path since it was looked at.
func openRegular(path string) (*os.File, fs.FileInfo, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, setupf(keyFileHint, "the key file %s cannot be read: %w", path, err)
	}
	info, err := file.Stat()
	if err != nil {
		err = setupf(keyFileHint, "the key file %s cannot be read: %w", path, err)
	} else {
		err = refuseIrregular(path, info.Mode())
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return file, info, nil
}

// refuseIrregular returns an error where a mode is not that of a regular file.
func refuseIrregular(path string, mode fs.FileMode) error {
	var what string
	switch {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		what = "a folder"
	case mode&fs.ModeNamedPipe != 0:
		what = "a named pipe"
	case mode&fs.ModeSocket != 0:
		what = "a socket"
	case mode&fs.ModeDevice != 0:
		what = "a device"
	default:
		what = "something else"
	}
	return setupf(keyFileHint, "the key file %s cannot be read: it is %s, not a regular file", path, what)
}

// refuseDangling returns an error where a path at which there is no file is a link.
func refuseDangling(path string) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return nil
	}
	target, err := os.Readlink(path)
	if err != nil {
		target = "it"
	}
	return setupf("bring back the file that it points to (is a volume not mounted?), or delete the link; without link and file a new one is made",
		"the key file %s is a link that points nowhere: there is no %s", path, target)
}

// tightenMode takes a file that has proven to be a private key away from everybody
// but its owner. Where that cannot be done (a mounted secret), a file that all can
// read is an error and one that a group can read a warning.
func tightenMode(path string, logger *slog.Logger) error {
	if runtime.GOOS == "windows" {
		return nil // the mode says nothing there
	}
	file, info, err := openKeyFile(path)
	if err != nil {
		return err
	}
	if file == nil {
		return setupf("find out what deletes it, and put it back from a copy", "the private key %s was deleted while it was read", path)
	}
	defer file.Close()
	mode := info.Mode().Perm()
	if mode&0o077 == 0 {
		return nil
	}
	return judgeMode(path, mode, file.Chmod(mode&0o700), logger)
}

// judgeMode says what follows from a private file that had the given mode and was
// tightened, or was not for the given reason.
func judgeMode(path string, mode fs.FileMode, chmod error, logger *slog.Logger) error {
	switch {
	case chmod == nil:
		logger.Warn("the private key file could be read by others; its mode was tightened", "file", path, "mode", mode.String())
		return nil
	case mode&0o007 != 0:
		return setupf("chmod 0600 "+shellQuote(path), "the private key %s can be read by everybody, and that cannot be changed: %w", path, chmod)
	}
	logger.Warn("the private key file can be read by a group, and that cannot be changed", "file", path, "mode", mode.String())
	return nil
}
