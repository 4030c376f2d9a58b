package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// burst times f, which does ops operations, and returns operations a nanosecond.
func burst(ops int, f func()) float64 {
	start := time.Now()
	f()
	return float64(ops) / float64(max(1, time.Since(start).Nanoseconds()))
}

// beside measures kernel and peak in turn, short bursts each, and reports the medians of the kernel's speed and of its share of the peak:
// what else runs on the machine hits both.
func beside(b *testing.B, unit string, kernel, peak func() float64) {
	var speeds, shares []float64
	for b.Loop() {
		p := peak()
		k := kernel()
		speeds, shares = append(speeds, k), append(shares, k/p)
	}
	b.ReportMetric(median(speeds), unit)
	if share := median(shares); !math.IsNaN(share) && !math.IsInf(share, 0) {
		b.ReportMetric(100*share, "%peak")
	}
	b.ReportMetric(0, "ns/op")
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

func benchTiers(b *testing.B, f func(b *testing.B)) {
	for l := range names {
		b.Run(names[l], func(b *testing.B) {
			under(b, level(l))
			b.ReportAllocs()
			f(b)
		})
	}
}

func peakFloat() float64 {
	if active == plain {
		return math.NaN()
	}
	const n = 4000
	return burst(n*peakOps(), func() { peak(n) })
}

// calls is how many tiles a burst has.
const calls = 100

func random(n int) []float32 {
	r := rand.New(rand.NewPCG(5, 5))
	x := make([]float32, n)
	for i := range x {
		x[i] = normal(r)
	}
	return x
}

// BenchmarkTile: no score is above its threshold, as nearly always in a search; panels in the first cache.
func BenchmarkTile(b *testing.B) {
	benchTiers(b, func(b *testing.B) {
		for _, d := range []int{64, 100, 112, 128} {
			p, q := random(TileRows*d), random(TileCols*d)
			var rows [TileRows]float32
			var cols [TileCols]float32
			for i := range rows {
				rows[i] = math.MaxFloat32
			}
			for i := range cols {
				cols[i] = math.MaxFloat32
			}
			h := new(Hits)
			ops := calls * 2 * TileRows * TileCols * d
			for name, f := range map[string]func(){
				"one":       func() { Tile(p, q, &rows, h) },
				"symmetric": func() { TileSym(p, q, &rows, &cols, h) },
			} {
				b.Run(fmt.Sprintf("%s/dim=%d", name, d), func(b *testing.B) {
					beside(b, "GFLOP/s", func() float64 {
						return burst(ops, func() {
							for range calls {
								f()
							}
						})
					}, peakFloat)
				})
			}
		}
	})
}

func BenchmarkTileI8(b *testing.B) {
	if !vnni {
		b.Skip("no VNNI on this processor, or lowered")
	}
	for _, d := range []int{64, 112, 128} {
		p, q := make([]uint8, TileRows*d), make([]int8, TileCols*d)
		var rows, rowScale [TileRows]float32
		var cols, colScale [TileCols]float32
		for i := range cols {
			cols[i] = float32(math.Inf(1))
		}
		for i := range rows {
			rows[i] = float32(math.Inf(1))
		}
		e, h := EdgesI8{&rows, &rowScale, &cols, &colScale, new([TileCols]int32)}, new(Hits)
		ops := calls * 2 * TileRows * TileCols * d
		for name, f := range map[string]func(){
			"one":       func() { TileI8(p, q, e, h) },
			"symmetric": func() { TileI8Sym(p, q, e, h) },
		} {
			b.Run(fmt.Sprintf("%s/dim=%d", name, d), func(b *testing.B) {
				beside(b, "GOP/s", func() float64 {
					return burst(ops, func() {
						for range calls {
							f()
						}
					})
				}, func() float64 {
					const n = 4000
					return burst(n*12*2*64, func() { peakI8(n) })
				})
			})
		}
	}
}

// BenchmarkGatherAxpy: lists of 60 items of rows far larger than the caches, ascending as those of a matrix are; medians.
func BenchmarkGatherAxpy(b *testing.B) {
	const rows, width, length = 1 << 20, 160, 60
	data := Rows{Data: make([]float32, rows*width)}
	w := make([]float32, rows)
	for i := range w {
		w[i] = 1
	}
	for i := range data.Data {
		data.Data[i] = 1
	}
	benchTiers(b, func(b *testing.B) {
		r := rand.New(rand.NewPCG(6, 6))
		y, items := make([]float32, width), make([]int32, length)
		var speeds []float64
		for b.Loop() {
			for i := range items {
				items[i] = int32(r.IntN(rows))
			}
			slices.Sort(items)
			speeds = append(speeds, burst(2*length*width, func() { GatherAxpy(y, items, w, data) }))
		}
		flops := median(speeds)
		b.ReportMetric(flops, "GFLOP/s")
		b.ReportMetric(2*flops, "GB/s") // four bytes for two operations
		b.ReportMetric(0, "ns/op")
	})
}

func BenchmarkMul(b *testing.B) {
	const n, l, w = 4096, 160, 128
	a, m, out := random(n*l), random(l*w), make([]float32, n*w)
	benchTiers(b, func(b *testing.B) {
		beside(b, "GFLOP/s", func() float64 { return burst(2*n*l*w, func() { Mul(out, a, m, l) }) }, peakFloat)
	})
}

// BenchmarkGram counts l²·rows operations, half of a product: the matrix is symmetric.
func BenchmarkGram(b *testing.B) {
	const n, l = 8192, 160
	x, g := random(n*l), make([]float64, l*l)
	benchTiers(b, func(b *testing.B) {
		beside(b, "GFLOP/s", func() float64 { return burst(n*l*(l+1), func() { Gram(g, x, l) }) }, peakFloat)
	})
}

// BenchmarkSGNS is one step of 12 contexts and 6 outputs in the cache: gather, dots, gradients and both updates.
func BenchmarkSGNS(b *testing.B) {
	const contexts, outputs, lr = 12, 6, .025
	for _, d := range []int{64, 112, 128} {
		b.Run(fmt.Sprintf("dim=%d", d), func(b *testing.B) {
			benchTiers(b, func(b *testing.B) {
				in, out := random(100*d), random(100*d)
				for i := range in {
					in[i] *= .01
					out[i] *= .01
				}
				x, y := make([]float32, contexts*d), make([]float32, outputs*d)
				logits, labels := make([]float32, contexts*outputs), make([]float32, contexts*outputs)
				rows, outs := upTo(contexts), upTo(outputs)
				for b.Loop() {
					GatherRows(x, in, rows, d)
					GatherRows(y, out, outs, d)
					Dots(logits, x, y, d)
					Grad(logits, labels, lr)
					UpdateT(out, outs, x, logits, d)
					Update(in, rows, y, logits, d)
				}
				b.ReportMetric(float64(b.N)*contexts*outputs*float64(6*d)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		})
	}
}

func BenchmarkDot(b *testing.B) {
	for _, d := range []int{64, 100, 128} {
		x, y := random(d), random(d)
		b.Run(fmt.Sprintf("dim=%d", d), func(b *testing.B) {
			benchTiers(b, func(b *testing.B) {
				for b.Loop() {
					Dot(x, y)
				}
				b.ReportMetric(float64(b.N*2*d)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		})
	}
}

// Packing rows that lie apart, as those that meet a block do.
func BenchmarkPackRowsI8(b *testing.B) {
	const width, n = 128, 6144
	x, dst := make([]int8, width*n), make([]uint8, TileRows*TileGroup*Groups(width))
	rows := make([]int32, TileRows)
	for i := range b.N {
		for r := range rows {
			rows[r] = int32((i + 501*r) % n)
		}
		PackRowsI8(dst, x, width, rows)
	}
	b.ReportMetric(float64(b.N)*TileRows/b.Elapsed().Seconds(), "rows/s")
}
