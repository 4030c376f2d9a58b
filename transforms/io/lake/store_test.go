package lake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"segue/local/s3"
	"segue/transforms/io/lake"
)

// server is the one S3 server of this test binary.
var server *s3.Server

func TestMain(m *testing.M) {
	os.Exit(withServer(m))
}

func withServer(m *testing.M) int {
	dir, err := os.MkdirTemp("", "lake-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if server, err = s3.Start(context.Background(), dir, s3.Options{Buckets: []string{"lake"}}); err != nil {
		panic(err)
	}
	defer server.Stop()
	for _, kv := range append(server.Environ(), "XDG_CACHE_HOME="+dir+"-cache") {
		name, value, _ := strings.Cut(kv, "=")
		os.Setenv(name, value)
	}
	defer os.RemoveAll(dir + "-cache")
	return m.Run()
}

var fresh atomic.Int64

// freshS3 is the address of a lake on the server that no test has used, in any run of it.
func freshS3() string { return fmt.Sprintf("s3://lake/test-%d", fresh.Add(1)) }

// each runs a test against an empty store of every kind.
func each(t *testing.T, f func(t *testing.T, s lake.Store)) {
	ofKinds(t, []string{"dir", "scratch", "mem", "s3"}, f)
}

// eachLake runs a test against every kind of store that releases are published to.
func eachLake(t *testing.T, f func(t *testing.T, s lake.Store)) {
	ofKinds(t, []string{"dir", "mem", "s3"}, f)
}

func ofKinds(t *testing.T, kinds []string, f func(t *testing.T, s lake.Store)) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			url := map[string]string{
				"dir":     t.TempDir(),
				"scratch": t.TempDir(),
				"mem":     fmt.Sprintf("mem://test-%d", fresh.Add(1)),
				"s3":      freshS3(),
			}[kind]
			open := lake.Open
			if kind == "scratch" {
				open = lake.OpenScratch
			}
			s, err := open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			f(t, s)
		})
	}
}

func create(s lake.Store, ctx context.Context, key, content string) (lake.Info, error) {
	return s.Create(ctx, key, strings.NewReader(content), int64(len(content)))
}

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Of many concurrent creators of a key exactly one wins, its content stays, and the others are told that it exists.
func TestCreateRace(t *testing.T) {
	each(t, func(t *testing.T, s lake.Store) {
		for round := range 5 {
			key := fmt.Sprintf("race/%d", round)
			errs := make([]error, 16)
			var wg sync.WaitGroup
			for i := range errs {
				wg.Go(func() { _, errs[i] = create(s, t.Context(), key, fmt.Sprint("writer ", i)) })
			}
			wg.Wait()
			winner := -1
			for i, err := range errs {
				switch {
				case err == nil && winner >= 0:
					t.Fatalf("both %d and %d won", winner, i)
				case err == nil:
					winner = i
				case !errors.Is(err, lake.ErrExists):
					t.Fatal(err)
				}
			}
			got, _, err := s.Get(t.Context(), key)
			if err != nil || string(got) != fmt.Sprint("writer ", winner) {
				t.Fatalf("read %q, %v; writer %d won", got, err, winner)
			}
		}
	})
}

// No increment of a counter by compare and swap is lost, and a stale etag is refused.
func TestSwap(t *testing.T) {
	each(t, func(t *testing.T, s lake.Store) {
		ctx := t.Context()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { count(t, s, "counter", 5) })
		}
		wg.Wait()
		got, in, err := s.Get(ctx, "counter")
		if err != nil || string(got) != "40" {
			t.Fatalf("counted %s, %v; want 40", got, err)
		}
		for _, etag := range []string{"", "stale"} {
			if _, err := s.Swap(ctx, "counter", []byte("0"), etag); !errors.Is(err, lake.ErrConflict) {
				t.Errorf("swap with etag %q: %v", etag, err)
			}
		}
		if _, err := s.Swap(ctx, "gone", []byte("0"), in.ETag); !errors.Is(err, lake.ErrConflict) {
			t.Errorf("swap of a missing key: %v", err)
		}
		now := must[lake.Info](t)(s.Swap(ctx, "counter", []byte("41"), in.ETag))
		if stat := must[lake.Info](t)(s.Stat(ctx, "counter")); stat.ETag != now.ETag || stat.ETag == in.ETag || stat.Size != 2 {
			t.Errorf("after a swap: %+v, swap said %+v", stat, now)
		}
	})
}

// count raises a counter n times, again after every conflict.
func count(t *testing.T, s lake.Store, key string, n int) {
	for n > 0 {
		data, in, err := s.Get(t.Context(), key)
		if err != nil && !errors.Is(err, lake.ErrNotExist) {
			t.Error(err)
			return
		}
		was, _ := strconv.Atoi(string(data))
		_, err = s.Swap(t.Context(), key, strconv.AppendInt(nil, int64(was+1), 10), in.ETag)
		if err == nil {
			n--
		} else if !errors.Is(err, lake.ErrConflict) {
			t.Error(err)
			return
		}
	}
}

// A missing object is ErrNotExist for every way of reading, and no error for Delete and List.
func TestMissing(t *testing.T) {
	each(t, func(t *testing.T, s lake.Store) {
		ctx := t.Context()
		must[lake.Info](t)(create(s, ctx, "a/b/c", "x"))
		for _, key := range []string{"none", "a/none", "a/b", "a/b/c/d"} {
			_, _, getErr := s.Get(ctx, key)
			_, statErr := s.Stat(ctx, key)
			_, openErr := s.Open(ctx, key)
			for _, err := range []error{getErr, statErr, openErr} {
				if !errors.Is(err, lake.ErrNotExist) || !strings.Contains(err.Error(), key) {
					t.Errorf("%s: %v", key, err)
				}
			}
			if err := s.Delete(ctx, key); err != nil {
				t.Errorf("delete %s: %v", key, err)
			}
		}
		if l, err := s.List(ctx, "none/"); err != nil || len(l) != 0 {
			t.Errorf("list of a missing folder: %v, %v", l, err)
		}
		if _, _, err := s.Get(ctx, "a/b/c"); err != nil {
			t.Error(err)
		}
		if err := s.Delete(ctx, "a/b/c"); err != nil {
			t.Error(err)
		}
		must[lake.Info](t)(create(s, ctx, "a/b/c", "again"))
	})
}

// Listings are by key in byte order, hold what starts with the prefix and nothing else, and describe it as Stat does.
func TestList(t *testing.T) {
	each(t, func(t *testing.T, s lake.Store) {
		ctx := t.Context()
		keys := []string{
			"l/a-b", "l/a/x", "l/a/y", "l/ab/z", "l/b c", "l/b%20c", "l/b+c", "l/date=2026-01-02/part 1.jsonl",
			"l/é/ü", "m/x",
		}
		slices.Sort(keys)
		for _, k := range slices.Backward(keys) {
			must[lake.Info](t)(create(s, ctx, k, "content of "+k))
		}
		for _, prefix := range []string{"", "l", "l/", "l/a", "l/a/", "l/b", "l/date=", "l/é/", "x"} {
			var want, got []string
			for _, k := range keys {
				if strings.HasPrefix(k, prefix) {
					want = append(want, k)
				}
			}
			for _, in := range must[[]lake.Info](t)(s.List(ctx, prefix)) {
				got = append(got, in.Key)
				stat := must[lake.Info](t)(s.Stat(ctx, in.Key))
				if stat.ETag != in.ETag || stat.Size != in.Size {
					t.Errorf("listed %+v, described %+v", in, stat)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("list %q: %q, want %q", prefix, got, want)
			}
		}
		for _, k := range keys {
			if got, _, err := s.Get(ctx, k); err != nil || string(got) != "content of "+k {
				t.Errorf("get %s: %q, %v", k, got, err)
			}
		}
	})
}

// Keys that leave the root, are empty in part or lie in the folder of temporary files are refused by every operation.
func TestBadKeys(t *testing.T) {
	each(t, func(t *testing.T, s lake.Store) {
		ctx := t.Context()
		for _, key := range []string{"", "/a", "a/", "a//b", "../a", "a/../../b", ".", "a/./b", ".tmp/x", "a\x00", `a\b`, strings.Repeat("x", 300)} {
			_, createErr := create(s, ctx, key, "x")
			_, swapErr := s.Swap(ctx, key, []byte("x"), "")
			_, _, getErr := s.Get(ctx, key)
			_, statErr := s.Stat(ctx, key)
			for op, err := range map[string]error{"create": createErr, "swap": swapErr, "get": getErr, "stat": statErr, "delete": s.Delete(ctx, key)} {
				if err == nil || errors.Is(err, lake.ErrNotExist) {
					t.Errorf("%s %q: %v", op, key, err)
				}
			}
		}
		if _, err := s.List(ctx, "../"); err == nil {
			t.Error("listed the folder above the root")
		}
	})
}

// Every range reads the bytes that were written; past the end is EOF.
func TestReadAt(t *testing.T) {
	each(t, func(t *testing.T, s lake.Store) {
		ctx := t.Context()
		want := content(3<<20 + 17)
		must[lake.Info](t)(s.Create(ctx, "big", bytes.NewReader(want), int64(len(want))))
		o := must[lake.Object](t)(s.Open(ctx, "big"))
		defer o.Close()
		size := len(want)
		var wg sync.WaitGroup
		for _, r := range [][2]int{{0, 1}, {0, size}, {100, 5}, {102, 2}, {size - 8, 8}, {size - 8, 100}, {1 << 20, 200 << 10}, {0, 0}} {
			wg.Go(func() {
				p := make([]byte, r[1])
				n, err := o.ReadAt(p, int64(r[0]))
				end := min(r[0]+r[1], size)
				if (err != nil) != (end-r[0] < r[1]) || (err != nil && !errors.Is(err, io.EOF)) || !bytes.Equal(p[:n], want[r[0]:end]) {
					t.Errorf("read %d bytes at %d: %d, %v", r[1], r[0], n, err)
				}
			})
		}
		wg.Wait()
		if n, err := o.ReadAt(make([]byte, 1), int64(size)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("read past the end: %d, %v", n, err)
		}
	})
}

// content is n bytes without a short period.
func content(n int) []byte {
	b := make([]byte, 0, n+8)
	for i := 0; len(b) < n; i++ {
		b = fmt.Appendf(b, "%08x", i)
	}
	return b[:n]
}

// Content that ends early, goes on too long or fails half-way leaves nothing behind, whether it can be rewound or not.
func TestFailedCreate(t *testing.T) {
	broken := errors.New("no space left on device")
	each(t, func(t *testing.T, s lake.Store) {
		ctx := t.Context()
		readers := map[string]io.Reader{
			"short":       iotest.OneByteReader(strings.NewReader("123")),
			"short-seek":  strings.NewReader("123"),
			"long":        iotest.HalfReader(strings.NewReader("123456")),
			"long-seek":   strings.NewReader("123456"),
			"broken":      io.MultiReader(strings.NewReader("12"), iotest.ErrReader(broken)),
			"broken-seek": &brokenSeeker{strings.NewReader("12345"), broken},
		}
		for name, r := range readers {
			_, err := s.Create(ctx, "f/"+name, r, 5)
			if err == nil || !strings.Contains(err.Error(), "f/"+name) || (strings.HasPrefix(name, "broken") && !errors.Is(err, broken)) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if l := must[[]lake.Info](t)(s.List(ctx, "")); len(l) != 0 {
			t.Errorf("left behind: %v", l)
		}
	})
}

// brokenSeeker fails when its second half is read.
type brokenSeeker struct {
	*strings.Reader
	err error
}

func (b *brokenSeeker) Read(p []byte) (int, error) {
	if b.Len() < 4 {
		return 0, b.err
	}
	return b.Reader.Read(p[:1])
}

// ReadAt hides that of the embedded reader: not part of what is tested.
func (b *brokenSeeker) ReadAt(p []byte, off int64) (int, error) { return 0, b.err }

// An ended context ends every operation, and nothing is written.
func TestCancel(t *testing.T) {
	each(t, func(t *testing.T, s lake.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, createErr := create(s, ctx, "a", "x")
		_, swapErr := s.Swap(ctx, "a", []byte("x"), "")
		_, _, getErr := s.Get(ctx, "a")
		for op, err := range map[string]error{"create": createErr, "swap": swapErr, "get": getErr, "delete": s.Delete(ctx, "a")} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", op, err)
			}
		}
		if l := must[[]lake.Info](t)(s.List(t.Context(), "")); len(l) != 0 {
			t.Errorf("left behind: %v", l)
		}
	})
}

// A file is committed whole, from memory or disk, maps to its bytes, meets a taken key with ErrExists, and leaves nothing when aborted.
func TestFile(t *testing.T) {
	each(t, func(t *testing.T, s lake.Store) {
		ctx := t.Context()
		for i, size := range []int{0, 1000, 20 << 20} {
			key, want := fmt.Sprintf("file/%d", i), content(size)
			f := must[*lake.File](t)(lake.NewFile(ctx, s, key))
			for _, part := range slices.Concat([][]byte{want[:size/3]}, slices.Collect(slices.Chunk(want[size/3:], 300<<10/(1+i)))) {
				if _, err := f.Write(part); err != nil {
					t.Fatal(err)
				}
			}
			ref := must[lake.FileRef](t)(f.Commit(ctx, 7))
			if stat := must[lake.Info](t)(s.Stat(ctx, key)); stat.ETag != ref.ETag || stat.Size != int64(size) || ref.Rows != 7 {
				t.Errorf("committed %+v, stored %+v", ref, stat)
			}
			checkMapped(t, s, ref, want)
			again := must[*lake.File](t)(lake.NewFile(ctx, s, key))
			again.Write([]byte("other"))
			if _, err := again.Commit(ctx, 0); !errors.Is(err, lake.ErrExists) {
				t.Errorf("second commit: %v", err)
			}
		}
		f := must[*lake.File](t)(lake.NewFile(ctx, s, "file/aborted"))
		f.Write(content(17 << 20))
		f.Abort()
		if _, err := f.Commit(ctx, 0); err == nil {
			t.Error("committed an aborted file")
		}
		if l := must[[]lake.Info](t)(s.List(ctx, "")); len(l) != 3 {
			t.Errorf("left behind: %v", l)
		}
	})
}

// checkMapped maps a file twice, downloaded and found, and not at all under another etag.
func checkMapped(t *testing.T, s lake.Store, ref lake.FileRef, want []byte) {
	t.Helper()
	for range 2 {
		m := must[*lake.Mapping](t)(lake.Map(t.Context(), s, ref))
		if !bytes.Equal(m.Bytes(), want) {
			t.Errorf("mapping of %s differs", ref.Key)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
	ref.ETag, ref.SHA256 = "other", strings.Repeat("0", 64)
	if _, err := lake.Map(t.Context(), s, ref); err == nil {
		t.Error("mapped a file that is not the one recorded")
	}
}

// Every check of the probe passes on every store, and nothing stays.
func TestProbe(t *testing.T) {
	each(t, func(t *testing.T, s lake.Store) {
		for _, c := range lake.Probe(t.Context(), s) {
			if !c.OK {
				t.Errorf("%s: %s", c.Name, c.Why)
			}
		}
		if l := must[[]lake.Info](t)(s.List(t.Context(), "")); len(l) != 0 {
			t.Errorf("left behind: %v", l)
		}
	})
}
