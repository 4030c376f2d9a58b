package lake

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
)

// ctxReader stops reading when its context ends.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// copyExactly copies r to w and fails unless r holds exactly size bytes.
func copyExactly(ctx context.Context, w io.Writer, r io.Reader, size int64) error {
	n, err := io.Copy(w, io.LimitReader(ctxReader{ctx, r}, size+1))
	if err != nil {
		return err
	}
	if n != size {
		return sizeError(n, size)
	}
	return nil
}

func sizeError(got, want int64) error {
	if got > want {
		return fmt.Errorf("read content: more than the %d bytes announced", want)
	}
	return fmt.Errorf("read content: %d bytes, announced were %d: %w", got, want, io.ErrUnexpectedEOF)
}

func readExactly(ctx context.Context, r io.Reader, size int64) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 0, min(max(size, 0), 64<<20)+bytes.MinRead))
	if err := copyExactly(ctx, b, r, size); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// copyHashed copies an object to w and checks it against the recorded sha256, when there is one.
func copyHashed(ctx context.Context, w io.Writer, o Object, ref FileRef) error {
	h := sha256.New()
	r := bufio.NewReaderSize(io.NewSectionReader(o, 0, ref.Size), 8<<20)
	if err := copyExactly(ctx, io.MultiWriter(w, h), r, ref.Size); err != nil {
		return err
	}
	if got := hexSum(h); ref.SHA256 != "" && got != ref.SHA256 {
		return fmt.Errorf("content has sha256 %s, recorded was %s", got, ref.SHA256)
	}
	return nil
}
