package nightly

import (
	"bytes"
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
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

// Bounds of watchMemory.
const (
	sampleEvery = 20 * time.Millisecond
	dropEvery   = 20 * time.Millisecond // at most: pages that are in use come back
	roomBytes   = 1280 << 20            // that pages may grow by in between, of large budgets: Linux 6.18 maps two MiB where one page is touched
)

// tight returns from where on memory is near a budget.
func tight(budget int64) int64 { return max(budget-roomBytes, budget/16*11) }

// watchMemory samples the resident memory of this process until stop is called, which returns the peak in bytes;
// 0 where the system does not tell. Where it comes near the budget, pages of mapped files are given back: they are read again when touched.
func watchMemory(ctx context.Context, budget int64) (stop func() int64) {
	ctx, cancel := context.WithCancel(ctx)
	peak := make(chan int64)
	go func() {
		tick := time.NewTicker(sampleEvery)
		defer tick.Stop()
		c := newCollector(budget)
		defer c.end()
		most, dropped := resident(), time.Time{}
		for {
			select {
			case <-ctx.Done():
				peak <- max(most, resident())
				return
			case now := <-tick.C:
				used := resident()
				c.choose(used, live())
				if most = max(most, used); used > tight(budget) && now.Sub(dropped) > dropEvery {
					lake.DropPages()
					dropped = now
				}
			}
		}
	}()
	return func() int64 {
		cancel()
		return <-peak
	}
}

// Growth of the heap, in percent, at which garbage is collected.
const (
	usualGrowth = 100
	smallGrowth = 60  // of a process below muchBytes: little memory counts where nights run beside other programs, and CPU where they are large
	mostGrowth  = 400 // of a heap that stays below what it may always have
	growthStep  = 20
)

// heapRoom is what the heap may always have, of large budgets: a night's small stages would collect garbage ten times a second.
const heapRoom = 320 << 20

// collector chooses when garbage is collected.
type collector struct {
	growth int // 0 = the process was started with another growth than the usual one (GOGC): that stays
	room   int64
}

func newCollector(budget int64) *collector {
	c := &collector{usualGrowth, min(heapRoom, budget/8)}
	if before := debug.SetGCPercent(usualGrowth); before != usualGrowth {
		debug.SetGCPercent(before)
		c.growth = 0
	}
	return c
}

// choose takes what the process holds, and what of its heap the last collection found in use.
func (c *collector) choose(used, live int64) {
	growth := usualGrowth
	if used < muchBytes {
		growth = smallGrowth
	}
	if live > 0 {
		growth = max(growth, int(min(mostGrowth, 100*(c.room-live)/live/growthStep*growthStep)))
	}
	if c.growth != 0 && c.growth != growth {
		c.growth = growth
		debug.SetGCPercent(growth)
	}
}

// end leaves what was there before.
func (c *collector) end() { c.choose(muchBytes, 0) }

// live returns what of the heap the last collection of garbage found in use; 0 before the first.
func live() int64 {
	of := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(of)
	return int64(of[0].Value.Uint64())
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
