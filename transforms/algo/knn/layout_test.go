package knn

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"segue/transforms/algo/knn/knntest"
	"segue/transforms/algo/vec"
)

// A layout holds every row that can be found once, and the same ones on any number of cores.
func TestArrangeHoldsEveryRowOnce(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for seed := range uint64(8) {
		n, dim := 50+int(seed)*700, 12
		rows, counts := knntest.Clustered(seed, n, dim)
		p := Problem{Dim: dim, Base: rows, Weight: Popularity(counts, .3), Queries: slices.Clone(rows)}
		clear(rows[5*dim : 6*dim])
		p.Weight[9] = 0
		runtime.GOMAXPROCS(1)
		l, err := Arrange(p, seed)
		if err != nil {
			t.Fatal(err)
		}
		runtime.GOMAXPROCS(5)
		if again, _ := Arrange(p, seed); !slices.Equal(again.Base, l.Base) || !slices.Equal(again.Queries, l.Queries) {
			t.Errorf("seed %d: another layout on more cores", seed)
		}
		base, queries := slices.Sorted(slices.Values(l.Base)), slices.Sorted(slices.Values(l.Queries))
		want := slices.DeleteFunc(numbers(0, n), func(i int32) bool { return i == 5 || i == 9 })
		if !slices.Equal(base, want) || !slices.Equal(queries, numbers(0, n)) {
			t.Errorf("seed %d: %d base rows of %d and %d queries of %d", seed, len(base), len(want), len(queries), n)
		}
	}
}

// Rows of a cell stand together: within a block they are nearer to one another than rows drawn at random, by far.
func TestArrangePutsNearRowsTogether(t *testing.T) {
	const n, dim = 9600, 24
	rows, _ := knntest.Clustered(3, n, dim)
	l, err := Arrange(Problem{Dim: dim, Base: rows}, 1)
	if err != nil {
		t.Fatal(err)
	}
	length := func(order []int32) float64 {
		s := newSide(rows, dim, order, nil)
		var sum float64
		for b := range s.blocks() {
			sum += math.Sqrt(vec.SquaredNorm(s.means[b*dim:(b+1)*dim])) / float64(s.blocks())
		}
		return sum
	}
	// Rows share about .7 of their direction with their cluster; 96 at random have a mean of length about 1/√96 and their large clusters.
	if near, far := length(l.Base), length(numbers(0, n)); near < .6 || near < 2*far {
		t.Errorf("block means have length %.3f, at random %.3f", near, far)
	}
}

// Classes hold rows of one strength, strongest first, none too small.
func TestClasses(t *testing.T) {
	rows, counts := knntest.Clustered(4, 5000, 8)
	p := Problem{Dim: 8, Base: rows, Weight: Popularity(counts, .5)}
	last := math.Inf(1)
	seen := 0
	for _, class := range classes(p) {
		lo, hi := math.Inf(1), 0.0
		for _, j := range class {
			w := float64(p.Weight[j])
			lo, hi = min(lo, w), max(hi, w)
		}
		if hi > last*1.001 || len(class) < classRows || hi > 1.01*classRatio*lo && len(class) > 2*classRows {
			t.Errorf("class of %d rows from %v to %v after %v", len(class), lo, hi, last)
		}
		last, seen = lo, seen+len(class)
	}
	if seen != 5000 {
		t.Errorf("%d rows in classes", seen)
	}
}
