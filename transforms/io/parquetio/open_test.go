package parquetio

import (
	"bytes"
	"io"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// A file is opened by its end alone: in a bucket each end that is read is a request, and the first fetches a MiB for four bytes.
func TestOpenFooterReadsTheEnd(t *testing.T) {
	type row struct{ A, B int64 }
	var data bytes.Buffer
	if err := parquet.Write(&data, make([]row, 1000)); err != nil {
		t.Fatal(err)
	}
	size := int64(data.Len())
	r := &lowest{bytes.NewReader(data.Bytes()), size}
	file, err := openFooter(r, size, "a")
	if err != nil || file.NumRows() != 1000 {
		t.Fatal(file, err)
	}
	if r.off == 0 {
		t.Error("the beginning was read")
	}
}

// lowest notes from where on a file is read.
type lowest struct {
	io.ReaderAt
	off int64
}

func (l *lowest) ReadAt(p []byte, off int64) (int, error) {
	l.off = min(l.off, off)
	return l.ReaderAt.ReadAt(p, off)
}
