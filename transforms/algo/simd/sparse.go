package simd

import "math"

// AddAt adds max(0, w·x[i]), each operation rounded, to sum[at[i]], places in order, and writes those whose sum was 0 and no longer is to fresh, in
// order; it returns how many. What stands in fresh behind them is undefined. The same bits at every tier; a NaN counts as 0.
//
// Panics unless x and fresh have room for the places; a place outside of sum panics after those before it were added.
func AddAt(sum []float32, at []int32, x []float32, w float32, fresh []int32) int {
	if len(x) < len(at) || len(fresh) < len(at) {
		wrong("AddAt: %d places, %d values, room for %d", len(at), len(x), len(fresh))
	}
	if len(at) == 0 {
		return 0
	}
	n := addAt(sum, at, x, w, fresh)
	if n < 0 {
		wrong("AddAt: a place is not in %d sums", len(sum))
	}
	return n
}

// KeepAt writes the places whose sum is at least so much, in order, to kept, and returns how many; sums of places, and least, are 0 or above. What stands in kept behind
// them is undefined; it may be at itself.
//
// Panics unless kept has room for the places and all are in sum.
func KeepAt(sum []float32, at []int32, least float32, kept []int32) int {
	if len(kept) < len(at) || !(least >= 0) {
		wrong("KeepAt: %d places, room for %d, at least %g", len(at), len(kept), least)
	}
	if len(at) == 0 {
		return 0
	}
	n := keepAt(sum, at, math.Float32bits(least), kept)
	if n < 0 {
		wrong("KeepAt: a place is not in %d sums", len(sum))
	}
	return n
}

// ClearAt sets the sums of places to 0. Panics unless all are in sum.
func ClearAt(sum []float32, at []int32) {
	if len(at) > 0 && clearAt(sum, at) < 0 {
		wrong("ClearAt: a place is not in %d sums", len(sum))
	}
}
