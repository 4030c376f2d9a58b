// Package cells is the algebra of aggregates: sums by cell, exact, mergeable in any order, over flat arrays.
//
//	cells.go   Key, Table: sums by key
//	sums.go    Sums: plays, distinct listeners, weights and effective sample size of one key
//	wide.go    Wide: exact sums of squares
//	index.go   Index: values → dense numbers
//	gather.go  Gather: what one listener did under each key, folded into a Table once
//
// Laws, which the tests hold against a plain recount: Plus and Merge are associative and commutative, the zero value is
// neutral, and however rows are split, merging the parts gives the whole. Figures are integers, so that no order of
// adding changes a bit; what is a ratio is taken from finished sums.
//
// Distinct listeners and sums of squares are over listeners, so all a listener did under a key must reach one Gather
// before its Fold: listeners lie in one bucket each, and a bucket is walked listener by listener.
package cells

import (
	"cmp"
	"math/bits"
	"slices"
)

// Key is a cell and one of its members, such as a class or a song, as two dense numbers.
type Key uint64

// KeyOf returns the key of cell and member, both ≥ 0.
func KeyOf(cell, member int32) Key { return Key(uint32(cell))<<32 | Key(uint32(member)) }

// Cell returns the number of the cell.
func (k Key) Cell() int32 { return int32(k >> 32) }

// Member returns the number of the member.
func (k Key) Member() int32 { return int32(uint32(k)) }

// Value is what a Table sums: Plus is associative and commutative, its zero value neutral.
type Value[V any] interface {
	Plus(V) V
}

// Row is one key with its value.
type Row[V any] struct {
	Key   Key
	Value V
}

// Table sums values by key. Cost: one probe of a flat array a call, 4 bytes a slot beside the rows; the zero value is empty.
type Table[V Value[V]] struct {
	rows  []Row[V]
	slots []int32 // row + 1 by hash, linear probing; 0 = free
	shift uint
}

// At returns the value of k, zero when new; the pointer is good until the next call of At, Add, Find, Twin, Merge or Reset.
func (t *Table[V]) At(k Key) *V {
	if 2*len(t.rows) >= len(t.slots) {
		t.grow()
	}
	return &t.rows[t.row(k)].Value
}

// row returns the place of k among rows, where there is a free slot for a new key.
func (t *Table[V]) row(k Key) int32 {
	mask := len(t.slots) - 1
	for i := int(hash(k) >> t.shift); ; i = (i + 1) & mask {
		switch n := t.slots[i]; {
		case n == 0:
			if len(t.rows) == cap(t.rows) {
				t.rows = slices.Grow(t.rows, len(t.rows)/2+16) // append would copy large tables four times, not twice
			}
			t.rows = append(t.rows, Row[V]{Key: k})
			t.slots[i] = int32(len(t.rows))
			return int32(len(t.rows) - 1)
		case t.rows[n-1].Key == k:
			return n - 1
		}
	}
}

// Add adds v under k.
func (t *Table[V]) Add(k Key, v V) {
	at := t.At(k)
	*at = (*at).Plus(v)
}

// Find sets at[i] to where the value of keys[i] stands among Rows, those of new keys zero, for keys in a row much faster than
// At: the processor waits for their slots and rows side by side. Values may be changed in place until the next call of At,
// Add, Find, Twin, Merge or Reset.
func (t *Table[V]) Find(keys []Key, at []int32) {
	for 2*(len(t.rows)+len(keys)) >= len(t.slots) {
		t.grow()
	}
	for i, k := range keys {
		at[i] = t.slots[hash(k)>>t.shift] - 1
	}
	for i, k := range keys {
		if n := at[i]; n < 0 || t.rows[n].Key != k {
			at[i] = t.row(k)
		}
	}
}

// Twin adds every row once more under cell twins[cell].
func (t *Table[V]) Twin(twins []int32) {
	for i := range t.Len() {
		r := t.rows[i]
		t.Add(KeyOf(twins[r.Key.Cell()], r.Key.Member()), r.Value)
	}
}

// Merge adds all rows of o.
func (t *Table[V]) Merge(o *Table[V]) {
	for _, r := range o.rows {
		t.Add(r.Key, r.Value)
	}
}

// Reserve makes room for n more keys.
func (t *Table[V]) Reserve(n int) {
	t.rows = slices.Grow(t.rows, n)
	for 2*(len(t.rows)+n) >= len(t.slots) {
		t.grow()
	}
}

// Reset empties t; its memory is used again.
func (t *Table[V]) Reset() {
	clear(t.slots)
	t.rows = t.rows[:0]
}

// Of returns the value of k, zero for one never added.
func (t *Table[V]) Of(k Key) (v V) {
	if len(t.rows) == 0 {
		return v
	}
	mask := len(t.slots) - 1
	for i := int(hash(k) >> t.shift); t.slots[i] != 0; i = (i + 1) & mask {
		if r := &t.rows[t.slots[i]-1]; r.Key == k {
			return r.Value
		}
	}
	return v
}

// Len returns the number of keys.
func (t *Table[V]) Len() int { return len(t.rows) }

// Rows returns the rows in the order their keys came first; keys must not be changed, and At, Add, Find, Twin, Merge and Reset end its use.
func (t *Table[V]) Rows() []Row[V] { return t.rows }

// Sorted returns the rows by key ascending, as a copy.
func (t *Table[V]) Sorted() []Row[V] {
	rows := slices.Clone(t.rows)
	slices.SortFunc(rows, func(a, b Row[V]) int { return cmp.Compare(a.Key, b.Key) })
	return rows
}

// hash spreads keys by Fibonacci hashing: the high bits count.
func hash(k Key) uint64 { return uint64(k) * 0x9e3779b97f4a7c15 }

func (t *Table[V]) grow() {
	size := max(64, 2*len(t.slots))
	t.slots, t.shift = make([]int32, size), uint(64-bits.TrailingZeros(uint(size)))
	for n, r := range t.rows {
		i := int(hash(r.Key) >> t.shift)
		for t.slots[i] != 0 {
			i = (i + 1) & (size - 1)
		}
		t.slots[i] = int32(n + 1)
	}
}
