package simd

import "unsafe"

// splitKeys is how many keys are split at once.
const splitKeys = 256

// Split moves the keys above pivot to the front and returns how many there are; the others are behind them. Both parts are in any order, which
// may differ by tier.
func Split[K ~uint64](keys []K, pivot K) int {
	return split(unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(keys))), len(keys)), uint64(pivot))
}
