package topk

import (
	"math"
	"math/bits"
	"slices"
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

// Select moves the k largest keys to the front, in any order. Keys differ from one another.
// Cost: O(len(keys)), by quickselect without a branch on a comparison, for keys are as good as random.
func Select(keys []Key, k int) {
	if k <= 0 {
		return
	}
	for k < len(keys) && len(keys) > 1 {
		larger := split(keys)
		switch {
		case k < larger:
			keys = keys[:larger]
		case k > larger+1:
			keys, k = keys[larger+1:], k-larger-1
		default:
			return
		}
	}
}

// split chooses a pivot and moves it behind all larger keys; it returns their number.
func split(keys []Key) int {
	last := len(keys) - 1
	p := middle(keys, 0, last/2, last)
	pivot := keys[p]
	keys[p], keys[last] = keys[last], pivot
	n := 0
	for i, k := range keys[:last] {
		keys[i], keys[n] = keys[n], k
		_, above := bits.Sub64(uint64(pivot), uint64(k), 0)
		n += int(above)
	}
	keys[n], keys[last] = pivot, keys[n]
	return n
}

// middle returns which of three keys is neither the largest nor the smallest.
func middle(keys []Key, a, b, c int) int {
	if keys[a] > keys[b] {
		a, b = b, a
	}
	switch {
	case keys[c] < keys[a]:
		return a
	case keys[c] > keys[b]:
		return b
	}
	return c
}

// Sort orders keys largest first: best entry first.
func Sort(keys []Key) {
	slices.Sort(keys)
	slices.Reverse(keys)
}
