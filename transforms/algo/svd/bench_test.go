package svd

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/csr/csrtest"
)

// cpu returns the processor seconds of the process.
func cpu() float64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	seconds := func(t unix.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(u.Utime) + seconds(u.Stime)
}

// large asks for a million playlists.
var large = os.Getenv("SEGUE_BENCH_LARGE") != ""

// BenchmarkPass measures one pass, SEGUE_BENCH_LARGE=1 at the size of the Million Playlist Dataset: Y = X·B and B = X'·Y with their Gram matrices, at l = 160.
func BenchmarkPass(b *testing.B) {
	for _, n := range csrtest.Sizes(large) {
		m := csr.Build(csrtest.Playlists(n, 1), csrtest.Songs)
		p := Default()
		f := NewFitting(m.Rows, m.Cols, NewScales(m.Rows, m.Counts(), p), p)
		l := f.s.Width
		gram := overBlocks(f.s.Fit, func(lo, hi int) []float64 {
			Start{Keys: keysOf(f.s.Fit)}.Fill(f.b[lo*l:hi*l], lo, l)
			return Gram(f.b[lo*l:hi*l], l, nil)
		})
		b.Run(fmt.Sprintf("playlists=%d/entries=%d/fit=%d", n, len(m.Rows.Items), f.s.Fit), func(b *testing.B) {
			b.ReportAllocs()
			var rows, cols float64
			for b.Loop() {
				from := cpu()
				f.passRows(f.s.Row, Orthonormaliser(gram, l))
				middle := cpu()
				gram = f.passCols()
				rows, cols = rows+middle-from, cols+cpu()-middle
			}
			b.ReportMetric(rows/float64(b.N), "rows-cpu-s")
			b.ReportMetric(cols/float64(b.N), "cols-cpu-s")
			b.ReportMetric((rows+cols)/float64(b.N)/float64(len(m.Rows.Items))*1e9, "cpu-ns/entry")
		})
	}
}

// BenchmarkFit measures a whole cold fit, in the same sizes.
func BenchmarkFit(b *testing.B) {
	for _, n := range csrtest.Sizes(large) {
		m := csr.Build(csrtest.Playlists(n, 1), csrtest.Songs)
		keys := keysOf(len(m.Columns))
		b.Run(fmt.Sprintf("playlists=%d/entries=%d", n, len(m.Rows.Items)), func(b *testing.B) {
			b.ReportAllocs()
			from := cpu()
			var e *Embedding
			for b.Loop() {
				var err error
				if e, err = Fit(m, keys, Default()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric((cpu()-from)/float64(b.N), "cpu-s")
			b.ReportMetric((cpu()-from)/float64(b.N)/float64(len(m.Rows.Items))*1e9, "cpu-ns/entry")
			b.Logf("captured %.4f change %.5f values %.3f %.3f %.3f", e.Captured, e.Change, e.Values[0], e.Values[1], e.Values[len(e.Values)-1])
		})
	}
}
