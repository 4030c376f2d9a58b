package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// DotsI8 gives the exact integers at every tier, writes nothing else, at the ends of both ranges too; asking changes nothing.
func TestDotsI8(t *testing.T) {
	eachTier(t, checkDotsI8)
	t.Run("without VNNI/seed=21", func(t *testing.T) {
		under(t, avx512)
		vnni = false
		checkDotsI8(t, rand.New(rand.NewPCG(21, 1)))
	})
}

func checkDotsI8(t *testing.T, r *rand.Rand) {
	for _, width := range []int{32, 64, 96, 128, 160, 320} {
		for n := range 20 {
			base, b := make([]int8, 10*width), make([]int16, r.IntN(4)*ColsI8*width)
			for i := range base {
				base[i] = []int8{-128, -127, 127, int8(r.IntN(256) - 128)}[r.IntN(4)]
			}
			for i := range b {
				b[i] = []int16{-2047, 2047, int16(r.IntN(4095) - 2047)}[r.IntN(3)]
			}
			rows := make([]int32, n)
			for i := range rows {
				rows[i] = int32(r.IntN(10))
			}
			columns := len(b) / width
			out := make([]int32, n*columns+guard)
			Fetch(base)
			FetchEach(base, rows)
			DotsI8(out[:n*columns], base, rows, b, width)
			want := make([]int32, len(out))
			for i, row := range rows {
				for j := range columns {
					for k := range width {
						want[i*columns+j] += int32(base[int(row)*width+k]) * int32(b[j*width+k])
					}
				}
			}
			if !slices.Equal(out, want) {
				t.Fatalf("width %d, %d rows, %d columns: %v, want %v", width, n, columns, out, want)
			}
		}
	}
}

// Arguments that do not fit panic before memory is read.
func TestRowsWrong(t *testing.T) {
	base, b := make([]int8, 64), make([]int16, 128)
	for name, f := range map[string]func(){
		"width":  func() { DotsI8(make([]int32, 4), base, []int32{0}, b[:64], 16) },
		"column": func() { DotsI8(make([]int32, 3), base, []int32{0}, b[:96], 32) },
		"row":    func() { DotsI8(make([]int32, 4), base, []int32{2}, b, 32) },
		"below":  func() { DotsI8(make([]int32, 4), base, []int32{-1}, b, 32) },
		"out":    func() { DotsI8(make([]int32, 5), base, []int32{0}, b, 32) },
		"dots":   func() { DotRows(make([]float32, 2), make([]float32, 6), []int32{1}, make([]float32, 3)) },
		"beyond": func() { DotRows(make([]float32, 1), make([]float32, 6), []int32{2}, make([]float32, 3)) },
		"sums":   func() { SumRows(make([]float64, 3), make([]float32, 5), []int32{1}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

// SumRows adds what a plain loop adds, bit for bit, at every tier, width and number of rows; it writes nothing else.
func TestSumRows(t *testing.T) {
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for width := 1; width < 80; width++ {
			base, sums, rows := make([]float32, 7*width), make([]float64, width+guard), make([]int32, r.IntN(12))
			for i := range base {
				base[i] = float32(r.NormFloat64())
			}
			for i := range sums {
				sums[i] = r.NormFloat64()
			}
			want := slices.Clone(sums)
			for i := range rows {
				rows[i] = int32(r.IntN(7))
				for k := range width {
					want[k] += float64(base[int(rows[i])*width+k])
				}
			}
			if SumRows(sums[:width], base, rows); !slices.Equal(sums, want) {
				t.Fatalf("width %d, %d rows: other sums than one by one", width, len(rows))
			}
		}
	})
}

// DotRows gives the bits of Dot at every tier, width and number of rows, writes nothing else, and reads no row but those named.
func TestDotRows(t *testing.T) {
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for width := 1; width < 150; width++ {
			base, x, rows := make([]float32, 9*width), make([]float32, width), make([]int32, r.IntN(12))
			for i := range base {
				base[i] = float32(r.NormFloat64())
			}
			for i := range x {
				x[i] = float32(r.NormFloat64())
			}
			for i := range rows {
				rows[i] = int32(r.IntN(9))
			}
			out := make([]float32, len(rows)+guard)
			DotRows(out[:len(rows)], base, rows, x)
			for i, row := range rows {
				if want := Dot(x, base[int(row)*width:][:width]); math.Float32bits(out[i]) != math.Float32bits(want) {
					t.Fatalf("width %d, row %d: %v, Dot gives %v", width, row, out[i], want)
				}
			}
			if slices.ContainsFunc(out[len(rows):], func(v float32) bool { return v != 0 }) {
				t.Fatalf("width %d, %d rows: more was written", width, len(rows))
			}
		}
	})
}
