package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func randoms(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// Dot differs from the sum in float64 by at most (n+1)·2⁻²⁴·Σ|x·y|, at every length around the lanes.
func TestDotAgainstFloat64(t *testing.T) {
	const seed = 11
	r := rand.New(rand.NewPCG(seed, 1))
	for n := range 40 {
		x, y := randoms(r, n), randoms(r, n)
		var want, size float64
		for i := range x {
			p := float64(x[i]) * float64(y[i])
			want += p
			size += math.Abs(p)
		}
		if got := float64(Dot(x, y)); math.Abs(got-want) > float64(n+1)*size/(1<<24) {
			t.Errorf("seed %d: length %d: dot %v, want %v", seed, n, got, want)
		}
	}
}

// Unit gives length 1, and zeros for what has no direction.
func TestUnit(t *testing.T) {
	x := []float32{3, 4}
	if !Unit(x) || x[0] != .6 || x[1] != .8 {
		t.Errorf("unit of (3,4) is %v", x)
	}
	for _, bad := range [][]float32{{0, 0}, {float32(math.NaN()), 1}, {float32(math.Inf(1)), 1}, {}} {
		if Unit(bad) || slices.ContainsFunc(bad, func(v float32) bool { return v != 0 }) {
			t.Errorf("no direction became %v", bad)
		}
	}
}

// Pairs are (0,1)(2,3)(4): ((a+b)+(c+d))+e.
func TestSumPairwise(t *testing.T) {
	big := math.Pow(2, 53)
	got := SumPairwise([][]float64{{big}, {1}, {1}, {1}, {-big}})
	if want := ((big + 1) + 2) - big; got[0] != want {
		t.Errorf("sum %v, want %v", got[0], want)
	}
	if SumPairwise(nil) != nil {
		t.Error("no parts have a sum")
	}
}

// Blocks cover every row once, and Each calls every index once.
func TestBlocks(t *testing.T) {
	for _, n := range []int{0, 1, BlockRows, BlockRows + 1, 3*BlockRows - 1} {
		seen := 0
		for b := range Blocks(n) {
			lo, hi := Block(b, n)
			if lo != seen || hi <= lo {
				t.Fatalf("%d rows: block %d is [%d,%d)", n, b, lo, hi)
			}
			seen = hi
		}
		if seen != n {
			t.Errorf("blocks cover %d of %d rows", seen, n)
		}
	}
	hits := make([]int, 1000)
	Each(len(hits), func(i int) { hits[i]++ })
	if slices.Min(hits) != 1 || slices.Max(hits) != 1 {
		t.Error("not every index was called once")
	}
}

// A panic of a call reaches who asked for it.
func TestEachPanics(t *testing.T) {
	defer func() {
		if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), "seven") {
			t.Errorf("recovered %v", p)
		}
	}()
	Each(1000, func(i int) {
		if i == 7 {
			panic("seven")
		}
	})
}

func BenchmarkDot(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	x, y := randoms(r, 128), randoms(r, 128)
	for b.Loop() {
		Dot(x, y)
	}
	b.ReportMetric(float64(b.N)*256/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
