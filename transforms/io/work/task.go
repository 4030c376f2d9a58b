package work

import (
	"context"

	"segue/transforms/io/lake"
)

// task is an item or a merge on its way to a slot.
type task struct {
	name  string // in errors
	bytes int64  // of the budget of memory; 0 = it does not say
	// find looks whether it was done before; where it was not, it gets ready what do reads. It waits for stores and needs no core.
	find func(ctx context.Context) (done bool, err error)
	do   func(ctx context.Context) error
	end  func() // whatever became of it
}

// outcome is where what an item or a merge gave lies once it is done.
type outcome[T any] interface {
	find(ctx context.Context) (got T, found bool, err error)
	// make makes what find did not find, and returns what counts: where another made it meanwhile, that.
	make(ctx context.Context, env *Env, run func(*Env) (T, error)) (T, error)
}

// undone is what a task is made of.
type undone[T any] struct {
	place   place
	outcome func(*Env) outcome[T]
	inputs  [][]byte // JSON that names the files that run reads
	run     func(context.Context, *Env) (T, error)
	give    func(got T, found bool)
}

// task returns the task that gives what is found, or what run makes.
func (u undone[T]) task(name string, bytes int64) task {
	var env *Env
	var at outcome[T]
	drop := func() {}
	return task{
		name: name, bytes: bytes,
		find: func(ctx context.Context) (found bool, err error) {
			if env, err = u.place.itemEnv(ctx); err != nil {
				return false, err
			}
			at = u.outcome(env)
			got, found, err := at.find(ctx)
			if found {
				u.give(got, true)
			} else if err == nil && lake.KeepsCopies(env.Lake) {
				drop = lake.Fetch(ctx, env.Lake, refsIn(u.inputs...))
			}
			return found, err
		},
		do: func(ctx context.Context) error {
			got, err := at.make(ctx, env, func(env *Env) (T, error) { return u.run(ctx, env) })
			if err == nil {
				u.give(got, false)
			}
			return err
		},
		end: func() { drop() },
	}
}

// unrecorded is the outcome of what costs less than a record.
type unrecorded[T any] struct{}

func (unrecorded[T]) find(context.Context) (got T, found bool, err error) { return got, false, nil }

func (unrecorded[T]) make(_ context.Context, env *Env, run func(*Env) (T, error)) (T, error) {
	return run(env)
}
