package lake

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// remoteOf returns an object of some bytes, and how many were fetched.
func remoteOf(content []byte) (*remote, *atomic.Int64) {
	fetched := new(atomic.Int64)
	return &remote{in: Info{Key: "a", Size: int64(len(content))}, fetch: func(p []byte, off int64) error {
		fetched.Add(int64(copy(p, content[off:off+int64(len(p))])))
		return nil
	}}, fetched
}

// Reads of any place and length, some at a time, give the object's bytes.
func TestRemoteReads(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	content := make([]byte, 5*windowBytes+12345)
	for i := range content {
		content[i] = byte(r.Uint32())
	}
	o, _ := remoteOf(content)
	var wg sync.WaitGroup
	for reader := range uint64(8) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, 1+reader))
			for range 300 {
				off, p := r.IntN(len(content)), make([]byte, 1+r.IntN(2*directBytes))
				n, err := o.ReadAt(p, int64(off))
				want := content[off:min(off+len(p), len(content))]
				if !bytes.Equal(p[:n], want) || (err == io.EOF) != (n < len(p)) || err != nil && err != io.EOF {
					t.Errorf("seed %d: read of %d bytes at %d: %d, %v", seed, len(p), off, n, err)
				}
			}
		})
	}
	wg.Wait()
}

// Columns that are read side by side fetch an object hardly more than once, from whatever column the first read is.
func TestRemoteColumnsShareWindows(t *testing.T) {
	const columns, pages, page = 12, 40, 10_000
	content := make([]byte, columns*pages*page)
	for _, first := range []int{0, 7, columns - 1} {
		o, fetched := remoteOf(content)
		for at := range pages {
			for c := range columns {
				if _, err := o.ReadAt(make([]byte, page), int64(((first+c)%columns*pages+at)*page)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n := fetched.Load(); n > int64(len(content))*11/10 {
			t.Errorf("column %d first: %d bytes were fetched of an object of %d", first, n, len(content))
		}
	}
}

// Pages that follow one another, larger and smaller ones than a request of their own, fetch no byte twice.
func TestRemotePagesInOrder(t *testing.T) {
	content := make([]byte, 9*windowBytes)
	o, fetched := remoteOf(content)
	sizes := []int{3 * directBytes, 1000, directBytes / 2}
	for at, n := 0, 0; at < len(content); n++ {
		page := min(sizes[n%len(sizes)], len(content)-at)
		if _, err := o.ReadAt(make([]byte, page), int64(at)); err != nil {
			t.Fatal(err)
		}
		at += page
	}
	if n := fetched.Load(); n != int64(len(content)) {
		t.Errorf("%d bytes were fetched of an object of %d", n, len(content))
	}
}

// What opens a file by its end fetches the end, once; of a small one all there is.
func TestRemoteEnd(t *testing.T) {
	for size, want := range map[int]int64{5 * windowBytes: tailBytes, windowBytes: windowBytes} {
		o, fetched := remoteOf(make([]byte, size))
		for _, read := range []struct{ behind, n int }{{8, 8}, {100_008, 100_000}, {100_508, 500}} {
			if _, err := o.ReadAt(make([]byte, read.n), int64(size-read.behind)); err != nil {
				t.Fatal(err)
			}
		}
		if n := fetched.Load(); n != want {
			t.Errorf("%d bytes were fetched of the end of %d, want %d", n, size, want)
		}
	}
}

// Reads of a range that is on its way wait for it; where it fails all say so, and the next read asks again.
func TestRemoteWaitsForWindows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken, release := errors.New("broken"), make(chan error)
		asked := 0
		o := &remote{in: Info{Key: "a", Size: 1000}, fetch: func([]byte, int64) error { asked++; return <-release }}
		failed := new(atomic.Int64)
		for range 5 {
			go func() {
				if _, err := o.ReadAt(make([]byte, 10), 20); errors.Is(err, broken) {
					failed.Add(1)
				}
			}()
			synctest.Wait()
		}
		release <- broken
		synctest.Wait()
		if asked != 1 || failed.Load() != 5 {
			t.Errorf("%d requests, %d of 5 reads failed", asked, failed.Load())
		}
		go func() { release <- nil }()
		if _, err := o.ReadAt(make([]byte, 10), 20); err != nil || asked != 2 {
			t.Errorf("the next read: %v after %d requests", err, asked)
		}
	})
}
