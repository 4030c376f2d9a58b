package lake

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// etagCache keeps the sha256 of files of a directory lake, so that a large file is read once for it: in this process by
// inode, and for other processes in an extended attribute where the file system has them. Both hold only while size and
// modification time stay the same.
type etagCache struct {
	mu     sync.Mutex
	hashes map[fileState]string
}

type fileState struct {
	dev, ino uint64
	size     int64
	modified int64 // ns
}

const etagAttr = "user.segue.sha256"

// settled is how old a file must be before its hash is kept: a younger one may still be written within one clock tick.
const settled = 2 * time.Second

func stateOf(f *os.File) (fileState, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return fileState{}, err
	}
	return fileState{uint64(st.Dev), st.Ino, st.Size, st.Mtim.Nano()}, nil
}

// of returns the hex sha256 of an open file.
func (c *etagCache) of(ctx context.Context, f *os.File, st os.FileInfo) (string, error) {
	state, err := stateOf(f)
	if err != nil {
		return "", err
	}
	if sha, ok := c.known(f, state); ok {
		return sha, nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, ctxReader{ctx, io.NewSectionReader(f, 0, st.Size())}); err != nil {
		return "", fmt.Errorf("hash content: %w", err)
	}
	sha := hexSum(h)
	if time.Since(st.ModTime()) > settled {
		c.keep(f, state, sha)
	}
	return sha, nil
}

// remember keeps the hash of a file we wrote and will never change.
func (c *etagCache) remember(f *os.File, sha string) {
	if state, err := stateOf(f); err == nil {
		c.keep(f, state, sha)
	}
}

func (c *etagCache) known(f *os.File, state fileState) (string, bool) {
	c.mu.Lock()
	sha, ok := c.hashes[state]
	c.mu.Unlock()
	if ok {
		return sha, true
	}
	buf := make([]byte, 160)
	n, err := unix.Fgetxattr(int(f.Fd()), etagAttr, buf)
	if err != nil {
		return "", false
	}
	sha, ok = strings.CutPrefix(string(buf[:n]), state.label())
	return sha, ok && len(sha) == sha256.Size*2
}

// label says of which state of a file an attribute is true.
func (s fileState) label() string { return fmt.Sprintf("%d:%d:", s.size, s.modified) }

func (c *etagCache) keep(f *os.File, state fileState, sha string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hashes == nil || len(c.hashes) >= 1<<16 {
		c.hashes = map[fileState]string{}
	}
	c.hashes[state] = sha
	unix.Fsetxattr(int(f.Fd()), etagAttr, []byte(state.label()+sha), 0) // best effort: without it the next process reads the file again
}
