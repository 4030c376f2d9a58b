package svd

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/vec"
)

// catalogue returns playlists of the shape of the Million Playlist Dataset: 66 songs a playlist, 2.3 songs a playlist in the
// catalogue, popularity of song rank r ∝ (r + 300)^-1.2, two thirds of a playlist from a taste of 10,000 songs.
func catalogue(seed uint64, playlists int) *csr.Playlists {
	songs := playlists * 23 / 10
	tastes := int32(songs/10_000 + 1)
	cumulated := make([]float64, songs+1)
	for r := range songs {
		cumulated[r+1] = cumulated[r] + math.Pow(float64(r)+300, -1.2)
	}
	pick := func(r *rand.Rand) int32 {
		n, _ := slices.BinarySearch(cumulated, r.Float64()*cumulated[songs])
		return int32(min(max(n-1, 0), songs-1))
	}
	parts := make([]csr.Matrix, vec.Blocks(playlists))
	vec.Each(len(parts), func(b int) {
		lo, hi := vec.Block(b, playlists)
		r := rand.New(rand.NewPCG(seed, uint64(b)))
		m := csr.Matrix{Start: make([]int64, 1)}
		for range hi - lo {
			taste := r.Int32N(tastes)
			for range min(5+int(r.ExpFloat64()*96), 250) {
				s := pick(r)
				if r.IntN(3) > 0 {
					s = min(s/tastes*tastes+taste, int32(songs-1))
				}
				m.Items = append(m.Items, s)
			}
			m.Start = append(m.Start, int64(len(m.Items)))
		}
		parts[b] = m
	})
	return csr.Build(parts, songs)
}

// cpu returns the processor seconds of the process.
func cpu() float64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	seconds := func(t unix.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(u.Utime) + seconds(u.Stime)
}

// sizes are the numbers of playlists to measure at: small, and those of SEGUE_BENCH_PLAYLISTS, comma separated.
func sizes(b *testing.B) []int {
	out := []int{10_000}
	for _, text := range slices.Compact([]string{os.Getenv("SEGUE_BENCH_PLAYLISTS")}) {
		if n, err := strconv.Atoi(text); err == nil {
			out = append(out, n)
		} else if text != "" {
			b.Fatal(err)
		}
	}
	slices.SortFunc(out, cmp.Compare[int])
	return out
}

// BenchmarkPass measures one pass: Y = X·B and B = X'·Y with their Gram matrices, at l = 160.
func BenchmarkPass(b *testing.B) {
	for _, n := range sizes(b) {
		m := catalogue(1, n)
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

// BenchmarkFit measures a whole cold fit.
func BenchmarkFit(b *testing.B) {
	for _, n := range sizes(b) {
		m := catalogue(1, n)
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
