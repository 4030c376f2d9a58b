package knn

import (
	"math"
	"math/rand/v2"
	"testing"

	"segue/transforms/algo/knn/knntest"
	"segue/transforms/algo/simd"
	"segue/transforms/algo/vec"
)

// screened returns an index of some shape: rows of any length, spread over all elements or in one of them, weights or none.
func screened(t *testing.T, seed uint64, floats bool) *Index {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	n, dim := 100+r.IntN(200), 1+r.IntN(140)
	rows, counts := knntest.Clustered(seed, n, dim)
	for i := range n {
		row := rows[i*dim : (i+1)*dim]
		switch r.IntN(4) {
		case 0:
			clear(row)
			row[r.IntN(dim)] = 1
		case 1:
			vec.Scale(float32(math.Exp(3*r.NormFloat64())), row)
		}
	}
	p := Problem{Dim: dim, Base: rows, Weight: Popularity(counts, r.Float64())}
	if r.IntN(2) == 0 {
		p.Queries, _ = knntest.Clustered(seed+1, n, dim)
	}
	l, err := Arrange(p, seed)
	if err != nil {
		t.Fatal(err)
	}
	x, err := NewIndex(p, l, Params{K: 1, Floats: floats})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// A pair passes a screen that asks for its very score, in both directions; and the limit is no trivial one: most pairs do not pass what the
// best pair of their query asks for.
func TestScreensLoseNothing(t *testing.T) {
	for seed := range uint64(20) {
		for _, floats := range []bool{true, false} {
			x := screened(t, seed, floats)
			pairs, passed := 0, 0
			for at := range x.queries.order {
				best := float32(math.Inf(-1))
				for j := at % 7; j < len(x.base.order); j += 7 {
					s := score(x.base.weight[j], x.queries.row(at), x.base.row(j))
					if best = max(best, s); !passes(x, at, j, s) {
						t.Fatalf("seed %d floats %v: pair %d, %d of score %v is lost by its own score", seed, floats, at, j, s)
					}
				}
				for j := at % 7; j < len(x.base.order); j += 7 {
					if pairs++; passes(x, at, j, best) {
						passed++
					}
				}
			}
			if float64(passed) > .5*float64(pairs) && x.base.dim > 8 {
				t.Errorf("seed %d floats %v: %d of %d pairs pass the best score of their query", seed, floats, passed, pairs)
			}
		}
	}
}

// A screen is sure of no pair that asks for its very score, and of most that ask for the least of their query.
func TestScreensAreSureOfNoMore(t *testing.T) {
	var all [simd.TileRows]float32
	for i := range all {
		all[i] = float32(math.Inf(-1))
	}
	for seed := range uint64(20) {
		for _, floats := range []bool{true, false} {
			x := screened(t, seed, floats)
			pairs, sure := 0, 0
			var h simd.Hits
			for at := range x.queries.order {
				scores, least := map[int]float32{}, float32(math.Inf(1))
				for j := at % 7; j < len(x.base.order); j += 7 {
					scores[j] = score(x.base.weight[j], x.queries.row(at), x.base.row(j))
					least = min(least, scores[j])
				}
				for j, s := range scores {
					x.screen.rows(at/simd.TileRows, j/simd.TileCols, &all, &h)
					if x.screen.surely(&h, at%simd.TileRows, at, j, s) {
						t.Fatalf("seed %d floats %v: pair %d, %d of score %v is surely above it", seed, floats, at, j, s)
					}
					if pairs++; x.screen.surely(&h, at%simd.TileRows, at, j, least) {
						sure++
					}
				}
			}
			if float64(sure) < .5*float64(pairs) && x.base.dim > 8 {
				t.Errorf("seed %d floats %v: %d of %d pairs are surely above the least score of their query", seed, floats, sure, pairs)
			}
		}
	}
}

// passes reports whether a pair is hit when a list's last score is least; for a base in itself the pair is also met the other way round.
func passes(x *Index, at, j int, least float32) bool {
	var above [simd.TileRows]float32
	for i := range above {
		above[i] = float32(math.Inf(1))
	}
	above[at%simd.TileRows] = x.screen.limit(at, least)
	var h simd.Hits
	hit := x.screen.rows(at/simd.TileRows, j/simd.TileCols, &above, &h) && h.Rows[at%simd.TileRows]>>(j%simd.TileCols)&1 == 1
	if !x.self {
		return hit
	}
	var none [simd.TileRows]float32
	var cols [simd.TileCols]float32
	for i := range none {
		none[i] = float32(math.Inf(1))
	}
	for i := range cols {
		cols[i] = float32(math.Inf(1))
	}
	cols[at%simd.TileCols] = x.screen.limit(at, least)
	other := x.screen.both(j/simd.TileRows, at/simd.TileCols, &none, &cols, &h) && h.Cols[j%simd.TileRows]>>(at%simd.TileCols)&1 == 1
	return hit && other
}

// The matrix that turns rows is orthogonal, up to float32.
func TestOrthogonal(t *testing.T) {
	for _, d := range []int{1, 2, 3, 17, 64, 130} {
		m := orthogonal(d)
		for i := range d {
			for j := range d {
				var dot float64
				for k := range d {
					dot += float64(m[i*d+k]) * float64(m[j*d+k])
				}
				want := 0.0
				if i == j {
					want = 1
				}
				if math.Abs(dot-want) > 1e-6 {
					t.Fatalf("d %d: rows %d and %d have product %v", d, i, j, dot)
				}
			}
		}
	}
}
