package topk

import (
	"math"
	"slices"

	"segue/transforms/algo/simd"
)

// Key is an entry as one number: entries in the order of Compare have falling keys. The score is a number; -0 is stored as 0.
type Key uint64

// NewKey returns the key of an entry; id is at least 0.
func NewKey(id int32, score float32) Key {
	b := math.Float32bits(score + 0)
	if b>>31 != 0 {
		b = ^b
	} else {
		b |= 1 << 31
	}
	return Key(uint64(b)<<32 | uint64(^uint32(id)))
}

// Entry returns what k was made of.
func (k Key) Entry() Entry {
	b := uint32(k >> 32)
	if b>>31 != 0 {
		b &^= 1 << 31
	} else {
		b = ^b
	}
	return Entry{int32(^uint32(k)), math.Float32frombits(b)}
}

// Select moves the k largest keys to the front, in any order, and returns the least of them, 0 of none; all where there are no more.
// Cost: O(len(keys)), by quickselect without a branch on a comparison, for keys are as good as random.
func Select(keys []Key, k int) Key {
	if k <= 0 || len(keys) == 0 {
		return 0
	}
	for k < len(keys) {
		larger := split(keys, k)
		switch {
		case k <= larger:
			keys = keys[:larger]
		case k > larger+1:
			keys, k = keys[larger+1:], k-larger-1
		default:
			return keys[larger]
		}
	}
	return slices.Min(keys)
}

// split chooses a pivot and moves it behind all larger keys; it returns their number.
func split(keys []Key, k int) int {
	last := len(keys) - 1
	p := pivotOf(keys, k)
	pivot := keys[p]
	keys[p], keys[last] = keys[last], pivot
	n := simd.Split(keys[:last], pivot)
	keys[n], keys[last] = pivot, keys[n]
	return n
}

// pivotOf returns where that of three keys is which is as high among them as the k-th is among all.
func pivotOf(keys []Key, k int) (at int) {
	n := len(keys)
	a, b, c := keys[0], keys[n/2], keys[n-1]
	low, high := min(a, b, c), max(a, b, c)
	pivot := a ^ b ^ c ^ low ^ high
	switch {
	case 3*k < n:
		pivot = high
	case 3*k > 2*n:
		pivot = low
	}
	if pivot == b {
		at = n / 2
	}
	if pivot == c {
		at = n - 1
	}
	return at
}

// Sort orders keys largest first: best entry first.
func Sort(keys []Key) {
	slices.Sort(keys)
	slices.Reverse(keys)
}
