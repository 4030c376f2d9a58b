package main

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// bars shows one progress bar a stage, with items a second and the time the known rest will take.
//
// The library draws in goroutines of its own and its calls wait for them: what they read must not need mu.
type bars struct {
	counts
	container *mpb.Progress
	bar       *mpb.Bar
	before    atomic.Pointer[string] // stage and phase of the open bar
	after     atomic.Pointer[string] // its rate and rest
}

// newBars draws on a terminal; more are options for other output.
func newBars(w io.Writer, more ...mpb.ContainerOption) *bars {
	b := &bars{
		counts:    counts{now: time.Now},
		container: mpb.New(append(more, mpb.WithOutput(w), mpb.WithWidth(40), mpb.WithRefreshRate(120*time.Millisecond))...),
	}
	b.label("", "")
	return b
}

// label renews what stands before and after the bar.
func (b *bars) label(stage, phase string) {
	before, after := fmt.Sprintf("%-12s %-12s ", stage, phase), ""
	if perSecond, left := b.rate(); perSecond > 0 {
		after = fmt.Sprintf("  %.3g/s  %s left%s", perSecond, left.Round(time.Second), b.ofNight())
	}
	b.before.Store(&before)
	b.after.Store(&after)
}

func (b *bars) Start(stage, phase string, items int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open(stage, b.start(stage, phase, items))
	b.label(stage, phase)
}

// open makes the bar of a new stage, and gives the open one its items.
func (b *bars) open(stage string, isNew bool) {
	if isNew {
		b.finish("")
		text := func(p *atomic.Pointer[string]) decor.Decorator {
			return decor.Any(func(decor.Statistics) string { return *p.Load() })
		}
		b.bar = b.container.AddBar(0, mpb.PrependDecorators(text(&b.before)), mpb.AppendDecorators(decor.CountersNoUnit(" %d/%d"), text(&b.after)))
	}
	b.bar.SetTotal(int64(b.items), false)
}

func (b *bars) Done(stage, phase string, items int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open(stage, b.begin(stage))
	b.did(phase, items)
	b.label(stage, phase)
	b.bar.SetCurrent(int64(b.done))
}

func (b *bars) End(stage string, seconds float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open(stage, b.begin(stage))
	b.finish(fmt.Sprintf("%-12s %s in %s\n", stage, plural(b.done, "item"), duration(seconds)))
	b.end(stage)
}

// finish takes the open bar away and leaves a line in its place.
func (b *bars) finish(line string) {
	if b.bar == nil {
		return
	}
	b.bar.Abort(true)
	b.bar.Wait()
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
