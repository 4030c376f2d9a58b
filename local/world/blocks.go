package world

import (
	"context"
	"runtime"
	"sync"
)

// blockSize is how many things of a kind, such as playlists, one core makes at once.
const blockSize = 4096

// inBlocks calls produce for each block [from, to) of n things, on all cores, and use with the results in order, one at
// a time. At most three results a core are held. It returns the first error of use, or that of ctx.
func inBlocks[T any](ctx context.Context, n int, produce func(from, to int) T, use func(T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	cores := runtime.GOMAXPROCS(0)
	queue, busy := make(chan chan T, 2*cores), make(chan struct{}, cores)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(queue)
		for from := 0; from < n && ctx.Err() == nil; from += blockSize {
			done := make(chan T, 1)
			busy <- struct{}{}
			queue <- done
			wg.Go(func() {
				done <- produce(from, min(from+blockSize, n))
				<-busy
			})
		}
	})
	for done := range queue {
		block := <-done
		if ctx.Err() != nil {
			continue // let the others end
		}
		if err := use(block); err != nil {
			cancel(err)
		}
	}
	wg.Wait()
	return context.Cause(ctx)
}
