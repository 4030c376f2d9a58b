package importer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
)

// content is the unpacked bytes of a file; the raw ones are hashed on the way.
type content struct {
	*bufio.Reader
	disk *os.File
	raw  io.Reader // disk through sum
	sum  hash.Hash
	done func()
}

// open starts reading a file of lines, JSON or CSV, without its byte order mark.
func (f file) open() (*content, error) {
	disk, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	c := &content{disk: disk, sum: sha256.New(), done: func() {}}
	c.raw = io.TeeReader(disk, c.sum)
	r, err := c.unpack(f.packed)
	if err != nil {
		disk.Close()
		return nil, fmt.Errorf("unpack %s: %w", f.packed, err)
	}
	c.Reader = bufio.NewReaderSize(r, 1<<20)
	if mark, _ := c.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, err = c.Discard(3)
	}
	return c, err
}

func (c *content) unpack(packed string) (io.Reader, error) {
	switch packed {
	case ".gz":
		return gzip.NewReader(bufio.NewReaderSize(c.raw, 1<<18))
	case ".zst":
		z, err := zstd.NewReader(c.raw, zstd.WithDecoderConcurrency(1))
		if err == nil {
			c.done = z.Close
		}
		return z, err
	}
	return c.raw, nil
}

// finish reads what the parser left, so that the hash covers the whole file, and returns it.
func (c *content) finish() ([]byte, error) {
	if _, err := io.Copy(io.Discard, c.raw); err != nil {
		return nil, err
	}
	return c.sum.Sum(nil), nil
}

func (c *content) close() {
	c.done()
	c.disk.Close()
}

// hashFile returns the SHA-256 of a file's bytes.
func hashFile(f *os.File) ([]byte, error) {
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}
