package kmeans

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"segue/transforms/algo/vec"
)

// planted returns n rows around k far centres; row i belongs to centre i mod k.
func planted(seed uint64, n, k, dim int, noise float64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	centres := make([]float64, k*dim)
	for i := range centres {
		centres[i] = r.NormFloat64()
	}
	rows := make([]float32, n*dim)
	for i := range n {
		for d := range dim {
			rows[i*dim+d] = float32(centres[i%k*dim+d] + noise*r.NormFloat64())
		}
	}
	return rows
}

func fit(t *testing.T, rows []float32, dim int, weights []float32, p Params) Result {
	t.Helper()
	r, err := Fit(rows, dim, weights, p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// One dimension by hand: {0, 1 (weight 3)} and {10, 11}: centres .75 and 10.5; inertia .75²+3·.25²+2·.5² = 1.25.
func TestFitByHand(t *testing.T) {
	rows, weights := []float32{0, 10, 1, 11}, []float32{1, 1, 3, 1}
	for seed := range uint64(8) {
		r := fit(t, rows, 1, weights, Params{K: 2, Seed: seed})
		a, b := r.Centres[r.Assign[0]], r.Centres[r.Assign[1]]
		if a != .75 || b != 10.5 || r.Assign[0] != r.Assign[2] || r.Assign[1] != r.Assign[3] || math.Abs(r.Inertia-1.25) > 1e-6 {
			t.Errorf("seed %d: %+v", seed, r)
		}
	}
}

// Far planted cells are found exactly by k-means++ (it starts twice in a cell with a chance of some 1e-4), and each row is at its nearest centre by plain arithmetic; a centre is the mean of its rows.
func TestFitFindsPlantedCells(t *testing.T) {
	const n, k, dim = 3000, 20, 24
	for seed := range uint64(5) {
		rows := planted(seed, n, k, dim, .002)
		r := fit(t, rows, dim, nil, Params{K: k, Seed: seed, Iterations: 50})
		label := map[int32]int{}
		for i, c := range r.Assign {
			if want, ok := label[c]; ok && want != i%k {
				t.Fatalf("seed %d: cell %d holds rows of planted cells %d and %d", seed, c, want, i%k)
			}
			label[c] = i % k
			best := 0
			for c := 1; c < k; c++ {
				if distance(rows[i*dim:(i+1)*dim], r.Centres[c*dim:], false) < distance(rows[i*dim:(i+1)*dim], r.Centres[best*dim:], false) {
					best = c
				}
			}
			if int(c) != best {
				t.Fatalf("seed %d: row %d in cell %d, nearest %d", seed, i, c, best)
			}
		}
		if len(label) != k || r.Iterations == 50 {
			t.Errorf("seed %d: %d cells of %d after %d iterations", seed, len(label), k, r.Iterations)
		}
	}
}

// The inertia never rises with more iterations.
func TestInertiaFalls(t *testing.T) {
	for seed := range uint64(4) {
		rows, last := planted(seed, 2000, 300, 8, 1), math.Inf(1)
		for _, it := range []int{1, 2, 4, 8, 16} {
			r := fit(t, rows, 8, nil, Params{K: 40, Seed: seed, Iterations: it})
			if r.Inertia > last*(1+1e-6) {
				t.Errorf("seed %d: inertia %v after %d iterations, %v before", seed, r.Inertia, it, last)
			}
			last = r.Inertia
		}
	}
}

// The same bytes on any number of cores.
func TestFitSameOnAnyCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rows := planted(3, 20000, 100, 9, .5)
	for _, p := range []Params{{K: 30, Seed: 5}, {K: 400, Seed: 5, Iterations: 3, Spherical: true}, {K: 64, Seed: 6, Sample: 3000, Drawn: true}} {
		runtime.GOMAXPROCS(1)
		want := fit(t, rows, 9, nil, p)
		for _, procs := range []int{2, 7} {
			runtime.GOMAXPROCS(procs)
			if got := fit(t, rows, 9, nil, p); !slices.Equal(got.Centres, want.Centres) || !slices.Equal(got.Assign, want.Assign) || got.Inertia != want.Inertia {
				t.Errorf("%+v: other bytes on %d cores", p, procs)
			}
		}
	}
}

// Spherical centres have length 1, whatever the length of rows.
func TestSpherical(t *testing.T) {
	rows := planted(9, 600, 6, 12, .001)
	for i := range 600 {
		vec.Scale(float32(1+i%5), rows[i*12:(i+1)*12])
	}
	r := fit(t, rows, 12, nil, Params{K: 6, Spherical: true, Seed: 2})
	for c := range 6 {
		if n := vec.SquaredNorm(r.Centres[c*12 : (c+1)*12]); math.Abs(n-1) > 1e-6 {
			t.Errorf("centre %d has squared length %v", c, n)
		}
	}
	for i := range 600 {
		if r.Assign[i] != r.Assign[i%6] {
			t.Fatalf("row %d in cell %d, its planted cell in %d", i, r.Assign[i], r.Assign[i%6])
		}
	}
}

// Fewer rows than cells, identical rows, zero weights, no rows: documented results.
func TestFitDegenerate(t *testing.T) {
	if r := fit(t, nil, 3, nil, Params{K: 4}); len(r.Centres) != 0 || len(r.Assign) != 0 {
		t.Errorf("no rows: %+v", r)
	}
	if r := fit(t, []float32{1, 2}, 1, []float32{0, 0}, Params{K: 4}); len(r.Centres) != 0 || !slices.Equal(r.Assign, []int32{-1, -1}) {
		t.Errorf("no weight: %+v", r)
	}
	if r := fit(t, []float32{1, 5}, 1, []float32{0, 1}, Params{K: 4}); !slices.Equal(r.Centres, []float32{5}) || r.Inertia != 0 {
		t.Errorf("one row of weight: %+v", r)
	}
	for _, k := range []int{3, 300} {
		r := fit(t, slices.Repeat([]float32{1, 2}, 500), 2, nil, Params{K: k, Seed: 1})
		if len(r.Centres) != 2*k || r.Inertia != 0 || slices.Max(r.Assign) != 0 {
			t.Errorf("identical rows in %d cells: %+v", k, r)
		}
	}
	r := fit(t, slices.Repeat([]float32{0, 0}, 5), 2, nil, Params{K: 2, Spherical: true})
	if slices.Max(r.Assign) != 0 {
		t.Errorf("zero rows: %+v", r)
	}
}

// Cells without rows are given one while rows are distinct: as many rows as cells leave no distance, though starts repeat.
func TestEmptyCellsAreUsed(t *testing.T) {
	rows := make([]float32, 1000)
	for i := range rows {
		rows[i] = float32(i % 300)
	}
	r := fit(t, rows, 1, nil, Params{K: 300, Seed: 4, Iterations: 50})
	if r.Inertia != 0 {
		t.Errorf("300 distinct rows in 300 cells leave inertia %v", r.Inertia)
	}
}

// Distances of rows four at a time, and of those left over, are the bits of distance.
func TestEachIsDistance(t *testing.T) {
	const dim = 13
	rows := planted(4, 23, 5, dim, .5)
	centre := rows[7*dim : 8*dim]
	for _, spherical := range []bool{false, true} {
		for n := range int32(12) {
			some, seen := upTo(int(n), int(2*n)), 0
			space{rows, dim, spherical}.each(some, centre, func(i int, d float64) {
				if want := distance(rows[int(some[i])*dim:][:dim], centre, spherical); math.Float64bits(d) != math.Float64bits(want) || i != seen {
					t.Errorf("spherical %v: distance %d of %d is %v, want %v", spherical, i, n, d, want)
				}
				seen++
			})
			if seen != int(n) {
				t.Errorf("spherical %v: %d distances of %d rows", spherical, seen, n)
			}
		}
	}
}

func TestFitErrors(t *testing.T) {
	nan := float32(math.NaN())
	for name, c := range map[string]struct {
		rows, weights []float32
		dim           int
		p             Params
	}{
		"no cells": {[]float32{1}, nil, 1, Params{}}, "ragged": {[]float32{1, 2, 3}, nil, 2, Params{K: 1}}, "no width": {nil, nil, 0, Params{K: 1}},
		"not a number": {[]float32{nan}, nil, 1, Params{K: 1}}, "infinite": {[]float32{float32(math.Inf(1))}, nil, 1, Params{K: 1}},
		"weights short": {[]float32{1, 2}, []float32{1}, 1, Params{K: 1}}, "weight below 0": {[]float32{1}, []float32{-1}, 1, Params{K: 1}},
		"weight not a number": {[]float32{1}, []float32{nan}, 1, Params{K: 1}}, "negative": {[]float32{1}, nil, 1, Params{K: 1, Iterations: -1, Sample: -1}},
	} {
		if _, err := Fit(c.rows, c.dim, c.weights, c.p); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkFit(b *testing.B) {
	const n, dim, k = 20000, 64, 141
	rows := planted(1, n, 200, dim, .8)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Fit(rows, dim, nil, Params{K: k, Iterations: 5, Spherical: true}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
