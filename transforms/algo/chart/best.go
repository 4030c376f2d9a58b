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
	v := b.heap[i]
	for {
		child := 2*i + 1
		if child >= len(b.heap) {
			break
		}
		if child+1 < len(b.heap) && b.order(b.heap[child+1], b.heap[child]) > 0 {
			child++
		}
		if b.order(b.heap[child], v) <= 0 {
			break
		}
		b.heap[i], i = b.heap[child], child
	}
	b.heap[i] = v
}
