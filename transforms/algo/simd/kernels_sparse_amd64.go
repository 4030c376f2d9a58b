//go:build !purego

package simd

import (
	"math"
	"unsafe"
)

// addAt checks eight places at once, which leaves less to do for each: most have values above 0.
func addAt(sum []float32, at []int32, x []float32, w float32, fresh []int32) int {
	n, base := len(at), unsafe.SliceData(sum)
	switch {
	case active == plain:
		return addAtGo(sum, at, x, w, fresh)
	case n >= 8 && len(sum) > 0 && allPlusY(&at[0], &x[0], n, w, uint32(min(len(sum)-1, math.MaxInt32))) != 0:
		return addPlusX(base, &at[0], &x[0], n, w, &fresh[0])
	}
	return addAtX(base, len(sum), &at[0], &x[0], n, w, &fresh[0])
}

func keepAt(sum []float32, at []int32, least uint32, kept []int32) int {
	if active == plain {
		return keepAtGo(sum, at, least, kept)
	}
	return keepAtX(unsafe.SliceData(sum), len(sum), &at[0], len(at), least, &kept[0])
}

func clearAt(sum []float32, at []int32) int {
	if active == plain {
		return clearAtGo(sum, at)
	}
	return clearAtX(unsafe.SliceData(sum), len(sum), &at[0], len(at))
}
