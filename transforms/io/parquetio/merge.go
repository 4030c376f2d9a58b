package parquetio

import (
	"container/heap"
	"context"
	"iter"

	"segue/transforms/io/lake"
)

// Merge streams the rows of sorted files in order; equal rows come in the order of the files.
// Cost: one open file each; O(log files) comparisons a row.
func Merge[T any](ctx context.Context, s lake.Store, refs []lake.FileRef, compare func(a, b *T) int) iter.Seq2[T, error] {
	if len(refs) == 1 {
		return Read[T](ctx, s, refs[0])
	}
	return func(yield func(T, error) bool) {
		h := &heads[T]{compare: compare}
		defer h.stop()
		for i, r := range refs {
			next, stop := iter.Pull2(Read[T](ctx, s, r))
			e := &head[T]{file: i, next: next, stop: stop}
			h.all = append(h.all, e)
			if ok, err := e.advance(); err != nil {
				yield(e.row, err)
				return
			} else if ok {
				h.live = append(h.live, e)
			}
		}
		heap.Init(h)
		for len(h.live) > 0 {
			e := h.live[0]
			if !yield(e.row, nil) {
				return
			}
			ok, err := e.advance()
			switch {
			case err != nil:
				yield(e.row, err)
				return
			case ok:
				heap.Fix(h, 0)
			default:
				heap.Pop(h)
			}
		}
	}
}

// head is a file with its next row.
type head[T any] struct {
	file int
	row  T
	next func() (T, error, bool)
	stop func()
}

func (e *head[T]) advance() (ok bool, err error) {
	e.row, err, ok = e.next()
	return ok && err == nil, err
}

// heads is a heap of files by their next row.
type heads[T any] struct {
	live, all []*head[T]
	compare   func(a, b *T) int
}

func (h *heads[T]) stop() {
	for _, e := range h.all {
		e.stop()
	}
}

func (h *heads[T]) Len() int { return len(h.live) }
func (h *heads[T]) Less(i, j int) bool {
	if c := h.compare(&h.live[i].row, &h.live[j].row); c != 0 {
		return c < 0
	}
	return h.live[i].file < h.live[j].file
}
func (h *heads[T]) Swap(i, j int) { h.live[i], h.live[j] = h.live[j], h.live[i] }
func (h *heads[T]) Push(x any)    { h.live = append(h.live, x.(*head[T])) }
func (h *heads[T]) Pop() any {
	n := len(h.live) - 1
	e := h.live[n]
	h.live = h.live[:n]
	return e
}
