package lake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// KeepCopies returns a bucket's store that keeps what is written through it in a folder of this machine, too, and what Map downloads: Map and
// OpenFile take it from there. A folder that goes with its process leaves nothing behind. Other stores are returned as they are: what they
// hold lies in reach.
//
// Errors: the folder cannot be made.
// Cost: the disk holds, once more, what is written.
func KeepCopies(s Store, folder string) (Store, error) {
	bucket, ok := s.(*s3Store)
	if !ok {
		return s, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("keep copies of %s: %w", s.URL(), err)
	}
	pruneHourly(sharedCopies()) // those who keep their own look into no other
	keeps := *bucket
	keeps.copies = folder
	return &keeps, nil
}

// OpenFile opens the object that a reference names: this machine's copy where the store keeps copies and has it, else the store's.
//
// Errors: the store's; ErrConflict when the object was replaced since the reference was made.
func OpenFile(ctx context.Context, s Store, ref FileRef) (Object, error) {
	if ownCopies(s) != "" {
		if path, err := copyPath(s, ref); err == nil {
			if f, err := openCopy(path, ref); err == nil {
				return dirObject{f, Info{Key: ref.Key, Size: ref.Size, ETag: ref.ETag}}, nil
			}
		}
	}
	return OpenStored(ctx, s, ref)
}

// OpenStored is OpenFile that never takes a copy: for checks of what the store has.
func OpenStored(ctx context.Context, s Store, ref FileRef) (Object, error) {
	o, err := s.Open(ctx, ref.Key)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", ref.Key, err)
	}
	if !ref.Names(o.Info()) {
		defer o.Close()
		return nil, fmt.Errorf("read %s: %w: its ETag was %s when it was listed, now it is %s", ref.Key, ErrConflict, ref.ETag, o.Info().ETag)
	}
	return o, nil
}

// mapCopy maps the local copy of a remote object, downloading it when this machine has none.
func mapCopy(ctx context.Context, s Store, ref FileRef) (*Mapping, error) {
	path, err := copyPath(s, ref)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", ref.Key, err)
	}
	f, err := openCopy(path, ref)
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

// openCopy opens a local copy; one that was cut, as by a host that lost power, is none: mapped, it would end the process.
func openCopy(path string, ref FileRef) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	in, err := f.Stat()
	if err == nil && in.Size() != ref.Size {
		err = fmt.Errorf("open copy of %s: it has %d bytes: %w", ref.Key, in.Size(), os.ErrNotExist)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ownCopies returns the folder of copies that a store keeps for itself; "" = it keeps none.
func ownCopies(s Store) string {
	if bucket, ok := s.(*s3Store); ok {
		return bucket.copies
	}
	return ""
}

// copiesOf returns the folder of a store's local copies: its own, or one that this user's processes share.
func copiesOf(s Store) (string, error) {
	if own := ownCopies(s); own != "" {
		return own, nil
	}
	dir := sharedCopies()
	return dir, os.MkdirAll(dir, 0o700)
}

// sharedCopies names the folder of local copies that this user's processes share.
func sharedCopies() string {
	base, err := os.UserCacheDir()
	if err != nil {
		base = filepath.Join(os.TempDir(), fmt.Sprintf("segue-%d", os.Getuid()))
	}
	return filepath.Join(base, "segue", "objects")
}

// keepCopy makes the temporary file of what was written the local copy of its object. A copy that cannot be made is one that is fetched.
func keepCopy(s Store, ref FileRef, spooled *os.File) {
	if path, err := copyPath(s, ref); err == nil {
		os.Rename(spooled.Name(), path)
	}
}

// copyPath names the local copy by what the object holds, so that a changed object never meets an old copy.
func copyPath(s Store, ref FileRef) (string, error) {
	dir, err := copiesOf(s)
	if err != nil {
		return "", err
	}
	name := hashOf(fmt.Appendf(nil, "%s\n%s\n%s\n%s\n%d", s.URL(), ref.Key, ref.ETag, ref.SHA256, ref.Size))
	return filepath.Join(dir, name), nil
}

// download copies an object to path, whole or not at all.
func download(ctx context.Context, s Store, ref FileRef, path string) (*os.File, error) {
	pruneHourly(filepath.Dir(path))
	o, err := openWhole(ctx, s, ref)
	if err != nil {
		return nil, err
	}
	defer o.Close()
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

// copyLife is how long an unused local copy stays.
const copyLife = 48 * time.Hour

var pruned atomic.Int64 // Unix seconds when this process last looked for old copies

// pruneHourly drops local copies that no process used lately, at most once an hour; a mapped file lives on until it is unmapped.
func pruneHourly(dir string) {
	now, last := time.Now().Unix(), pruned.Load()
	if now-last < 3600 || !pruned.CompareAndSwap(last, now) {
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if in, err := e.Info(); err == nil && time.Since(in.ModTime()) > copyLife {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
