package simd

import (
	"encoding/binary"
	"math"
)

// Products are rounded before they are added (float32(a*b) forbids fusing): the tier gives the same bits on every processor.

// dotGo sums eight lanes, adds them by halves, then the rest one by one.
func dotGo(x, y []float32) float32 {
	var a, b, c, d, e, f, g, h float32
	y = y[:len(x)]
	n := len(x) &^ 7
	for i := 0; i < n; i += 8 {
		u, v := x[i:i+8:i+8], y[i:i+8:i+8]
		a += float32(u[0] * v[0])
		b += float32(u[1] * v[1])
		c += float32(u[2] * v[2])
		d += float32(u[3] * v[3])
		e += float32(u[4] * v[4])
		f += float32(u[5] * v[5])
		g += float32(u[6] * v[6])
		h += float32(u[7] * v[7])
	}
	sum := ((a + e) + (c + g)) + ((b + f) + (d + h))
	for i := n; i < len(x); i++ {
		sum += float32(x[i] * y[i])
	}
	return sum
}

func axpyGo(alpha float32, x, y []float32) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += float32(alpha * v)
	}
}

func scaleGo(alpha float32, x []float32) {
	for i := range x {
		x[i] *= alpha
	}
}

func gatherAxpyGo(y []float32, items []int32, w []float32, rows Rows) {
	for _, i := range items {
		if a := w[i]; a != 0 {
			at := int(i-rows.First) * len(y)
			axpyGo(a, rows.Data[at:at+len(y)], y)
		}
	}
}

func mulBlockGo(p block, c []float32, ldc int) {
	for i := range TileRows {
		row := c[i*ldc : i*ldc+TileCols]
		clear(row)
		for k := range p.k {
			axpyGo(p.a[i*p.rs+k*p.cs], p.b[k*p.ldb:k*p.ldb+TileCols], row)
		}
	}
}

func gradientGo(x, label []float32, lr float32) {
	for i, v := range x {
		x[i] = (label[i] - float32(1/(1+math.Exp(-float64(v))))) * lr
	}
}

func gatherRowsGo(dst, base []float32, rows []int32, width int) {
	for i, r := range rows {
		copy(dst[i*width:(i+1)*width], base[int(r)*width:])
	}
}

func dotRowsGo(out, base []float32, rows []int32, x []float32) {
	for i, row := range rows {
		out[i] = dotGo(x, base[int(row)*len(x):][:len(x)])
	}
}

// sumRowsGo adds four rows at a time: sums stay in registers meanwhile.
func sumRowsGo(sums []float64, base []float32, rows []int32) {
	width := len(sums)
	row := func(i int) []float32 { return base[int(rows[i])*width:][:width] }
	for ; len(rows) >= 4; rows = rows[4:] {
		a, b, c, d := row(0), row(1), row(2), row(3)
		for k, s := range sums {
			sums[k] = s + float64(a[k]) + float64(b[k]) + float64(c[k]) + float64(d[k])
		}
	}
	for i := range rows {
		for k, v := range row(i) {
			sums[k] += float64(v)
		}
	}
}

func addCountsGo(sums []float64, counts []uint8, weight float64) {
	for len(counts) > 0 {
		n := min(len(counts), 8)
		if n < 8 || binary.LittleEndian.Uint64(counts) != 0 { // most columns have no count
			for i, k := range counts[:n] {
				if k != 0 && k != EscapedCount {
					sums[i] += float64(float64(k) * weight)
				}
			}
		}
		sums, counts = sums[n:], counts[n:]
	}
}

func atLeastGo(marks []uint64, counts []uint8, least uint8) {
	clear(marks)
	for i, k := range counts {
		if k >= least {
			marks[i/64] |= 1 << (i % 64)
		}
	}
}

func reachingGo(marks []uint64, sums, scale []float64, least float64) {
	clear(marks)
	for i, x := range sums {
		if x*scale[i] >= least {
			marks[i/64] |= 1 << (i % 64)
		}
	}
}

func dotsI8Go(out []int32, base []int8, rows []int32, b []int16, width int) {
	n := len(b) / width
	for i, r := range rows {
		x := base[int(r)*width : (int(r)+1)*width]
		for j := range n {
			var sum int32
			for k, v := range b[j*width : (j+1)*width] {
				sum += int32(x[k]) * int32(v)
			}
			out[i*n+j] = sum
		}
	}
}

// dotsBy computes every inner product by itself.
func dotsBy(out, a, b []float32, width int) {
	n := len(b) / width
	for i := range len(a) / width {
		x := a[i*width : (i+1)*width]
		for j := range n {
			out[i*n+j] = dot(x, b[j*width:(j+1)*width])
		}
	}
}

// updateBy adds the sums up strip by strip.
func updateBy(base []float32, rows []int32, c coefficients) {
	var buffer [256]float32
	for r, row := range rows {
		for lo := 0; lo < c.width; lo += len(buffer) {
			hi := min(c.width, lo+len(buffer))
			sum := buffer[:hi-lo]
			clear(sum)
			for m := range len(c.x) / c.width {
				axpy(c.g[r*c.byRow+m*c.byTerm], c.x[m*c.width+lo:m*c.width+hi], sum)
			}
			axpy(1, sum, base[int(row)*c.width+lo:int(row)*c.width+hi])
		}
	}
}
