package lake_test

import (
	"bytes"
	"os"
	"strconv"
	"testing"

	"segue/transforms/io/lake"
)

// sharedPages returns the resident pages of files of this process; skips where the system does not tell.
func sharedPages(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip(err)
	}
	n, err := strconv.Atoi(string(bytes.Fields(b)[2]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Dropped pages take no memory and hold the same bytes when they are read again; a closed mapping is dropped without a fault.
func TestDropPages(t *testing.T) {
	s := must[lake.Store](t)(lake.Open(t.Context(), t.TempDir()))
	want := bytes.Repeat([]byte("segue"), 16<<20/5)
	in := must[lake.Info](t)(s.Create(t.Context(), "a", bytes.NewReader(want), int64(len(want))))
	ref := lake.FileRef{Key: "a", Size: in.Size, ETag: in.ETag}
	m := must[*lake.Mapping](t)(lake.Map(t.Context(), s, ref))
	closed := must[*lake.Mapping](t)(lake.Map(t.Context(), s, ref))
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.Bytes(), want) {
		t.Fatal("the mapping holds other bytes")
	}
	touched := sharedPages(t)
	lake.DropPages()
	if left, least := sharedPages(t), len(want)/os.Getpagesize()/2; touched-left < least {
		t.Errorf("%d pages of files are resident after %d, want %d fewer", left, touched, least)
	}
	if !bytes.Equal(m.Bytes(), want) {
		t.Error("dropped pages come back with other bytes")
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	lake.DropPages()
}
