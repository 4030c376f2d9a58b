package lake

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/minio/minio-go/v7"
)

const (
	windowBytes = 1 << 20   // what a small read fetches, starting where it starts
	windowsKept = 16        // a file
	directBytes = 128 << 10 // reads from this size on are one request of exactly their range
)

// s3Object reads ranges of one version of an object: when the key is swapped, reads fail with ErrConflict. It keeps the
// context of Open, because io.ReaderAt takes none.
type s3Object struct {
	ctx   context.Context
	store *s3Store
	in    Info

	mu      sync.Mutex
	windows []window // oldest first
}

type window struct {
	off  int64
	data []byte
}

func (s *s3Store) Open(ctx context.Context, key string) (Object, error) {
	in, err := s.Stat(ctx, key)
	if err != nil {
		return nil, err
	}
	return &s3Object{ctx: ctx, store: s, in: in}, nil
}

func (o *s3Object) Info() Info { return o.in }

// Close drops what was read ahead.
func (o *s3Object) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.windows = nil
	return nil
}

func (o *s3Object) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read %s: offset %d is negative", o.in.Key, off)
	}
	if off >= o.in.Size {
		return 0, io.EOF
	}
	want := p[:min(int64(len(p)), o.in.Size-off)]
	if err := o.fill(want, off); err != nil {
		return 0, err
	}
	if len(want) < len(p) {
		return len(want), io.EOF
	}
	return len(want), nil
}

func (o *s3Object) fill(p []byte, off int64) error {
	if len(p) == 0 || o.cached(p, off) {
		return nil
	}
	if len(p) >= directBytes {
		return o.fetch(p, off)
	}
	data := make([]byte, min(windowBytes, o.in.Size-off))
	if err := o.fetch(data, off); err != nil {
		return err
	}
	copy(p, data)
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.windows) == windowsKept {
		o.windows = o.windows[1:]
	}
	o.windows = append(o.windows, window{off, data})
	return nil
}

func (o *s3Object) cached(p []byte, off int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, w := range o.windows {
		if off >= w.off && off+int64(len(p)) <= w.off+int64(len(w.data)) {
			copy(p, w.data[off-w.off:])
			return true
		}
	}
	return false
}

// fetch reads exactly one range of the version that was opened.
func (o *s3Object) fetch(p []byte, off int64) error {
	var opts minio.GetObjectOptions
	if err := opts.SetMatchETag(o.in.ETag); err != nil {
		return err
	}
	if err := opts.SetRange(off, off+int64(len(p))-1); err != nil {
		return err
	}
	_, err := o.store.try(o.ctx, int64(len(p)), func(ctx context.Context) error {
		r, _, _, err := o.store.core.GetObject(ctx, o.store.bucket, o.store.prefix+o.in.Key, opts)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.ReadFull(r, p)
		return err
	})
	return o.store.explain("read", o.in.Key, err)
}
