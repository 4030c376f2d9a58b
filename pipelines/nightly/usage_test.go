package nightly

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"segue/transforms/io/lake"
)

// A process that comes near its budget gives back the pages of mapped files, which stay readable.
func TestWatchMemoryDropsPages(t *testing.T) {
	const size = 64 << 20
	if resident() == 0 {
		t.Skip("this system does not tell resident memory")
	}
	s, err := lake.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(i % 251)
	}
	info, err := s.Create(t.Context(), "file", bytes.NewReader(data), size)
	if err != nil {
		t.Fatal(err)
	}
	m, err := lake.Map(t.Context(), s, lake.FileRef{Key: "file", Size: size, ETag: info.ETag})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	sum := func() (n int) {
		for _, b := range m.Bytes() {
			n += int(b)
		}
		return n
	}
	before := sum()
	held := resident()
	stop := watchMemory(t.Context(), 8)
	for deadline := time.Now().Add(2 * time.Minute); resident() > held-size/2; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes resident, %d with all pages of a file of %d bytes: none were given back", resident(), held, size)
		}
	}
	if peak := stop(); peak < held-size/2 {
		t.Errorf("peak of %d bytes, %d were resident", peak, held)
	}
	if after := sum(); after != before {
		t.Errorf("the file adds up to %d, was %d", after, before)
	}
	runtime.KeepAlive(data) // its memory is not what was given back
}

// Garbage of a small process is collected sooner, of a large one as usual; a growth that somebody set stays.
func TestCollectorChooses(t *testing.T) {
	growth := func() int {
		now := debug.SetGCPercent(usualGrowth)
		debug.SetGCPercent(now)
		return now
	}
	defer debug.SetGCPercent(growth())
	debug.SetGCPercent(usualGrowth)
	c := newCollector()
	for _, x := range []struct {
		used int64
		want int
	}{{muchBytes - 1, smallGrowth}, {muchBytes, usualGrowth}, {0, smallGrowth}} {
		if c.choose(x.used); growth() != x.want {
			t.Errorf("%d bytes: growth %d, want %d", x.used, growth(), x.want)
		}
	}
	if c.end(); growth() != usualGrowth {
		t.Errorf("growth %d at the end", growth())
	}
	debug.SetGCPercent(35)
	c = newCollector()
	for _, used := range []int64{0, muchBytes, 0} {
		c.choose(used)
	}
	if c.end(); growth() != 35 {
		t.Errorf("a growth of 35 became %d", growth())
	}
}
