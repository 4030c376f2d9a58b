//go:build !purego

package simd

func split(keys []uint64, pivot uint64) (n int) {
	if active != avx512 {
		return splitGo(keys, pivot)
	}
	var rest [splitKeys + 8]uint64 // and a register more
	for lo := 0; lo < len(keys); lo += splitKeys {
		some := keys[lo:min(lo+splitKeys, len(keys))]
		m := splitZ(&some[0], len(some), pivot, &rest[0])
		copy(some[m:], rest[:])
		if below := min(m, lo-n); below > 0 { // change places with those above, last ones first
			last := some[m-below : m]
			copy(rest[:], last)
			copy(last, keys[n:n+below])
			copy(keys[n:], rest[:below])
		}
		n += m
	}
	return n
}
