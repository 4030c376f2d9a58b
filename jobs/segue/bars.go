package main

import (
	"fmt"
	"io"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// bars shows one progress bar a stage, with items a second and the time the known rest will take.
type bars struct {
	counts
	container *mpb.Progress
	bar       *mpb.Bar
	label     string // "stage phase" of the open bar; read under mu
}

func newBars(w io.Writer) *bars {
	return &bars{
		counts:    counts{now: time.Now},
		container: mpb.New(mpb.WithOutput(w), mpb.WithWidth(40), mpb.WithRefreshRate(120*time.Millisecond)),
	}
}

func (b *bars) Start(stage, phase string, items int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open(stage, items)
	b.label = stage + " " + phase
}

// open makes the bar of a new stage and adds items to the open one.
func (b *bars) open(stage string, items int) {
	if b.begin(stage, items) {
		b.finish("")
		b.label = stage
		b.bar = b.container.AddBar(0,
			mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return b.name() })),
			mpb.AppendDecorators(
				decor.CountersNoUnit(" %d/%d"),
				decor.Any(func(s decor.Statistics) string { return b.tail(s) }),
			),
		)
	}
	b.bar.SetTotal(int64(b.items), false)
}

func (b *bars) name() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprintf("%-24s ", b.label)
}

// tail is the rate and the rest while the stage lasts, and its time afterwards: the label of a finished bar is that time.
func (b *bars) tail(s decor.Statistics) string {
	if s.Completed {
		return ""
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	perSecond, left := b.rate()
	return fmt.Sprintf("  %.3g/s  %s left", perSecond, left.Round(time.Second))
}

func (b *bars) Done(stage, _ string, items int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open(stage, 0)
	b.done += items
	b.bar.SetCurrent(int64(b.done))
}

func (b *bars) End(stage string, seconds float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open(stage, 0)
	b.finish(fmt.Sprintf("%-12s %d items in %s\n", stage, b.done, duration(seconds)))
	b.stage = ""
}

// finish takes the open bar away and leaves a line in its place.
func (b *bars) finish(line string) {
	if b.bar == nil {
		return
	}
	b.bar.Abort(true)
	b.bar = nil
	if line != "" {
		io.WriteString(b.container, line)
	}
}

// Close takes away the bar of a stage that failed and waits until the screen is drawn.
func (b *bars) Close() {
	b.mu.Lock()
	b.finish("")
	b.mu.Unlock()
	b.container.Wait()
}
