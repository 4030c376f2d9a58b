package lake

import (
	"context"
	"os"
	"sync"

	"golang.org/x/sync/errgroup"
)

// What Fetch takes: files whose bytes cost a bucket hardly more time than its answer does, so many of them at once, and so much of the disk.
const (
	fetchFile = 1 << 20
	fetchAt   = 16
	fetchDisk = 512 << 20
)

// KeepsCopies reports whether a store keeps copies on this machine, so that Fetch does something.
func KeepsCopies(s Store) bool { return ownCopies(s) != "" }

// Fetch brings the small ones among files to where the store keeps copies, side by side, so that who opens one after the other does not wait
// for the bucket each time. A file that cannot be fetched is left to who opens it. drop lets go of them: what nobody else fetched is deleted.
//
// Cost: a request a file of up to 1 MiB that this machine lacks, 16 at a time; up to 512 MiB of disk a process.
func Fetch(ctx context.Context, s Store, refs []FileRef) (drop func()) {
	bucket, ok := s.(*s3Store)
	if !ok || bucket.copies == "" {
		return func() {}
	}
	var taken []string
	var g errgroup.Group
	g.SetLimit(fetchAt)
	for _, ref := range refs {
		if ref.Size == 0 || ref.Size > fetchFile || ref.ETag == "" {
			continue
		}
		path, err := copyPath(s, ref)
		if err != nil {
			continue
		}
		c, isNew := fetched.take(path, ref)
		if c == nil {
			continue
		}
		taken = append(taken, path)
		g.Go(func() error {
			if isNew {
				bucket.copyTo(ctx, path, ref)
				close(c.ready)
			}
			<-c.ready
			return nil
		})
	}
	_ = g.Wait() // none fails
	return func() { fetched.drop(taken) }
}

// copyTo makes the local copy of a file by one request, if it can.
func (s *s3Store) copyTo(ctx context.Context, path string, ref FileRef) {
	data := make([]byte, ref.Size)
	if s.fetch(ctx, Info{Key: ref.Key, Size: ref.Size, ETag: ref.ETag}, data, 0) != nil || ref.SHA256 != "" && hashOf(data) != ref.SHA256 {
		return
	}
	tmp := path + ".new"
	if os.WriteFile(tmp, data, 0o600) != nil || os.Rename(tmp, path) != nil {
		os.Remove(tmp)
	}
}

// fetched are the copies that Fetch made in this process, by path.
var fetched = fetches{all: map[string]*fetchedCopy{}}

type fetches struct {
	mu    sync.Mutex
	all   map[string]*fetchedCopy
	bytes int64
}

// fetchedCopy is a copy with those who want it.
type fetchedCopy struct {
	users int
	bytes int64
	ready chan struct{} // closed when it is there, or cannot be had
}

// take returns the copy for one more user, and whether that has to fetch it; nil where the file is there anyhow, or the disk has had enough.
func (f *fetches) take(path string, ref FileRef) (c *fetchedCopy, isNew bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c = f.all[path]; c != nil {
		c.users++
		return c, false
	}
	if in, err := os.Stat(path); err == nil && in.Size() == ref.Size || f.bytes+ref.Size > fetchDisk {
		return nil, false
	}
	c = &fetchedCopy{users: 1, bytes: ref.Size, ready: make(chan struct{})}
	f.all[path] = c
	f.bytes += ref.Size
	return c, true
}

func (f *fetches) drop(paths []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, path := range paths {
		c := f.all[path]
		if c.users--; c.users == 0 {
			os.Remove(path)
			delete(f.all, path)
			f.bytes -= c.bytes
		}
	}
}
