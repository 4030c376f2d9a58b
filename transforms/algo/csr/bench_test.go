package csr_test

import (
	"fmt"
	"os"
	"testing"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/csr/csrtest"
)

// BenchmarkBuild measures lists → rows and columns; SEGUE_BENCH_LARGE=1 asks for a million playlists.
func BenchmarkBuild(b *testing.B) {
	for _, n := range csrtest.Sizes(os.Getenv("SEGUE_BENCH_LARGE") != "") {
		b.Run(fmt.Sprintf("playlists=%d", n), func(b *testing.B) {
			lists := csrtest.Playlists(n, 1)
			b.ReportAllocs()
			entries := 0
			for b.Loop() {
				entries += len(csr.Build(lists, csrtest.Songs).Rows.Items)
			}
			b.ReportMetric(float64(entries)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

// BenchmarkTranspose measures rows → columns.
func BenchmarkTranspose(b *testing.B) {
	for _, n := range csrtest.Sizes(os.Getenv("SEGUE_BENCH_LARGE") != "") {
		b.Run(fmt.Sprintf("playlists=%d", n), func(b *testing.B) {
			columns, rows := csr.BuildRows(csrtest.Playlists(n, 1), csrtest.Songs)
			b.ReportAllocs()
			entries := 0
			for b.Loop() {
				entries += len(csr.Transpose(rows, len(columns)).Items)
			}
			b.ReportMetric(float64(entries)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}
