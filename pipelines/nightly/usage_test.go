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

// Garbage is collected less often while there is room, as usual without, and afterwards as before; GOGC decides where it is set.
func TestPacerFollowsMemory(t *testing.T) {
	percent := func() int {
		now := debug.SetGCPercent(usualGrowth)
		debug.SetGCPercent(now)
		return now
	}
	before := debug.SetGCPercent(77)
	defer debug.SetGCPercent(before)
	for _, gogc := range []string{"", "50"} {
		t.Setenv("GOGC", gogc)
		room, tight := roomyGrowth, usualGrowth
		if gogc != "" {
			room, tight = 77, 77
		}
		p := newPacer(1000)
		for used, want := range map[int64]int{499: room, 500: tight, 2000: tight} {
			if p.set(used); percent() != want {
				t.Errorf("GOGC=%q, %d bytes in use: %d, want %d", gogc, used, percent(), want)
			}
		}
		if p.end(); percent() != 77 {
			t.Errorf("GOGC=%q: %d afterwards", gogc, percent())
		}
	}
}
