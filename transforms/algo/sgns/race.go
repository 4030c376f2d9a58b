package sgns

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// race trains in the racing mode: windows on all cores, no locks.
func (t *training) race(ctx context.Context) error {
	workers := runtime.GOMAXPROCS(0)
	steps := make([]*step, workers)
	var total int64
	for p := range t.Playlists.Rows() {
		total += int64(t.entries(int32(p)))
	}
	clock := &raceClock{total: float64(total) * float64(t.p.Epochs)}
	var order []int32
	for epoch := range t.p.Epochs {
		order = t.epochOrder(order, epoch)
		var wg sync.WaitGroup
		for k := range workers {
			if steps[k] == nil {
				steps[k] = newStep(t, 2*t.p.Window)
			}
			wg.Go(func() {
				lo, hi := len(order)*k/workers, len(order)*(k+1)/workers
				t.lap(ctx, steps[k], order[lo:hi], newRandom(t.Seed, 4, epoch, k), clock)
			})
		}
		wg.Wait()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

// raceClock counts the entries that all cores have done.
type raceClock struct {
	done  atomic.Int64
	total float64
}

// lap trains the windows of some playlists.
func (t *training) lap(ctx context.Context, s *step, playlists []int32, r random, clock *raceClock) {
	w := walker{t: t, r: r}
	contexts := make([]int32, 0, 2*t.p.Window)
	for _, playlist := range playlists {
		if ctx.Err() != nil {
			return
		}
		n := w.load(playlist)
		rate := t.rate(float64(clock.done.Load()) / clock.total)
		for i := range n {
			lo, hi := w.window(i)
			if lo == hi {
				continue
			}
			contexts = append(append(contexts[:0], w.rows[lo:i]...), w.rows[i+1:hi+1]...)
			s.negatives(&w.r, t.noise[0], 0, w.rows[i])
			s.update(contexts, rate)
		}
		clock.done.Add(int64(t.entries(playlist)))
	}
}
