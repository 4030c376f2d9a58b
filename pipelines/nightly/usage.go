package nightly

import (
	"bytes"
	"context"
	"os"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"segue/transforms/io/lake"
)

// cpuSeconds returns what this process has spent; 0 where the system does not tell.
func cpuSeconds() float64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// watchMemory samples the resident memory of this process until stop is called, which returns the peak in bytes;
// 0 where the system does not tell.
func watchMemory(ctx context.Context) (stop func() int64) {
	var peak atomic.Int64
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	sample := func() {
		if now := resident(); now > peak.Load() {
			peak.Store(now)
		}
	}
	go func() {
		defer close(done)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				sample()
			}
		}
	}()
	return func() int64 {
		cancel()
		<-done
		sample()
		return peak.Load()
	}
}

// muchBytes is what a stage must have held for a collection of garbage at its end to be worth it.
const muchBytes = 1 << 30

// giveBack ends what a stage held, so that it is not the next one's: pages of mapped files, and garbage.
func giveBack(peak int64) {
	lake.DropPages()
	if peak > muchBytes {
		debug.FreeOSMemory()
	}
}

// resident reads the resident set size from the kernel.
func resident() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(b)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
