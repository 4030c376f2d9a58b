package cooc_test

import (
	"fmt"
	"os"
	"syscall"
	"testing"

	"segue/transforms/algo/cooc"
	"segue/transforms/algo/csr"
	"segue/transforms/algo/csr/csrtest"
	"segue/transforms/algo/vec"
)

// cpuSeconds returns the time the process has run on all cores.
func cpuSeconds(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// pairVisits returns Σ L² over the rows.
func pairVisits(m csr.Matrix) (visits float64) {
	for r := range m.Rows() {
		visits += float64(len(m.Row(r))) * float64(len(m.Row(r)))
	}
	return visits
}

// BenchmarkList measures the lists of all songs on all cores; SEGUE_BENCH_LARGE=1 asks for a million playlists.
func BenchmarkList(b *testing.B) {
	for _, n := range csrtest.Sizes(os.Getenv("SEGUE_BENCH_LARGE") != "") {
		b.Run(fmt.Sprintf("playlists=%d", n), func(b *testing.B) {
			m, p := csr.Build(csrtest.Playlists(n, 1), csrtest.Songs), cooc.Default()
			model := cooc.NewModel(m.Rows, m.Counts(), p, 1)
			const block = 1024
			songs := len(model.Right)
			b.ReportAllocs()
			from := cpuSeconds(b)
			for b.Loop() {
				vec.Each((songs+block-1)/block, func(i int) {
					rows := cooc.NewRows(model, m.Cols, m.Columns, p)
					for c := i * block; c < min((i+1)*block, songs); c++ {
						rows.List(c)
					}
					rows.Close()
				})
			}
			cpu := (cpuSeconds(b) - from) / float64(b.N)
			b.ReportMetric(cpu, "cpu-s/op")
			b.ReportMetric(pairVisits(model.Rows)/cpu, "pairs/cpu-s")
			b.ReportMetric(cpu/float64(len(m.Rows.Items))*1e9, "cpu-ns/entry")
		})
	}
}
