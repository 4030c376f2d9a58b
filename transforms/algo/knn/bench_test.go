package knn

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"segue/transforms/algo/knn/knntest"
)

// cpuSeconds returns what the process has used.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

func fromEnv(name string, otherwise int) int {
	if v, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return v
	}
	return otherwise
}

// BenchmarkSearch finds the 100 nearest of every row in CPU seconds, with the recall on 500 rows. Sizes by environment:
//
//	KNN_N=1000000 KNN_DIM=64 KNN_NEAR=128 go test -run xxx -bench Search/near -benchtime 1x ./transforms/algo/knn
func BenchmarkSearch(b *testing.B) {
	n, dim, k := fromEnv("KNN_N", 20000), fromEnv("KNN_DIM", 128), fromEnv("KNN_K", 100)
	rows, counts := knntest.Clustered(42, n, dim)
	p := Problem{Dim: dim, Base: rows, Weight: Popularity(counts, float64(fromEnv("KNN_G", 20))/100)}
	for _, c := range []struct {
		name   string
		params Params
	}{
		{"float32", Params{K: k, Floats: true}},
		{"int8", Params{K: k}},
		{"near", Params{K: k, Near: fromEnv("KNN_NEAR", 60)}},
	} {
		b.Run(fmt.Sprintf("%s/n=%d/dim=%d", c.name, n, dim), func(b *testing.B) {
			b.ReportAllocs()
			var x *Index
			from := cpuSeconds()
			for b.Loop() {
				x = searchAll(b, p, c.params)
			}
			used := cpuSeconds() - from
			sample := Sample(n, 500, 1)
			exact, err := x.Exact(b.Context(), sample)
			if err != nil {
				b.Fatal(err)
			}
			hits, wanted := x.Recall(sample, exact, k)
			b.ReportMetric(used/float64(b.N), "cpu-s")
			b.ReportMetric(float64(n)*float64(b.N)/used, "rows/cpu-s")
			b.ReportMetric(float64(hits)/float64(wanted), "recall")
		})
	}
}

// searchAll does all that Search does but copying the lists.
func searchAll(b *testing.B, p Problem, params Params) *Index {
	l, err := Arrange(p, 7)
	if err != nil {
		b.Fatal(err)
	}
	x, err := NewIndex(p, l, params)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := x.Search(b.Context(), 0, x.Positions()); err != nil {
		b.Fatal(err)
	}
	return x
}
