// Package tally counts plays and distinct listeners by key, exactly and mergeably.
//
//	tally.go  Counts, Tally: adding, merging, sorted rows; Places
//
// All figures are int64, so no order of adding or merging changes a sum. Distinct listeners are exact as long as every
// listener's plays reach one Tally in one run: listeners lie in one bucket and their plays are sorted by listener.
package tally

import "slices"

// Counts is what is known of one key; the zero value is neutral.
type Counts struct {
	Listeners int64 // distinct
	Plays     int64
	Skips     int64
	Weight    int64 // fixed point, worth.One = one fresh play
}

// Plus returns the sum of two counts of disjoint listeners: associative and commutative.
func (c Counts) Plus(d Counts) Counts {
	return Counts{c.Listeners + d.Listeners, c.Plays + d.Plays, c.Skips + d.Skips, c.Weight + d.Weight}
}

// Row is one key with its counts.
type Row[K comparable] struct {
	Key K
	Counts
}

// Tally sums counts by key.
type Tally[K comparable] struct {
	index map[K]int32
	rows  []Row[K]
	last  []int32 // the listener who counted last, by row
}

// New returns an empty tally.
func New[K comparable]() *Tally[K] {
	return &Tally[K]{index: map[K]int32{}}
}

// Hear adds what one listener did under k and counts the listener once a key; c.Listeners is ignored.
//
// Listeners are numbered from 1; all calls of one listener come before those of the next.
func (t *Tally[K]) Hear(k K, listener int32, c Counts) {
	i := t.row(k)
	c.Listeners = 0
	if t.last[i] != listener {
		t.last[i], c.Listeners = listener, 1
	}
	t.rows[i].Counts = t.rows[i].Plus(c)
}

// Add adds the counts of listeners who were not counted here yet.
func (t *Tally[K]) Add(k K, c Counts) {
	i := t.row(k)
	t.rows[i].Counts = t.rows[i].Plus(c)
}

// Merge adds a tally of other listeners.
func (t *Tally[K]) Merge(o *Tally[K]) {
	for _, r := range o.rows {
		t.Add(r.Key, r.Counts)
	}
}

// Len returns the number of keys.
func (t *Tally[K]) Len() int { return len(t.rows) }

// Of returns the counts of a key, zero for one never counted.
func (t *Tally[K]) Of(k K) Counts {
	if i, ok := t.index[k]; ok {
		return t.rows[i].Counts
	}
	return Counts{}
}

// Rows returns the rows in the order their keys came first; it must not be changed, and Hear, Add and Merge end its use.
func (t *Tally[K]) Rows() []Row[K] { return t.rows }

// Sorted returns the rows by key under a total order, as a copy.
func (t *Tally[K]) Sorted(order func(a, b K) int) []Row[K] {
	rows := slices.Clone(t.rows)
	slices.SortFunc(rows, func(a, b Row[K]) int { return order(a.Key, b.Key) })
	return rows
}

func (t *Tally[K]) row(k K) int32 {
	i, ok := t.index[k]
	if !ok {
		i = int32(len(t.rows))
		t.index[k] = i
		t.rows = append(t.rows, Row[K]{Key: k})
		t.last = append(t.last, 0)
	}
	return i
}

// Places returns where each value stands when all are sorted: keys compare by number instead of by text.
func Places[T any](values []T, order func(a, b T) int) []int32 {
	sorted := make([]int32, len(values))
	for i := range sorted {
		sorted[i] = int32(i)
	}
	slices.SortFunc(sorted, func(a, b int32) int { return order(values[a], values[b]) })
	place := make([]int32, len(values))
	for i, v := range sorted {
		place[v] = int32(i)
	}
	return place
}
