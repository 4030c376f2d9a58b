package lake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
)

// What a File keeps in memory: before it moves to disk, and of what goes there.
const (
	spoolBytes     = 16 << 20
	bufferBytes    = 64 << 10 // the system keeps a file in folios as large as its writes, and maps a whole one where a page is touched
	writeBackBytes = 8 << 20  // that wait for the disk unasked
)

// File is an object being written: nothing is visible before Commit. Not safe for concurrent use.
type File struct {
	store Store
	key   string
	sum   hash.Hash // nil = a folder of files that nobody asks for by content
	size  int64
	mem   bytes.Buffer // not on disk yet
	most  int          // bytes in mem
	disk  *os.File
	asked int64 // bytes that the disk was asked for
	err   error // the first; later calls repeat it
}

// NewFile starts a new object. It spools to a temporary file: in the lake itself where that is a directory, among the local copies where
// the store keeps them, else, what is more than 16 MiB, in TMPDIR. End it with Commit or Abort.
func NewFile(ctx context.Context, s Store, key string) (*File, error) {
	if err := ready(ctx, "create", key); err != nil {
		return nil, err
	}
	f := &File{store: s, key: key, sum: sha256.New(), most: spoolBytes}
	if spooled(s) {
		f.most = bufferBytes
	}
	if d, ok := s.(*dirStore); ok && d.volatile {
		f.sum = nil
	}
	return f, nil
}

// spooled reports whether every file goes through the disk: into the lake, or because a copy of it stays.
func spooled(s Store) bool {
	_, local := s.(*dirStore)
	return local || ownCopies(s) != ""
}

// Write appends to the object.
func (f *File) Write(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	var w io.Writer = &f.mem
	if f.mem.Len()+len(p) > f.most {
		if err := f.spill(); err != nil {
			return 0, f.fail(err)
		}
		if len(p) > f.most {
			w = f.disk
		}
	}
	for piece := range slices.Chunk(p, bufferBytes) {
		if _, err := w.Write(piece); err != nil {
			return 0, f.fail(err)
		}
	}
	if f.size += int64(len(p)); f.sum != nil {
		f.sum.Write(p)
		f.writeBack()
	}
	return len(p), nil
}

// writeBack asks the disk for what has come since it was last asked, so that Commit need not wait for all of it where it waits at all.
func (f *File) writeBack() {
	if _, waits := f.store.(*dirStore); !waits {
		return
	}
	if to := f.size - int64(f.mem.Len()); f.disk != nil && to-f.asked >= writeBackBytes {
		startWriteBack(f.disk, f.asked, to-f.asked)
		f.asked = to
	}
}

func (f *File) fail(err error) error {
	f.err = fmt.Errorf("spool %s: %w", f.key, err)
	return f.err
}

// spill moves what is in memory to the temporary file.
func (f *File) spill() (err error) {
	if f.disk == nil {
		if f.disk, err = f.temp(); err != nil {
			return err
		}
	}
	_, err = f.disk.Write(f.mem.Bytes())
	if f.mem.Reset(); f.most != bufferBytes {
		f.mem, f.most = bytes.Buffer{}, bufferBytes
	}
	return err
}

func (f *File) temp() (*os.File, error) {
	if d, ok := f.store.(*dirStore); ok {
		return d.temp()
	}
	return os.CreateTemp(ownCopies(f.store), "segue-new-*")
}

// Size returns the bytes written so far.
func (f *File) Size() int64 { return f.size }

// Commit creates the object and returns its reference; ErrExists, wrapped, when the key is taken. It ends the file.
func (f *File) Commit(ctx context.Context, rows int64) (FileRef, error) {
	defer f.Abort()
	if f.err != nil {
		return FileRef{}, f.err
	}
	sha := ""
	if f.sum != nil {
		sha = hexSum(f.sum)
	}
	in, err := f.create(ctx, sha)
	if err != nil {
		return FileRef{}, err
	}
	ref := FileRef{Key: f.key, ETag: in.ETag, Size: f.size, SHA256: sha, Rows: rows}
	if ownCopies(f.store) != "" {
		keepCopy(f.store, ref, f.disk)
	}
	return ref, nil
}

func (f *File) create(ctx context.Context, sha string) (Info, error) {
	if spooled(f.store) || f.disk != nil {
		if err := f.spill(); err != nil {
			return Info{}, fmt.Errorf("create %s: %w", f.key, err)
		}
	}
	var content io.Reader = bytes.NewReader(f.mem.Bytes())
	if f.disk != nil {
		content = io.NewSectionReader(f.disk, 0, f.size)
	}
	switch s := f.store.(type) {
	case *dirStore:
		disk := f.disk
		f.disk = nil
		return s.adopt(ctx, f.key, disk, sha)
	case *s3Store:
		return s.create(ctx, f.key, content, f.size, sha)
	}
	return f.store.Create(ctx, f.key, content, f.size)
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
