package topk

import (
	"math"
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

// Select moves the k largest keys to the front, in any order. Keys differ from one another. Cost: O(len(keys)), by quickselect.
func Select(keys []Key, k int) {
	if k <= 0 || k >= len(keys) {
		return
	}
	for lo, hi := 0, len(keys)-1; lo < hi; {
		pivot := median(keys[lo], keys[lo+(hi-lo)/2], keys[hi])
		i, j := lo, hi
		for i <= j {
			for keys[i] > pivot {
				i++
			}
			for keys[j] < pivot {
				j--
			}
			if i <= j {
				keys[i], keys[j] = keys[j], keys[i]
				i++
				j--
			}
		}
		switch {
		case k-1 <= j:
			hi = j
		case k-1 >= i:
			lo = i
		default:
			return
		}
	}
}

func median(a, b, c Key) Key {
	return max(min(a, b), min(max(a, b), c))
}

// Sort orders keys largest first: best entry first.
func Sort(keys []Key) {
	slices.SortFunc(keys, func(a, b Key) int {
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
}
