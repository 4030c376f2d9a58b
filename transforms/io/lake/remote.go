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
	tailBytes   = 256 << 10 // what a read of the last bytes fetches: files that end with their index are read from there
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

// fill reads p, in parts where windows have some of it.
func (o *remote) fill(p []byte, off int64) error {
	for len(p) > 0 {
		n, err := o.part(p, off)
		if err != nil {
			return err
		}
		p, off = p[n:], off+int64(n)
	}
	return nil
}

// part reads the beginning of p.
func (o *remote) part(p []byte, off int64) (int, error) {
	w, isNew := o.window(off, len(p))
	switch {
	case isNew:
		defer close(w.ready)
		if w.err = o.fetch(w.data, w.off); w.err != nil {
			o.drop(w)
		}
	case w == nil:
		return len(p), o.fetch(p, off)
	default:
		<-w.ready
	}
	return copy(p, w.data[off-w.off:]), w.err
}

// window returns the window that holds what is at an offset, of n bytes wanted: one there is, or a new one to be fetched; nil where so many bytes
// are a request of their own.
func (o *remote) window(off int64, n int) (w *window, isNew bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	begin, end := off, min(off+windowBytes, o.in.Size)
	if off+int64(n) == o.in.Size {
		if begin = min(off, o.in.Size-tailBytes); o.in.Size <= windowBytes {
			begin = 0
		}
	}
	for _, w := range o.windows {
		switch {
		case w.off <= off && off < w.end():
			return w, false
		case w.off > off:
			end = min(end, w.off)
		default:
			begin = max(begin, w.end())
		}
	}
	if n >= directBytes {
		return nil, false
	}
	w = &window{off: begin, data: make([]byte, end-begin), ready: make(chan struct{})}
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
