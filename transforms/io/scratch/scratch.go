// Package scratch makes temporary folders that do not survive their process for long, even a killed one: a folder is held by a lock as
// long as its process lives, and whoever makes the next one removes those that nobody holds.
package scratch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const (
	prefix   = "segue-scratch-"
	lockName = "lock" // a file in the folder
)

// Folder makes a folder in os.TempDir and removes those of processes that were killed. remove takes it away with what is in it.
//
// Errors: those of making and locking it, with its path.
func Folder() (path string, remove func() error, err error) {
	parent := os.TempDir()
	removeAbandoned(parent)
	path, err = os.MkdirTemp(parent, prefix)
	if err != nil {
		return "", nil, fmt.Errorf("make scratch folder in %s: %w: set TMPDIR to a folder that can be written", parent, err)
	}
	held, err := lock(path, unix.LOCK_EX)
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("lock scratch folder %s: %w", path, err), os.RemoveAll(path))
	}
	return path, func() error { return errors.Join(os.RemoveAll(path), held.Close()) }, nil
}

// removeAbandoned removes the folders in parent whose lock nobody holds.
func removeAbandoned(parent string) {
	folders, err := filepath.Glob(filepath.Join(parent, prefix+"*"))
	if err != nil {
		return
	}
	for _, f := range folders {
		if _, err := os.Stat(filepath.Join(f, lockName)); err != nil {
			continue // just made, not locked yet
		}
		if held, err := lock(f, unix.LOCK_EX|unix.LOCK_NB); err == nil {
			os.RemoveAll(f)
			held.Close()
		}
	}
}

func lock(folder string, how int) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(folder, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), how); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
