package lake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"segue/schemas"
)

// temp makes a file in .tmp: it is no object until it is linked.
func (s *dirStore) temp() (*os.File, error) {
	dir := filepath.Join(s.root, tempFolder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return nil, err
	}
	return f, f.Chmod(0o644)
}

func drop(f *os.File) {
	f.Close()
	os.Remove(f.Name())
}

// write copies r to a new temporary file and returns its hex sha256.
func (s *dirStore) write(ctx context.Context, r io.Reader, size int64) (*os.File, string, error) {
	f, err := s.temp()
	if err != nil {
		return nil, "", err
	}
	h := sha256.New()
	if err := copyExactly(ctx, io.MultiWriter(f, h), r, size); err != nil {
		drop(f)
		return nil, "", err
	}
	return f, hexSum(h), nil
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

func (s *dirStore) Create(ctx context.Context, key string, r io.Reader, size int64) (Info, error) {
	if err := ready(ctx, "create", key); err != nil {
		return Info{}, err
	}
	if _, err := os.Lstat(s.path(key)); err == nil {
		return Info{}, fmt.Errorf("create %s: %w", key, ErrExists)
	}
	f, sha, err := s.write(ctx, r, size)
	if err != nil {
		return Info{}, fmt.Errorf("create %s: %w", key, err)
	}
	return s.adopt(ctx, key, f, sha)
}

// adopt makes a finished temporary file the object of a new key and closes it.
func (s *dirStore) adopt(ctx context.Context, key string, f *os.File, sha string) (in Info, err error) {
	defer drop(f)
	if err := ready(ctx, "create", key); err != nil {
		return Info{}, err
	}
	err = s.waiting(ctx, func() error {
		if err := s.settle(f); err != nil {
			return fmt.Errorf("create %s: %w", key, err)
		}
		in, err = s.link(ctx, key, f, sha)
		return err
	})
	return in, err
}

// waiting calls f, which writes to the disk; nobody waits for that of scratch.
func (s *dirStore) waiting(ctx context.Context, f func() error) error {
	if s.volatile {
		return f()
	}
	return Waiting(ctx, f)
}

// settle makes the content of a temporary file durable.
func (s *dirStore) settle(f *os.File) error {
	if s.volatile {
		return nil
	}
	return f.Sync()
}

// link makes a settled temporary file the object of a new key.
func (s *dirStore) link(ctx context.Context, key string, f *os.File, sha string) (Info, error) {
	if sha != "" {
		s.etags.remember(f, sha)
	}
	path := s.path(key)
	err := s.inFolder(path, func() error { return os.Link(f.Name(), path) })
	switch {
	case errors.Is(err, fs.ErrExist):
		return Info{}, fmt.Errorf("create %s: %w", key, ErrExists)
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.ENOTSUP):
		return Info{}, fmt.Errorf("create %s: a lake needs a file system with hard links: %w", key, err)
	case err != nil:
		return Info{}, fmt.Errorf("create %s: %w", key, err)
	}
	return s.describe(ctx, f, key)
}

// inFolder runs place with the folder of path made and makes its result durable. Delete may prune the folder in between.
func (s *dirStore) inFolder(path string, place func() error) error {
	dir := filepath.Dir(path)
	for try := 0; ; try++ {
		made, err := s.makeFolders(dir)
		if err != nil {
			return err
		}
		err = place()
		if errors.Is(err, fs.ErrNotExist) && try < 100 {
			continue
		}
		if err != nil || s.volatile {
			return err
		}
		return syncFolders(append(made, dir))
	}
}

// makeFolders makes dir and its parents and returns the folders that got a new entry.
func (s *dirStore) makeFolders(dir string) (changed []string, err error) {
	for p := dir; p != s.root; p = filepath.Dir(p) {
		if _, err := os.Lstat(p); err == nil {
			break
		}
		changed = append(changed, filepath.Dir(p))
	}
	err = os.MkdirAll(dir, 0o755)
	if isNotDir(err) {
		return nil, fmt.Errorf("a part of the path is an object, not a folder: %w", err)
	}
	return changed, err
}

func syncFolders(dirs []string) error {
	for _, dir := range dirs {
		d, err := os.Open(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		err = d.Sync()
		d.Close()
		if err != nil && !errors.Is(err, unix.EINVAL) { // some file systems cannot sync folders
			return err
		}
	}
	return nil
}

func isNotDir(err error) bool { return errors.Is(err, unix.ENOTDIR) }

func (s *dirStore) Swap(ctx context.Context, key string, data []byte, etag string) (Info, error) {
	if err := ready(ctx, "swap", key); err != nil {
		return Info{}, err
	}
	f, sha, err := s.write(ctx, bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return Info{}, fmt.Errorf("swap %s: %w", key, err)
	}
	defer drop(f)
	if err := s.waiting(ctx, func() error { return s.settle(f) }); err != nil {
		return Info{}, fmt.Errorf("swap %s: %w", key, err)
	}
	return s.swap(ctx, key, f, sha, etag)
}

// swap makes a settled temporary file the object of a key under the key's lock. In there it never waits as Waiting does: to come back from that
// may take what is held by those who wait for the lock.
func (s *dirStore) swap(ctx context.Context, key string, f *os.File, sha, etag string) (Info, error) {
	unlock, err := s.lock(ctx, key)
	if err != nil {
		return Info{}, fmt.Errorf("swap %s: lock: %w", key, err)
	}
	defer unlock()
	now, err := s.Stat(ctx, key)
	if err != nil && !errors.Is(err, ErrNotExist) {
		return Info{}, fmt.Errorf("swap %s: %w", key, err)
	}
	if now.ETag != etag {
		return Info{}, fmt.Errorf("swap %s: %w", key, ErrConflict)
	}
	if etag == "" {
		in, err := s.link(ctx, key, f, sha)
		if errors.Is(err, ErrExists) {
			err = fmt.Errorf("swap %s: %w", key, ErrConflict)
		}
		return in, err
	}
	s.etags.remember(f, sha)
	path := s.path(key)
	if err := s.inFolder(path, func() error { return os.Rename(f.Name(), path) }); err != nil {
		return Info{}, fmt.Errorf("swap %s: %w", key, err)
	}
	return s.describe(ctx, f, key)
}

// lock takes the lock of a key against other goroutines and processes; the kernel frees it when its holder dies.
func (s *dirStore) lock(ctx context.Context, key string) (unlock func(), err error) {
	dir := filepath.Join(s.root, tempFolder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	name := filepath.Join(dir, fmt.Sprintf("lock-%02d", schemas.Bucket(key, 64)))
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			f.Close()
			return nil, err
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}

func (s *dirStore) Delete(ctx context.Context, key string) error {
	if err := ready(ctx, "delete", key); err != nil {
		return err
	}
	unlock, err := s.lock(ctx, key)
	if err != nil {
		return fmt.Errorf("delete %s: lock: %w", key, err)
	}
	defer unlock()
	path := s.path(key)
	if st, err := os.Lstat(path); err == nil && st.IsDir() {
		return nil
	}
	if err := notExist(os.Remove(path)); err != nil && !errors.Is(err, ErrNotExist) {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	for dir := filepath.Dir(path); dir != s.root; dir = filepath.Dir(dir) {
		if unix.Rmdir(dir) != nil { // not empty, or an object
			break
		}
	}
	return nil
}
