package lake

import (
	"context"
	"fmt"
	"os"
	"sync"

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
	case *overlay:
		return Map(ctx, s.holder(ctx, ref.Key), ref)
	case *memStore:
		o, err := s.find(ctx, "map", ref.Key)
		if err != nil {
			return nil, err
		}
		return &Mapping{o.data}, checkRef(o.info, ref)
	case *dirStore:
		o, err := openWhole(ctx, s, ref)
		if err != nil {
			return nil, err
		}
		defer o.Close()
		return mapFile(o.(dirObject).File, ref)
	}
	return mapCopy(ctx, s, ref)
}

// openWhole opens an object of which all is read.
func openWhole(ctx context.Context, s Store, ref FileRef) (Object, error) {
	o, err := s.Open(ctx, ref.Key)
	if err != nil {
		return nil, err
	}
	if err := checkRef(o.Info(), ref); err != nil {
		o.Close()
		return nil, err
	}
	return o, nil
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
