package lake

import (
	"fmt"
	"io"
	"sync"
)

const (
	windowBytes = 1 << 20   // what a small read fetches, starting where it starts
	windowsKept = 16        // a file
	directBytes = 128 << 10 // reads from this size on are one request of exactly their range
)

// remote reads ranges of one version of an object. It keeps the context of Open, because io.ReaderAt takes none.
type remote struct {
	in    Info
	fetch func(p []byte, off int64) error // reads exactly one range

	mu      sync.Mutex
	windows []window // oldest first
}

type window struct {
	off  int64
	data []byte
}

func (o *remote) Info() Info { return o.in }

// Close drops what was read ahead.
func (o *remote) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.windows = nil
	return nil
}

func (o *remote) ReadAt(p []byte, off int64) (int, error) {
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

func (o *remote) fill(p []byte, off int64) error {
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

func (o *remote) cached(p []byte, off int64) bool {
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
