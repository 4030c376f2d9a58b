package work

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/semaphore"
)

// Sized is an item that says how much memory it needs, so that the budget of the process holds.
type Sized interface{ MemoryBytes() int64 }

// DefaultMemory is the budget of a night that sets none, in bytes.
const DefaultMemory = 6 << 30

var (
	slots   = sync.OnceValue(func() *semaphore.Weighted { return semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0))) })
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

// run starts f when a slot and bytes of the budget are free; name names the item in errors.
func (g *gang) run(name string, bytes int64, f func(context.Context) error) error {
	bytes = min(max(bytes, 0), g.budget)
	if err := slots().Acquire(g.ctx, 1); err != nil {
		return context.Cause(g.ctx)
	}
	if err := g.memory.Acquire(g.ctx, bytes); err != nil {
		slots().Release(1)
		return context.Cause(g.ctx)
	}
	g.wg.Go(func() {
		defer slots().Release(1)
		defer g.memory.Release(bytes)
		if err := guard(g.ctx, f); err != nil {
			g.cancel(fmt.Errorf("%s: %w", name, err))
		}
	})
	return nil
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
