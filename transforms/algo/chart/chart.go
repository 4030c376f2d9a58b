// Package chart ranks: the best of many in bounded memory, windows of days, growth between them.
//
//	chart.go  Best, Window, Growth
package chart

import "slices"

// Best keeps the k first elements under a total order; its result does not depend on the order of adding.
type Best[T any] struct {
	k     int
	order func(a, b T) int // negative: a ranks before b
	heap  []T              // worst on top
}

// NewBest returns an empty Best of k ≥ 0 elements.
func NewBest[T any](k int, order func(a, b T) int) *Best[T] {
	return &Best[T]{k: k, order: order}
}

// Add considers one element. Cost: O(log k), one comparison for most elements of a long list.
func (b *Best[T]) Add(v T) {
	if len(b.heap) < b.k {
		b.heap = append(b.heap, v)
		b.up(len(b.heap) - 1)
		return
	}
	if b.k > 0 && b.order(v, b.heap[0]) < 0 {
		b.heap[0] = v
		b.down(0)
	}
}

// Sorted returns the kept elements, best first, as a copy.
func (b *Best[T]) Sorted() []T {
	out := slices.Clone(b.heap)
	slices.SortFunc(out, b.order)
	return out
}

func (b *Best[T]) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if b.order(b.heap[parent], b.heap[i]) >= 0 {
			return
		}
		b.heap[parent], b.heap[i] = b.heap[i], b.heap[parent]
		i = parent
	}
}

func (b *Best[T]) down(i int) {
	for {
		worst := i
		for _, child := range []int{2*i + 1, 2*i + 2} {
			if child < len(b.heap) && b.order(b.heap[child], b.heap[worst]) > 0 {
				worst = child
			}
		}
		if worst == i {
			return
		}
		b.heap[worst], b.heap[i] = b.heap[i], b.heap[worst]
		i = worst
	}
}

// Window is a number of days that end with the night's day; 0 is all time, without a window before it.
type Window int32

// Holds reports whether a play of that age in whole days (0 = the night's day) lies in the window.
func (w Window) Holds(age int) bool {
	return age >= 0 && (w == 0 || age < int(w))
}

// HoldsBefore reports whether the age lies in the window of the same length before.
func (w Window) HoldsBefore(age int) bool {
	return age >= int(w) && age < 2*int(w)
}

// Growth returns now over before, minus 1; nil when there was nobody before.
func Growth(now, before int64) *float64 {
	if before == 0 {
		return nil
	}
	g := float64(now)/float64(before) - 1
	return &g
}
