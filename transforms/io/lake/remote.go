package lake

import (
	"fmt"
	"io"
	"slices"
	"sync"
)

const (
	windowBytes = 1 << 20   // what a small read fetches, starting where it starts
	windowsKept = 16        // a file
	directBytes = 128 << 10 // reads from this size on are one request of exactly their range
)

// remote reads ranges of one version of an object. It keeps the context of Open, because io.ReaderAt takes none.
// Columns that are read side by side lie side by side: who finds a window on its way waits for it, and windows end where another begins.
type remote struct {
	in    Info
	fetch func(p []byte, off int64) error // reads exactly one range

	mu      sync.Mutex
	windows []*window // oldest first
}

// window is a range of an object that is there, or on its way.
type window struct {
	off   int64
	data  []byte
	ready chan struct{} // closed when data is there, or err
	err   error
}

func (w *window) end() int64 { return w.off + int64(len(w.data)) }

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
	if len(p) == 0 {
		return nil
	}
	w, isNew := o.window(off, len(p))
	switch {
	case isNew:
		defer close(w.ready)
		if w.err = o.fetch(w.data, off); w.err != nil {
			o.drop(w)
		}
	case w == nil:
		return o.fetch(p, off)
	default:
		<-w.ready
	}
	copy(p, w.data[off-w.off:])
	return w.err
}

// window returns the window that holds n bytes from an offset on: one there is, or a new one to be fetched; nil where so many bytes are a request
// of their own.
func (o *remote) window(off int64, n int) (w *window, isNew bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	behind, end := off+int64(n), min(off+windowBytes, o.in.Size)
	for _, w := range o.windows {
		if w.off <= off && behind <= w.end() {
			return w, false
		}
		if w.off >= behind {
			end = min(end, w.off)
		}
	}
	if n >= directBytes {
		return nil, false
	}
	w = &window{off: off, data: make([]byte, end-off), ready: make(chan struct{})}
	if len(o.windows) == windowsKept {
		o.windows = slices.Delete(o.windows, 0, 1)
	}
	o.windows = append(o.windows, w)
	return w, true
}

// drop lets a range that could not be fetched be asked for again.
func (o *remote) drop(w *window) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.windows = slices.DeleteFunc(o.windows, func(other *window) bool { return other == w })
}
