package knn

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"segue/transforms/algo/knn/knntest"
	"segue/transforms/algo/topk"
)

// problem returns one of random size and shape: clustered or not, with zero rows, repeated rows and zero weights, of any length.
func problem(seed uint64) (Problem, Params) {
	r := rand.New(rand.NewPCG(seed, 2))
	p, params := Problem{Dim: 1 + r.IntN(40)}, Params{K: 1 + r.IntN(30), Floats: r.IntN(2) == 0}
	if r.IntN(4) == 0 {
		p.Dim = 1 + r.IntN(257)
	}
	n := 1 + r.IntN(700)
	var counts []int32
	p.Base, counts = knntest.Clustered(seed, n, p.Dim)
	if r.IntN(3) > 0 {
		p.Weight = Popularity(counts, r.Float64())
		p.Weight[r.IntN(n)] = 0
	}
	for range r.IntN(n) / 3 {
		i, j := r.IntN(n), r.IntN(n)
		copy(p.Base[i*p.Dim:(i+1)*p.Dim], p.Base[j*p.Dim:(j+1)*p.Dim])
	}
	clear(p.Base[r.IntN(n)*p.Dim:][:p.Dim])
	if r.IntN(3) == 0 {
		length := float32(math.Pow(10, 6*r.Float64()-3))
		for i := range p.Base {
			p.Base[i] *= length * (1 + float32(i/p.Dim%3))
		}
	}
	switch r.IntN(3) {
	case 0:
		p.Queries, _ = knntest.Clustered(seed+1, 1+r.IntN(300), p.Dim)
	case 1:
		p.Queries, p.Same = slices.Clone(p.Base), true
		r.Shuffle(n, func(i, j int) { p.Queries[i*p.Dim], p.Queries[j*p.Dim] = p.Queries[j*p.Dim], p.Queries[i*p.Dim] })
	}
	return p, params
}

// The exact search equals scoring everything and sorting: ids and the bits of scores.
func TestExactAgainstNaive(t *testing.T) {
	for seed := range uint64(60) {
		p, params := problem(seed)
		same(t, fmt.Sprintf("seed %d", seed), searched(t, p, params), naive(p, params.K))
	}
}

// Larger than a stripe, so that tasks of every kind run.
func TestExactAgainstNaiveManyStripes(t *testing.T) {
	const n, dim, k = 5000, 24, 20
	rows, counts := knntest.Clustered(5, n, dim)
	p := Problem{Dim: dim, Base: rows, Weight: Popularity(counts, .2)}
	want := naive(p, k)
	for _, floats := range []bool{true, false} {
		same(t, fmt.Sprint("itself, floats ", floats), searched(t, p, Params{K: k, Floats: floats}), want)
	}
	p.Queries, p.Same = rows, true
	same(t, "as queries", searched(t, p, Params{K: k}), want)
}

// Lists do not depend on the range they are searched in, nor on cores; exact or not, in itself or not.
func TestSearchSameForAnySplit(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	const n, dim = 6000, 16
	rows, counts := knntest.Clustered(6, n, dim)
	for _, c := range []struct {
		near  int
		reach float64
	}{{0, 0}, {5, 0}, {5, 3}} {
		near := c.near
		for _, queries := range [][]float32{nil, rows} {
			p := Problem{Dim: dim, Base: rows, Weight: Popularity(counts, .2), Queries: queries, Same: true}
			l, err := Arrange(p, 3)
			if err != nil {
				t.Fatal(err)
			}
			x, err := NewIndex(p, l, Params{K: 30, Near: near})
			if err != nil {
				t.Fatal(err)
			}
			x = x.reaching(c.reach)
			whole, err := x.Search(t.Context(), 0, n)
			if err != nil {
				t.Fatal(err)
			}
			for _, cut := range [][]int{{0, 96, 2880, n}, {0, 4800, n}} {
				for i := range len(cut) - 1 {
					runtime.GOMAXPROCS(1 + i*3)
					part, err := x.Search(t.Context(), cut[i], cut[i+1])
					if err != nil {
						t.Fatal(err)
					}
					for j := range part.Len() {
						if !slices.Equal(part.List(j, nil), whole.List(cut[i]+j, nil)) || part.Queries[j] != whole.Queries[cut[i]+j] {
							t.Fatalf("near %d, reach %v: list at %d differs in the range %d to %d", near, c.reach, cut[i]+j, cut[i], cut[i+1])
						}
					}
				}
			}
		}
	}
}

// One row, fewer rows than K, identical rows, only zero rows, no rows, no queries.
func TestSearchDegenerate(t *testing.T) {
	one := []float32{.6, .8}
	for name, c := range map[string]Problem{
		"no rows": {Dim: 2}, "one row": {Dim: 2, Base: one}, "zero rows": {Dim: 2, Base: make([]float32, 20)}, "no queries": {Dim: 2, Base: one, Queries: []float32{}},
		"two rows": {Dim: 2, Base: []float32{.6, .8, -.6, .8}}, "identical": {Dim: 2, Base: slices.Repeat(one, 500)},
		"one query": {Dim: 2, Base: slices.Repeat(one, 300), Queries: one}, "no weight": {Dim: 2, Base: slices.Repeat(one, 3), Weight: []float32{0, 0, 0}},
		"tiny": {Dim: 2, Base: []float32{1e-30, 2e-30, 3e-30, 1e-38, 1, 0}}, "large": {Dim: 2, Base: []float32{5e8, 1, 1, 5e8, 3, 4}},
	} {
		for _, params := range []Params{{K: 5}, {K: 5, Floats: true}, {K: 5, Near: 1}} {
			got := searched(t, c, params)
			if want := naive(c, 5); params.Near == 0 || len(c.Base) < 2*BlockRows {
				same(t, name, got, want)
			}
		}
	}
}

// Rows and weights that are not finite, and lengths that do not fit, are refused.
func TestSearchErrors(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	ok := []float32{1, 2}
	for name, c := range map[string]struct {
		p      Problem
		params Params
	}{
		"not a number": {Problem{Dim: 2, Base: []float32{1, nan}}, Params{K: 1}}, "infinite query": {Problem{Dim: 2, Base: ok, Queries: []float32{inf, 0}}, Params{K: 1}},
		"long": {Problem{Dim: 1, Base: []float32{1e10}}, Params{K: 1}}, "weight": {Problem{Dim: 1, Base: ok, Weight: []float32{1, nan}}, Params{K: 1}},
		"negative weight": {Problem{Dim: 1, Base: ok, Weight: []float32{1, -1}}, Params{K: 1}}, "weights short": {Problem{Dim: 1, Base: ok, Weight: ok[:1]}, Params{K: 1}},
		"ragged": {Problem{Dim: 2, Base: []float32{1}}, Params{K: 1}}, "no width": {Problem{}, Params{K: 1}}, "no k": {Problem{Dim: 1, Base: ok}, Params{}},
		"near": {Problem{Dim: 1, Base: ok}, Params{K: 1, Near: -1}}, "not the same": {Problem{Dim: 1, Base: ok, Queries: ok[:1], Same: true}, Params{K: 1}},
	} {
		if _, err := Search(t.Context(), c.p, c.params, 1); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	p := Problem{Dim: 1, Base: slices.Repeat(ok, 100)}
	x, err := NewIndex(p, Layout{Base: []int32{0, 1}, Queries: []int32{0, 1}}, Params{K: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Search(t.Context(), 1, 2); err == nil {
		t.Error("a range of half a block passed")
	}
	if _, err := NewIndex(p, Layout{Base: []int32{700}, Queries: []int32{700}}, Params{K: 1}); err == nil {
		t.Error("the layout of another problem passed")
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := x.Search(stopped, 0, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped search ends with %v", err)
	}
}

// With all blocks near the search is exact; with some, lists are true scores and the share of the exact lists grows.
func TestNear(t *testing.T) {
	const n, dim, k = 8000, 24, 20
	rows, counts := knntest.Clustered(9, n, dim)
	p := Problem{Dim: dim, Base: rows, Weight: Popularity(counts, .2)}
	want := searched(t, p, Params{K: k})
	last := 0.0
	for _, near := range []int{2, 8, 32, n} {
		r := share(searched(t, p, Params{K: k, Near: near}), want)
		t.Logf("near %d: recall %.4f", near, r)
		if r < last {
			t.Errorf("recall %v with %d near blocks, %v with fewer", r, near, last)
		}
		last = r
	}
	if last != 1 {
		t.Errorf("recall %v with all blocks", last)
	}
}

// Recall on a sample is that of the lists Search finds for the same queries; Widen ends at the floor, or exact.
func TestRecallAndWiden(t *testing.T) {
	const n, dim, k = 6000, 24, 20
	rows, counts := knntest.Clustered(11, n, dim)
	for name, p := range map[string]Problem{
		"itself":  {Dim: dim, Base: rows, Weight: Popularity(counts, .2)},
		"queries": {Dim: dim, Base: rows, Queries: rows, Same: true},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := Arrange(p, 1)
			if err != nil {
				t.Fatal(err)
			}
			x, err := NewIndex(p, l, Params{K: k, Near: 1})
			if err != nil {
				t.Fatal(err)
			}
			sample := Sample(x.Positions(), 300, 4)
			exact, err := x.Exact(t.Context(), sample)
			if err != nil {
				t.Fatal(err)
			}
			want := searched(t, p, Params{K: k})
			for i, q := range exact.Queries {
				if !slices.Equal(exact.List(i, nil), want[q]) {
					t.Fatalf("exact list of query %d is %v, want %v", q, exact.List(i, nil), want[q])
				}
			}
			for _, floor := range []float64{.5, .9, .99, 1} {
				wide := x.Widen(sample, exact, k, floor)
				hits, wanted := wide.Recall(sample, exact, k)
				if float64(hits) < floor*float64(wanted) {
					t.Errorf("floor %v: %d of %d found, %d near blocks, reach %v", floor, hits, wanted, wide.Near(), wide.Reach())
				}
				if reach := wide.Reach() - reachStep; wide.Near() > 0 && reach >= 0 {
					if less, all := x.reaching(reach).Recall(sample, exact, k); float64(less) >= floor*float64(all) {
						t.Errorf("floor %v: reach %v finds %d of %d, and %v was taken", floor, reach, less, all, wide.Reach())
					}
				}
				found, err := wide.Search(t.Context(), 0, n)
				if err != nil {
					t.Fatal(err)
				}
				same := 0
				for i, at := range sample {
					same += common(found.List(at, nil), exact.of(i))
				}
				if same != hits {
					t.Errorf("floor %v: Recall counts %d, the lists have %d", floor, hits, same)
				}
			}
		})
	}
}

// Queries that look further meet what they miss: with the same near blocks lists grow with the reach, on any screen alike, up to the exact ones.
func TestReach(t *testing.T) {
	const n, dim, k = 3000, 24, 20
	rows, counts := knntest.Clustered(13, n, dim)
	weight := Popularity(counts, .2)
	for i := range weight {
		if counts[i] < 3 {
			weight[i] = 0 // has a list and is in none
		}
	}
	p := Problem{Dim: dim, Base: rows, Weight: weight}
	want := naive(p, k)
	last := 0.
	for _, reach := range []float64{0, 1, 4, 1e6} {
		var lists [2][][]topk.Entry
		for i, floats := range []bool{false, true} {
			lists[i] = make([][]topk.Entry, n)
			l, err := Arrange(p, 7)
			if err != nil {
				t.Fatal(err)
			}
			x, err := NewIndex(p, l, Params{K: k, Near: 2, Floats: floats})
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range []*Index{x, x.Rest(p, l)} {
				found, err := x.reaching(reach).Search(t.Context(), 0, x.Positions())
				if err != nil {
					t.Fatal(err)
				}
				for j, q := range found.Queries {
					lists[i][q] = found.List(j, nil)
				}
			}
		}
		same(t, fmt.Sprint("reach ", reach), lists[0], lists[1])
		r := share(lists[0], want)
		t.Logf("reach %v: recall %.4f", reach, r)
		if r < last {
			t.Errorf("recall %v with reach %v, %v with less", r, reach, last)
		}
		last = r
	}
	if last != 1 {
		t.Errorf("recall %v with any reach", last)
	}
}

// share returns how much of want is in got.
func share(got, want [][]topk.Entry) float64 {
	hits, all := 0, 0
	for i := range want {
		in := map[topk.Entry]bool{}
		for _, e := range got[i] {
			in[e] = true
		}
		for _, e := range want[i] {
			all++
			if in[e] {
				hits++
			}
		}
	}
	return float64(hits) / float64(max(1, all))
}
