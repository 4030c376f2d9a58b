package lake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"
)

// spoolBytes is what a File keeps in memory before it moves to disk.
const spoolBytes = 16 << 20

// File is an object being written: nothing is visible before Commit. Not safe for concurrent use.
type File struct {
	store Store
	key   string
	sum   hash.Hash
	size  int64
	mem   bytes.Buffer
	disk  *os.File
	err   error // the first; later calls repeat it
}

// NewFile starts a new object. It spools to memory up to 16 MiB, then to a temporary file: in the lake itself where that
// is a directory, else in TMPDIR. End it with Commit or Abort.
func NewFile(ctx context.Context, s Store, key string) (*File, error) {
	if err := ready(ctx, "create", key); err != nil {
		return nil, err
	}
	return &File{store: s, key: key, sum: sha256.New()}, nil
}

// Write appends to the object.
func (f *File) Write(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	if f.disk == nil && f.mem.Len()+len(p) > spoolBytes {
		if err := f.spill(); err != nil {
			return 0, f.fail(err)
		}
	}
	var w io.Writer = &f.mem
	if f.disk != nil {
		w = f.disk
	}
	if _, err := w.Write(p); err != nil {
		return 0, f.fail(err)
	}
	f.sum.Write(p)
	f.size += int64(len(p))
	return len(p), nil
}

func (f *File) fail(err error) error {
	f.err = fmt.Errorf("spool %s: %w", f.key, err)
	return f.err
}

// spill moves what was written to a temporary file.
func (f *File) spill() (err error) {
	if d, ok := f.store.(*dirStore); ok {
		f.disk, err = d.temp()
	} else {
		f.disk, err = os.CreateTemp("", "segue-new-*")
	}
	if err != nil {
		return err
	}
	_, err = f.disk.Write(f.mem.Bytes())
	f.mem = bytes.Buffer{}
	return err
}

// Size returns the bytes written so far.
func (f *File) Size() int64 { return f.size }

// Commit creates the object and returns its reference; ErrExists, wrapped, when the key is taken. It ends the file.
func (f *File) Commit(ctx context.Context, rows int64) (FileRef, error) {
	defer f.Abort()
	if f.err != nil {
		return FileRef{}, f.err
	}
	sha := hexSum(f.sum)
	in, err := f.create(ctx, sha)
	if err != nil {
		return FileRef{}, err
	}
	return FileRef{Key: f.key, ETag: in.ETag, Size: f.size, SHA256: sha, Rows: rows}, nil
}

func (f *File) create(ctx context.Context, sha string) (Info, error) {
	if d, ok := f.store.(*dirStore); ok {
		if f.disk == nil {
			if err := f.spill(); err != nil {
				return Info{}, fmt.Errorf("create %s: %w", f.key, err)
			}
		}
		disk := f.disk
		f.disk = nil
		return d.adopt(ctx, f.key, disk, sha)
	}
	if f.disk == nil {
		return f.store.Create(ctx, f.key, bytes.NewReader(f.mem.Bytes()), f.size)
	}
	if _, err := f.disk.Seek(0, io.SeekStart); err != nil {
		return Info{}, fmt.Errorf("create %s: %w", f.key, err)
	}
	return f.store.Create(ctx, f.key, f.disk, f.size)
}

// Abort drops what was written; after Commit it does nothing.
func (f *File) Abort() {
	if f.disk != nil {
		drop(f.disk)
	}
	f.disk, f.mem = nil, bytes.Buffer{}
	if f.err == nil {
		f.err = fmt.Errorf("write %s: the file has ended", f.key)
	}
}
