// Package chart counts who heard what by day, over windows of days, and ranks it.
//
//	chart.go   Windows, Votes: the days one listener heard a song on, by key
//	counts.go  Counts, Heard: what a song has in a list, mergeable sums
//	spread.go  Spread: the sums of many listeners
//	growth.go  Growth, GrowthLow: change between windows, with a significance guard
//	best.go    Best: the best of many in bounded memory
//
// One listener has one vote a day and song, whatever was replayed: what one listener did is a set of days, as the bits of
// a number. Sets of parts of the days unite, in any order, to the set of all days, so that distinct listeners of any
// window are exact and days can be added one by one. Figures are integers.
package chart

import "math/bits"

// Windows are the lengths in days of the windows of charts; each ends with the night's day.
var Windows = [3]int32{1, 7, 28}

// Longest is the longest window: what contexts are counted over.
const Longest = 28

// Horizon is how many days charts look back: the longest window and the one before it.
const Horizon = 2 * Longest

// Days is a set of days: bit a is the day a days before the night's, a in [0, Horizon).
type Days uint64

// Day returns the set of the one day of an age; empty for ages outside [0, Horizon).
func Day(age int32) Days {
	if age < 0 || age >= Horizon {
		return 0
	}
	return 1 << uint(age)
}

// last returns the days within the last n.
func (d Days) last(n int32) Days { return d & (1<<uint(n) - 1) }

// Vote is a key with the days one listener voted for it.
type Vote struct {
	Key  uint64
	Days Days
}

// Votes collects the votes of one listener, by key; the zero value is empty. It is reused from listener to listener and
// holds as many keys as one listener has, so that it stays in the processor's cache.
type Votes struct {
	votes []Vote
	slots []int32 // vote + 1 by hash, linear probing; 0 = free
	used  []int32 // slot of each vote
	shift uint
}

// Add adds days to a key; none adds nothing.
func (v *Votes) Add(key uint64, days Days) {
	if 2*len(v.votes) >= len(v.slots) {
		v.grow()
	}
	mask := len(v.slots) - 1
	for i := int(hash(key) >> v.shift); ; i = (i + 1) & mask {
		n := v.slots[i]
		if n == 0 {
			v.votes, v.used = append(v.votes, Vote{key, days}), append(v.used, int32(i))
			v.slots[i] = int32(len(v.votes))
			return
		}
		if at := &v.votes[n-1]; at.Key == key {
			at.Days |= days
			return
		}
	}
}

// All returns the votes in the order keys came first; Add and Reset end its use.
func (v *Votes) All() []Vote { return v.votes }

// Reset empties v.
func (v *Votes) Reset() {
	for _, i := range v.used {
		v.slots[i] = 0
	}
	v.votes, v.used = v.votes[:0], v.used[:0]
}

// hash spreads keys by Fibonacci hashing: the high bits count.
func hash(key uint64) uint64 { return key * 0x9e3779b97f4a7c15 }

func (v *Votes) grow() {
	size := max(64, 2*len(v.slots))
	v.slots, v.shift = make([]int32, size), uint(64-bits.TrailingZeros(uint(size)))
	for n, vote := range v.votes {
		i := int(hash(vote.Key) >> v.shift)
		for v.slots[i] != 0 {
			i = (i + 1) & (size - 1)
		}
		v.slots[i], v.used[n] = int32(n+1), int32(i)
	}
}
