// Package topk keeps the k best scored entries in a total order: score falling, then id ascending.
//
//	topk.go       Entry, List: a heap for entries of which few enter
//	keys.go       Key: an entry as one number; Select, Sort: the best of those at hand
//	selection.go  Selection: the best of a stream of which many enter, by counting keys
package topk

import (
	"cmp"
	"slices"
)

// Entry is one scored id.
type Entry struct {
	ID    int32
	Score float32
}

// Compare orders entries: score falling, then id ascending.
func Compare(a, b Entry) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
}

// before is Compare(a, b) < 0 for numbers.
func before(a, b Entry) bool {
	return a.Score > b.Score || a.Score == b.Score && a.ID < b.ID
}

// List collects the k best of the entries pushed. Scores are numbers; NaN is never kept. Reset makes it usable.
type List struct {
	k    int
	heap []Entry // the worst kept entry first
}

// Reset empties the list and sets how many entries it keeps.
func (l *List) Reset(k int) {
	l.k, l.heap = k, l.heap[:0]
}

// Push offers an entry, and reports whether it is among the best so far. Cost: O(1) when it is not among the best so far, else O(log k).
func (l *List) Push(id int32, score float32) bool {
	e := Entry{id, score}
	switch {
	case score != score || l.k == 0:
		return false
	case len(l.heap) < l.k:
		l.heap = append(l.heap, e)
		l.up(len(l.heap) - 1)
	case before(e, l.heap[0]):
		l.heap[0] = e
		l.down()
	default:
		return false
	}
	return true
}

// Sorted returns the kept entries, best first. They are valid until the next Reset; the list must be reset before more is pushed.
func (l *List) Sorted() []Entry {
	slices.SortFunc(l.heap, Compare)
	return l.heap
}

func (l *List) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !before(l.heap[parent], l.heap[i]) {
			return
		}
		l.heap[parent], l.heap[i] = l.heap[i], l.heap[parent]
		i = parent
	}
}

func (l *List) down() {
	for i := 0; ; {
		worst := 2*i + 1
		if worst >= len(l.heap) {
			return
		}
		if r := worst + 1; r < len(l.heap) && before(l.heap[worst], l.heap[r]) {
			worst = r
		}
		if !before(l.heap[i], l.heap[worst]) {
			return
		}
		l.heap[i], l.heap[worst] = l.heap[worst], l.heap[i]
		i = worst
	}
}
