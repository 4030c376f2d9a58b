package knn

import (
	"math"
	"slices"

	"segue/transforms/algo/simd"
	"segue/transforms/algo/topk"
)

// Lists holds the lists of a range of queries.
type Lists struct {
	Queries []int32 // query of each list, in the order of the layout

	x     *Index
	first int // position of list 0
	room  int // keys a list holds while it grows
	keys  []topk.Key
	full  []int32    // keys of each list
	exact []int32    // of these, how many are scored; the rest are base positions
	least []topk.Key // what a key must be above to enter; 0 while the list is short
}

// pending is how many screened pairs a list of k gathers before they are scored.
func pending(k int) int { return max(16, k/4) }

func newLists(x *Index, first, end int) *Lists {
	n := end - first
	l := &Lists{Queries: x.queries.order[first:end], x: x, first: first}
	l.room = min(x.params.K, len(x.base.order)) + pending(x.params.K)
	l.keys = make([]topk.Key, n*l.room)
	l.full, l.exact, l.least = make([]int32, n), make([]int32, n), make([]topk.Key, n)
	return l
}

// ListBytes returns what a list of k takes while a search is under way.
func ListBytes(k int) int64 { return 8 * int64(k+pending(k)+2) }

// Size returns how many entries list i has.
func (l *Lists) Size(i int) int { return int(l.full[i]) }

// Len returns how many lists there are.
func (l *Lists) Len() int { return len(l.full) }

// List appends list i to out: score falling, then base row ascending.
func (l *Lists) List(i int, out []topk.Entry) []topk.Entry {
	for _, k := range l.of(i) {
		out = append(out, k.Entry())
	}
	return out
}

func (l *Lists) of(i int) []topk.Key { return l.keys[i*l.room : i*l.room+int(l.full[i])] }

// push adds the base row at a position to list i and reports whether the list is full of pending pairs.
func (l *Lists) push(i, at int) bool {
	n := l.full[i]
	l.keys[i*l.room+int(n)] = topk.Key(at)
	l.full[i] = n + 1
	return int(n)+1 == l.room
}

// settle scores the pending pairs of list i, drops those that are not among the best K of it, and returns the last score: a base row scored
// less will not enter; -Inf while the list is short. The last score rises only when the room for pending pairs gets short.
func (l *Lists) settle(i int) float32 {
	k := l.x.params.K
	l.scorePending(i)
	if n := int(l.full[i]); n >= k && (l.least[i] == 0 || l.room-n < pending(k)/2) {
		l.cut(i, k)
	}
	if l.least[i] == 0 {
		return float32(math.Inf(-1))
	}
	return l.least[i].Entry().Score
}

// last settles list i and returns its last score: that of entry K, -Inf while it is shorter.
func (l *Lists) last(i int) float32 {
	l.scorePending(i)
	if k := l.x.params.K; int(l.full[i]) >= k {
		l.cut(i, k)
	}
	if l.least[i] == 0 {
		return float32(math.Inf(-1))
	}
	return l.least[i].Entry().Score
}

// scorePending gives the pending pairs of list i their keys, some at a time, and keeps those above the last one.
func (l *Lists) scorePending(i int) {
	query, base := l.x.queries.row(l.first+i), l.x.base
	keys, n, least := l.of(i), int(l.exact[i]), l.least[i]
	var rows [scoredAtATime]int32
	var dots [scoredAtATime]float32
	for pairs := range slices.Chunk(keys[n:], scoredAtATime) {
		for j, pair := range pairs {
			rows[j] = int32(pair)
		}
		some := rows[:len(pairs)]
		simd.DotRows(dots[:len(pairs)], base.rows, some, query)
		for j, at := range some {
			keys[n] = topk.NewKey(base.order[at], base.weight[at]*dots[j])
			if keys[n] > least {
				n++
			}
		}
	}
	l.full[i], l.exact[i] = int32(n), int32(n)
}

// scoredAtATime is how many pairs are.
const scoredAtATime = 64

// cut leaves the k best of the keys of list i, at least as many.
func (l *Lists) cut(i, k int) {
	l.full[i], l.exact[i], l.least[i] = int32(k), int32(k), topk.Select(l.of(i), k)
}

// score is what every list is made of, whatever found the pair: w·Dot, in the order of simd.Dot and simd.DotRows.
func score(w float32, query, base []float32) float32 { return w * simd.Dot(query, base) }

// finish scores what is pending and sorts list i.
func (l *Lists) finish(i int) {
	l.scorePending(i)
	if k := l.x.params.K; int(l.full[i]) > k {
		l.cut(i, k)
	}
	topk.Sort(l.of(i))
}
