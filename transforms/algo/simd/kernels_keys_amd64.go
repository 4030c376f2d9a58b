//go:build !purego

package simd

func split(keys []uint64, pivot uint64) int {
	if active != avx512 || len(keys) == 0 || len(keys) > splitKeys {
		return splitGo(keys, pivot)
	}
	var rest [splitKeys + 8]uint64
	n := splitZ(&keys[0], len(keys), pivot, &rest[0])
	copy(keys[n:], rest[:])
	return n
}
