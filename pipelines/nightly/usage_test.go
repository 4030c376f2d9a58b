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

// A small heap grows to what it may always have before garbage is collected, a larger one of a small process by little, of a large
// one as usual; a growth that somebody set stays.
func TestCollectorChooses(t *testing.T) {
	growth := func() int {
		now := debug.SetGCPercent(usualGrowth)
		debug.SetGCPercent(now)
		return now
	}
	defer debug.SetGCPercent(growth())
	debug.SetGCPercent(usualGrowth)
	c := newCollector(6 << 30)
	for _, x := range []struct {
		used, live int64
		want       int
	}{
		{muchBytes - 1, 0, smallGrowth},
		{muchBytes, 0, usualGrowth},
		{0, heapRoom, smallGrowth},
		{0, heapRoom / 2, 100},
		{muchBytes, heapRoom / 4, 300},
		{0, 1 << 20, mostGrowth},
		{muchBytes, 2 * heapRoom, usualGrowth},
		{0, 4 * heapRoom, smallGrowth},
	} {
		if c.choose(x.used, x.live); growth() != x.want {
			t.Errorf("%d bytes, %d of the heap in use: growth %d, want %d", x.used, x.live, growth(), x.want)
		}
	}
	if c.end(); growth() != usualGrowth {
		t.Errorf("growth %d at the end", growth())
	}
	c = newCollector(400 << 20)
	if c.choose(0, 25<<20); growth() != 100 {
		t.Errorf("growth %d where the budget leaves 50 MiB", growth())
	}
	c.end()
	debug.SetGCPercent(35)
	c = newCollector(6 << 30)
	for _, used := range []int64{0, muchBytes, 0} {
		c.choose(used, 1<<20)
	}
	if c.end(); growth() != 35 {
		t.Errorf("a growth of 35 became %d", growth())
	}
}

// What the last collection found in use is told: at least what is held.
func TestLiveHeap(t *testing.T) {
	held := make([]byte, 64<<20)
	runtime.GC()
	if got := live(); got < int64(len(held)) {
		t.Errorf("%d bytes of the heap are in use, %d are held", got, len(held))
	}
	runtime.KeepAlive(held)
}
