package simd

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Split puts exactly the keys above the pivot in front, keeps all, and writes nothing else, at every tier and length.
func TestSplit(t *testing.T) {
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for n := range 2 * splitKeys {
			all := make([]uint64, n+2*guard)
			for i := range all {
				all[i] = uint64(r.Uint32N(uint32(n+1)))<<40 | uint64(i)<<63
			}
			was := slices.Clone(all)
			keys := all[guard : guard+n]
			pivot := uint64(r.Uint32N(uint32(n+2))) << 40
			m := Split(keys, pivot)
			for i, k := range keys {
				if (k > pivot) != (i < m) {
					t.Fatalf("key %d of %d is %d, %d are above %d", i, n, k, m, pivot)
				}
			}
			slices.Sort(keys)
			slices.Sort(was[guard : guard+n])
			if !slices.Equal(all, was) {
				t.Fatalf("%d keys: others than before, or beside them", n)
			}
		}
	})
}
