package nightly

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"segue/transforms/io/lake"
)

// scratchFolder makes a temporary folder for this process, held by a lock as long as the process lives, and points
// TMPDIR at it, so that nothing a night or its runner leaves behind survives it. Folders whose owner was killed go first.
func scratchFolder() (folder string, remove func(), err error) {
	parent := os.TempDir()
	removeAbandoned(parent)
	folder, err = os.MkdirTemp(parent, "segue-scratch-")
	if err != nil {
		return "", nil, fmt.Errorf("make scratch folder in %s: %w", parent, err)
	}
	lock, err := lockFolder(folder, unix.LOCK_EX)
	if err != nil {
		return "", nil, fmt.Errorf("lock scratch folder %s: %w", folder, err)
	}
	before, had := os.LookupEnv("TMPDIR")
	os.Setenv("TMPDIR", folder)
	return folder, func() {
		if had {
			os.Setenv("TMPDIR", before)
		} else {
			os.Unsetenv("TMPDIR")
		}
		os.RemoveAll(folder)
		lock.Close()
	}, nil
}

// clearScratch removes what a finished stage has on local scratch: what others read is in the lake.
func (n *night) clearScratch(stage string) error {
	if n.scratch == "" {
		return nil
	}
	return os.RemoveAll(filepath.Join(n.scratch, filepath.FromSlash(lake.RunKey(n.run, "work", stage))))
}

// removeAbandoned removes the scratch folders in parent whose lock nobody holds.
func removeAbandoned(parent string) {
	folders, err := filepath.Glob(filepath.Join(parent, "segue-scratch-*"))
	if err != nil {
		return
	}
	for _, f := range folders {
		if _, err := os.Stat(filepath.Join(f, "lock")); err != nil {
			continue // just made, not locked yet
		}
		if lock, err := lockFolder(f, unix.LOCK_EX|unix.LOCK_NB); err == nil {
			os.RemoveAll(f)
			lock.Close()
		}
	}
}

func lockFolder(folder string, how int) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), how); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
