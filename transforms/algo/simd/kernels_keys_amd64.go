//go:build !purego

package simd

func split(keys []uint64, pivot uint64) int {
	switch {
	case active != avx512 || len(keys) == 0:
		return splitGo(keys, pivot)
	case len(keys) <= splitKeys:
		return splitZ(&keys[0], len(keys), pivot)
	}
	return splitMany(keys, pivot)
}

// splitMany splits one part of keys after the other.
func splitMany(keys []uint64, pivot uint64) (n int) {
	var some [splitKeys]uint64
	for lo := 0; lo < len(keys); lo += splitKeys {
		part := keys[lo:min(lo+splitKeys, len(keys))]
		m := splitZ(&part[0], len(part), pivot)
		if below := min(m, lo-n); below > 0 { // change places with those above, last ones first
			last := part[m-below : m]
			copy(some[:], last)
			copy(last, keys[n:n+below])
			copy(keys[n:], some[:below])
		}
		n += m
	}
	return n
}
