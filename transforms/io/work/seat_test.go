package work

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"segue/transforms/io/lake"
)

// Items that wait for the disk let others work: twice as many as there are slots are under way, and never more than there are slots at work. All slots
// are free afterwards.
func TestWaitingItemsLendTheirSlot(t *testing.T) {
	cores := int64(runtime.GOMAXPROCS(0))
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var working, most, waiting atomic.Int64
	all := make(chan struct{})
	work := func() {
		n := working.Add(1)
		for was := most.Load(); n > was && !most.CompareAndSwap(was, n); was = most.Load() {
		}
		runtime.Gosched()
		working.Add(-1)
	}
	g := newGang(ctx, 1<<20)
	for range 2 * cores {
		err := g.run(unfound(func(ctx context.Context) error {
			work()
			err := lake.Waiting(ctx, func() error {
				if waiting.Add(1) == 2*cores {
					close(all)
				}
				select {
				case <-all:
					return nil
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			})
			work()
			return err
		}))
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := g.wait(); err != nil {
		t.Fatal(err)
	}
	if most.Load() > cores {
		t.Errorf("%d items at work on %d cores", most.Load(), cores)
	}
	if !slots().TryAcquire(cores) {
		t.Fatal("slots are not given back")
	}
	slots().Release(cores)
}

// An item that fails or panics while it waits gives its slot back once.
func TestFailedItemsGiveTheirSlotBack(t *testing.T) {
	cores := int64(runtime.GOMAXPROCS(0))
	for range cores + 1 {
		g := newGang(t.Context(), 1<<20)
		err := g.run(unfound(func(ctx context.Context) error {
			return lake.Waiting(ctx, func() error { panic("disk") })
		}))
		if err != nil {
			t.Fatal(err)
		}
		if g.wait() == nil {
			t.Fatal("no error of a panic")
		}
	}
	if !slots().TryAcquire(cores) {
		t.Fatal("slots are lost")
	}
	slots().Release(cores)
}

// unfound is an item of one byte that nobody did before.
func unfound(do func(context.Context) error) task {
	return task{name: "item", bytes: 1, find: func(context.Context) (bool, error) { return false, nil }, do: do, end: func() {}}
}
