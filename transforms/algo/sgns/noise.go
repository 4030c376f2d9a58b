package sgns

import "math"

// noise draws songs by their weights in constant time.
//
// Source: Vose 1991 (the alias method).
type noise []noiseCell

// noiseCell keeps its own number below cut, else other's.
type noiseCell struct {
	cut   uint32
	other int32
}

// newNoise returns the noise over len(counts) songs, each by count to the exponent; counts are positive.
func newNoise(counts []int32, exponent float64) noise {
	n := len(counts)
	share, total := make([]float64, n), 0.0
	for i, c := range counts {
		share[i] = math.Pow(float64(c), exponent)
		total += share[i]
	}
	cells := make(noise, n)
	var small, large []int32
	put := func(i int32) {
		if share[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for i := range share {
		share[i] *= float64(n) / total
		cells[i] = noiseCell{math.MaxUint32, int32(i)}
		put(int32(i))
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small, large = small[:len(small)-1], large[:len(large)-1]
		cells[s] = noiseCell{uint32(share[s] * math.MaxUint32), l}
		share[l] -= 1 - share[s]
		put(l)
	}
	return cells
}

// draw returns a song.
func (t noise) draw(r *random) int32 {
	x := r.next()
	i := int32(x >> 32 * uint64(len(t)) >> 32)
	if c := t[i]; uint32(x) > c.cut {
		return c.other
	}
	return i
}

// tries bounds how often a draw is repeated that gave the song it must not give.
const tries = 16

// besides returns a song other than not; there are at least two.
func (t noise) besides(r *random, not int32) int32 {
	for range tries {
		if i := t.draw(r); i != not {
			return i
		}
	}
	return int32((int(not) + 1) % len(t))
}
