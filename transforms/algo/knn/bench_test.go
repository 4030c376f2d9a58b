package knn

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"
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

// BenchmarkSearch finds the 100 nearest of every row in CPU seconds. Sizes by environment:
//
//	KNN_N=1000000 KNN_DIM=64 KNN_NEAR=300 go test -run xxx -bench Search -benchtime 1x ./transforms/algo/knn
func BenchmarkSearch(b *testing.B) {
	n, dim, k := fromEnv("KNN_N", 20000), fromEnv("KNN_DIM", 128), fromEnv("KNN_K", 100)
	rows, counts := clustered(42, n, dim)
	p := Problem{Dim: dim, Base: rows, Weight: Popularity(counts, .2)}
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
			from := cpuSeconds()
			for b.Loop() {
				searched(b, p, c.params)
			}
			b.ReportMetric((cpuSeconds()-from)/float64(b.N), "cpu-s")
			b.ReportMetric(float64(n)*float64(b.N)/(cpuSeconds()-from), "rows/cpu-s")
		})
	}
}
