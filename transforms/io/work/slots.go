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

// findAtOnce is how many items of a process are looked for in stores at a time.
const findAtOnce = 32

var (
	slots   = sync.OnceValue(func() *semaphore.Weighted { return semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0))) })
	finders = sync.OnceValue(func() *semaphore.Weighted { return semaphore.NewWeighted(findAtOnce) })
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

// run begins to look for a task, as soon as not too many are looked for; where it was not done before, it is done when a slot and bytes of the
// budget are free. One that says what memory it needs lends its slot while it waits for the disk, so that more tasks are at work than slots, of such tasks at most twice as many.
// Once a task has failed no other starts, and run returns its error.
func (g *gang) run(t task) error {
	if finders().Acquire(g.ctx, 1) != nil {
		return context.Cause(g.ctx)
	}
	g.wg.Go(func() { g.turn(t) })
	return nil
}

// turn takes a task from its finder's place to its slot. A failure is known before others get either.
func (g *gang) turn(t task) {
	defer t.end()
	if !g.find(t) {
		return
	}
	claims, ctx := g.claims(t.bytes), g.ctx
	if t.bytes > 0 {
		ctx = lake.WithWait(ctx, new(seat).wait)
	}
	for i, c := range claims {
		if c.of.Acquire(g.ctx, c.n) != nil {
			finders().Release(1)
			release(claims[:i])
			return
		}
	}
	finders().Release(1)
	defer release(claims)
	if err := guard(ctx, t.do); err != nil {
		g.fail(t, err)
	}
}

// find reports whether a task is to be done: it keeps its finder's place until it has a slot, so that not too many wait.
func (g *gang) find(t task) (undone bool) {
	err := guard(g.ctx, func(ctx context.Context) error {
		done, err := t.find(ctx)
		undone = !done && err == nil
		return err
	})
	if err != nil {
		g.fail(t, err)
	}
	if !undone {
		finders().Release(1)
	}
	return undone
}

func (g *gang) fail(t task, err error) { g.cancel(fmt.Errorf("%s: %w", t.name, err)) }

// claims returns what a task must have to begin, in order. The slot comes last: who waits for memory must not hold what others need to give
// memory back.
func (g *gang) claims(bytes int64) []claim {
	if bytes > 0 {
		return []claim{{lenders(), 1}, {g.memory, min(bytes, g.budget)}, {slots(), 1}}
	}
	return []claim{{slots(), 1}}
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
