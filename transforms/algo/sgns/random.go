package sgns

import "math/bits"

// random is SplitMix64: one multiplication chain a number, and any start is as good as any other.
type random uint64

// newRandom returns the generator of one place: a seed and what it is used for.
func newRandom(seed uint64, place ...int) random {
	r := random(seed)
	for _, p := range place {
		r = random(r.next() + uint64(p)*0xD1342543DE82EF95)
	}
	return r
}

func (r *random) next() uint64 {
	*r += 0x9E3779B97F4A7C15
	x := uint64(*r)
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// below returns a number in [0, n).
func (r *random) below(n int) int {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int(hi)
}

// shuffle puts x in random order.
func shuffle[T any](r *random, x []T) {
	for i := len(x) - 1; i > 0; i-- {
		j := r.below(i + 1)
		x[i], x[j] = x[j], x[i]
	}
}
