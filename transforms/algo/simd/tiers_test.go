package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// under makes a tier the active one until the test ends.
func under(t testing.TB, l level) {
	t.Helper()
	was, wasVNNI := active, vnni
	best, hasVNNI := detect()
	if l > best {
		t.Skipf("no %s on this processor", names[l])
	}
	active, vnni = l, hasVNNI && l == avx512
	t.Cleanup(func() { active, vnni = was, wasVNNI })
}

// eachTier runs f with every tier this processor has; f gets a generator and its seed is in the name.
func eachTier(t *testing.T, f func(t *testing.T, r *rand.Rand)) {
	for l := range names {
		const seed = 21
		t.Run(fmt.Sprintf("%s/seed=%d", names[l], seed), func(t *testing.T) {
			under(t, level(l))
			f(t, rand.New(rand.NewPCG(seed, 1)))
		})
	}
}

const guard = 40

// guarded is a slice at any alignment of a float, between guards that must not change.
type guarded struct {
	all []float32
	lo  int
}

func newGuarded(r *rand.Rand, n int) guarded {
	g := guarded{make([]float32, n+2*guard), guard - r.IntN(16)}
	for i := range g.all {
		g.all[i] = 12345.5
	}
	return g
}

// slice returns the n elements; what is appended to it would be a new slice.
func (g guarded) slice(n int) []float32 { return g.all[g.lo : g.lo+n : g.lo+n] }

func (g guarded) check(t *testing.T, n int) {
	t.Helper()
	for i, v := range g.all {
		if (i < g.lo || i >= g.lo+n) && v != 12345.5 {
			t.Fatalf("element %d of %d was written", i-g.lo, n)
		}
	}
}

// filled returns n guarded numbers drawn by draw.
func filled(r *rand.Rand, n int, draw func(*rand.Rand) float32) (guarded, []float32) {
	g := newGuarded(r, n)
	x := g.slice(n)
	for i := range x {
		x[i] = draw(r)
	}
	return g, x
}

func normal(r *rand.Rand) float32 { return float32(r.NormFloat64()) }

// tiny draws denormals among small numbers.
func tiny(r *rand.Rand) float32 { return float32(r.NormFloat64()) * 0x1p-130 }

// wild draws infinities, zeros of both signs and what is no number among others.
func wild(r *rand.Rand) float32 {
	switch r.IntN(12) {
	case 0:
		return float32(math.NaN())
	case 1:
		return float32(math.Inf(1))
	case 2:
		return float32(math.Inf(-1))
	case 3:
		return float32(math.Copysign(0, -1))
	}
	return normal(r)
}

// draws are the kinds of numbers every float kernel is tried with.
var draws = map[string]func(*rand.Rand) float32{"normal": normal, "tiny": tiny, "wild": wild}

// bound is the proven distance of a chain of n products and sums in float32 from the exact sum, when the terms' sizes add up to
// size; denormal terms may each lose half of the smallest number.
func bound(n int, size float64) float64 {
	return float64(n+1)*size*0x1p-23 + float64(n+1)*0x1p-149
}

// near reports whether got is the exact sum within its bound; sums that are no number, or overflow, must agree in kind.
func near(got float32, n int, want, size float64) bool {
	if math.IsNaN(want) || math.IsInf(want, 0) {
		return same(got, float32(want))
	}
	return math.Abs(float64(got)-want) <= bound(n, size)
}

// same reports whether two numbers are the same bits, or both no number.
func same(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// sameAll fails at the first difference.
func sameAll(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if !same(got[i], want[i]) {
			t.Fatalf("%s: element %d of %d is %v, want %v", what, i, len(want), got[i], want[i])
		}
	}
}

// exact returns Σ x·y and Σ |x·y| in float64.
func exact(x, y []float32) (sum, size float64) {
	for i, v := range x {
		p := float64(v) * float64(y[i])
		sum += p
		size += math.Abs(p)
	}
	return sum, size
}
