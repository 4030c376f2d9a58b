package lake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
)

// sourceError is an error of what is being sent, not of the store.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

// body is content of known size that can be sent again.
type body struct {
	r    io.ReadSeeker
	base int64 // where the content starts in r
	size int64
	sha  string // hex sha256 of the content; "" = not known
	temp *os.File
	err  error // of reading r, the first
}

// newBody checks that r holds size bytes; what cannot be rewound is spooled first.
func newBody(ctx context.Context, r io.Reader, size int64) (*body, error) {
	if s, ok := r.(io.ReadSeeker); ok {
		base, err := s.Seek(0, io.SeekCurrent)
		if err == nil {
			end, err := s.Seek(0, io.SeekEnd)
			if err != nil {
				return nil, err
			}
			if end-base != size {
				return nil, sizeError(end-base, size)
			}
			return &body{r: s, base: base, size: size}, nil
		}
	}
	if size <= spoolBytes {
		data, err := readExactly(ctx, r, size)
		return &body{r: bytes.NewReader(data), size: size}, err
	}
	f, err := os.CreateTemp("", "segue-put-*")
	if err != nil {
		return nil, err
	}
	if err := copyExactly(ctx, f, r, size); err != nil {
		drop(f)
		return nil, err
	}
	return &body{r: f, size: size, temp: f}, nil
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && b.err == nil {
		b.err = &sourceError{err}
	}
	return n, err
}

func (b *body) rewind() error {
	b.err = nil
	if _, err := b.r.Seek(b.base, io.SeekStart); err != nil {
		return &sourceError{err}
	}
	return nil
}

func (b *body) sum(ctx context.Context) (string, error) {
	if err := b.rewind(); err != nil {
		return "", err
	}
	h := sha256.New()
	err := copyExactly(ctx, h, b.r, b.size)
	return hexSum(h), err
}

func (b *body) close() {
	if b.temp != nil {
		drop(b.temp)
	}
}

// sumOf returns the hex sha256 of an object.
func sumOf(ctx context.Context, o Object) (string, error) {
	h := sha256.New()
	err := copyHashed(ctx, h, o, FileRef{Size: o.Info().Size})
	return hexSum(h), err
}
