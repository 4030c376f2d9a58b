package lake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Mapping is the read-only content of an object. Its bytes must not be used after Close.
type Mapping struct{ data []byte }

// mapped holds the mappings of files that are open.
var mapped struct {
	sync.Mutex
	open map[*Mapping]struct{}
}

// DropPages gives back the memory of all mapped files: pages are read again when touched. Mappings that are kept for a stage's items outlive
// it, and so would the pages that the items touched.
func DropPages() {
	mapped.Lock()
	defer mapped.Unlock()
	for m := range mapped.open {
		_ = unix.Madvise(m.data, unix.MADV_DONTNEED) // advice: a system that does not take it keeps the pages
	}
}

// Bytes returns the content; writing to it is a fault.
func (m *Mapping) Bytes() []byte { return m.data }

// Close releases the content.
func (m *Mapping) Close() error {
	mapped.Lock()
	defer mapped.Unlock()
	_, file := mapped.open[m]
	delete(mapped.open, m)
	data := m.data
	m.data = nil
	if !file {
		return nil
	}
	return unix.Munmap(data)
}

// Map returns the content of a file as memory: mapped from the directory lake, from a local copy of a remote object,
// downloaded once a machine, or the bytes themselves of a lake in memory.
//
// Errors: the store's, and one that names the key when the object is not what ref says.
// Cost: address space, not memory: pages are read when touched and dropped under pressure.
func Map(ctx context.Context, s Store, ref FileRef) (*Mapping, error) {
	switch s := s.(type) {
	case *memStore:
		o, err := s.find(ctx, "map", ref.Key)
		if err != nil {
			return nil, err
		}
		return &Mapping{o.data}, checkRef(o.info, ref)
	case *dirStore:
		o, err := s.Open(ctx, ref.Key)
		if err != nil {
			return nil, err
		}
		defer o.Close()
		if err := checkRef(o.Info(), ref); err != nil {
			return nil, err
		}
		return mapFile(o.(dirObject).File, ref)
	}
	return mapCopy(ctx, s, ref)
}

func checkRef(in Info, ref FileRef) error {
	if !ref.Names(in) || in.Size != ref.Size {
		return fmt.Errorf("map %s: %w: %d bytes with etag %s, recorded were %d with %s", ref.Key, ErrConflict, in.Size, in.ETag, ref.Size, ref.ETag)
	}
	return nil
}

func mapFile(f *os.File, ref FileRef) (*Mapping, error) {
	if ref.Size == 0 {
		return &Mapping{}, nil
	}
	data, err := unix.Mmap(int(f.Fd()), 0, int(ref.Size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", ref.Key, err)
	}
	m := &Mapping{data}
	mapped.Lock()
	defer mapped.Unlock()
	if mapped.open == nil {
		mapped.open = map[*Mapping]struct{}{}
	}
	mapped.open[m] = struct{}{}
	return m, nil
}

// mapCopy maps the local copy of a remote object, downloading it when this machine has none.
func mapCopy(ctx context.Context, s Store, ref FileRef) (*Mapping, error) {
	path, err := copyPath(s, ref)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", ref.Key, err)
	}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		f, err = download(ctx, s, ref, path)
	}
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", ref.Key, err)
	}
	defer f.Close()
	now := time.Now()
	os.Chtimes(path, now, now) // in use: prune keeps it
	return mapFile(f, ref)
}

// copyPath names the local copy by what the object holds, so that a changed object never meets an old copy.
func copyPath(s Store, ref FileRef) (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		base = filepath.Join(os.TempDir(), fmt.Sprintf("segue-%d", os.Getuid()))
	}
	dir := filepath.Join(base, "segue", "objects")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	name := hashOf(fmt.Appendf(nil, "%s\n%s\n%s\n%s\n%d", s.URL(), ref.Key, ref.ETag, ref.SHA256, ref.Size))
	return filepath.Join(dir, name), nil
}

// download copies an object to path, whole or not at all.
func download(ctx context.Context, s Store, ref FileRef, path string) (*os.File, error) {
	prune(filepath.Dir(path))
	o, err := s.Open(ctx, ref.Key)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	if err := checkRef(o.Info(), ref); err != nil {
		return nil, err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "new-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp.Name())
	if err := copyHashed(ctx, tmp, o, ref); err != nil {
		tmp.Close()
		return nil, err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		tmp.Close()
		return nil, err
	}
	return tmp, nil
}

// keepCopies is how long an unused local copy stays.
const keepCopies = 48 * time.Hour

// prune drops local copies that no process used lately; a mapped file lives on until it is unmapped.
func prune(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if in, err := e.Info(); err == nil && time.Since(in.ModTime()) > keepCopies {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
