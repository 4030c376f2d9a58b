package simd

import "math/bits"

// splitGo has no branch on a comparison, for keys are as good as random.
func splitGo(keys []uint64, pivot uint64) int {
	n := 0
	for i, k := range keys {
		keys[i], keys[n] = keys[n], k
		_, above := bits.Sub64(pivot, k, 0)
		n += int(above)
	}
	return n
}
