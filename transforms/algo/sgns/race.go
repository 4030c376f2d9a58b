package sgns

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"segue/transforms/algo/simd"
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

// lap trains the windows of some playlists. What a centre reads is asked for while the one before it is at work: its songs' rows with the
// playlist, its negatives one centre ahead.
func (t *training) lap(ctx context.Context, s *step, playlists []int32, r random, clock *raceClock) {
	w := walker{t: t, r: r}
	contexts := make([]int32, 0, 2*t.p.Window)
	for _, playlist := range playlists {
		if ctx.Err() != nil {
			return
		}
		n := w.load(playlist)
		rate := t.rate(float64(clock.done.Load()) / clock.total)
		t.ahead(s, &w)
		for i := range n {
			s.outs, s.next = s.next, s.outs
			if i+1 < n {
				s.ahead(&w.r, t.noise[0], w.rows[i+1])
			}
			lo, hi := w.window(i)
			if lo == hi {
				continue
			}
			contexts = append(append(contexts[:0], w.rows[lo:i]...), w.rows[i+1:hi+1]...)
			s.update(contexts, rate)
		}
		clock.done.Add(int64(t.entries(playlist)))
	}
}

// ahead asks for the rows of a playlist and draws the negatives of its first centre.
func (t *training) ahead(s *step, w *walker) {
	simd.FetchRows(t.in, w.rows, t.width)
	simd.FetchRows(t.out, w.rows, t.width)
	if len(w.rows) > 0 {
		s.ahead(&w.r, t.noise[0], w.rows[0])
	}
}

// ahead draws the outputs of the centre that follows and asks for their rows.
func (s *step) ahead(r *random, from noise, centre int32) {
	s.draw(s.next, r, from, 0, centre)
	simd.FetchRows(s.t.out, s.next, s.t.width)
}
