package work

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/semaphore"

	"segue/transforms/io/lake"
)

// Sized is an item that says how much memory it needs, so that the budget of the process holds.
type Sized interface{ MemoryBytes() int64 }

// DefaultMemory is the budget of a night that sets none, in bytes.
const DefaultMemory = 6 << 30

var (
	slots   = sync.OnceValue(func() *semaphore.Weighted { return semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0))) })
	lenders = sync.OnceValue(func() *semaphore.Weighted { return semaphore.NewWeighted(2 * int64(runtime.GOMAXPROCS(0))) })
	budgets sync.Map // bytes → *semaphore.Weighted: what sized items of this process claim together
)

// gang runs the items of one bundle concurrently, bounded by the slots of the process and a budget of memory; the first error
// cancels the rest.
type gang struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
	budget int64
	memory *semaphore.Weighted
}

func newGang(ctx context.Context, budget int64) *gang {
	memory, _ := budgets.LoadOrStore(budget, semaphore.NewWeighted(budget))
	g := &gang{budget: budget, memory: memory.(*semaphore.Weighted)}
	g.ctx, g.cancel = context.WithCancelCause(ctx)
	return g
}

// claim is some of what a semaphore has.
type claim struct {
	of *semaphore.Weighted
	n  int64
}

// run starts f when a slot and bytes of the budget are free; name names the item in errors. An item that says what memory it needs
// lends its slot while it waits for the disk, so that more items are at work than slots, of such items at most twice as many.
// Once an item has failed no other starts, and run returns its error.
//
// The slot comes last: who waits for memory must not hold what others need to give memory back.
func (g *gang) run(name string, bytes int64, f func(context.Context) error) error {
	claims, ctx := []claim{{slots(), 1}}, g.ctx
	if bytes > 0 {
		claims = []claim{{lenders(), 1}, {g.memory, min(bytes, g.budget)}, {slots(), 1}}
		ctx = lake.WithWait(ctx, new(seat).wait)
	}
	for i, c := range claims {
		if c.of.Acquire(g.ctx, c.n) != nil {
			release(claims[:i])
			return context.Cause(g.ctx)
		}
	}
	g.wg.Go(func() {
		defer release(claims)
		if err := guard(ctx, f); err != nil {
			g.cancel(fmt.Errorf("%s: %w", name, err))
		}
	})
	return nil
}

func release(claims []claim) {
	for _, c := range claims {
		c.of.Release(c.n)
	}
}

// wait returns the first error once every started item has ended.
func (g *gang) wait() error {
	g.wg.Wait()
	err := context.Cause(g.ctx)
	g.cancel(nil)
	return err
}

// guard turns a panic of f into an error with its stack.
func guard(ctx context.Context, f func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f(ctx)
}
