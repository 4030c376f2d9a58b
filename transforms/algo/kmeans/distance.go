package kmeans

import "math"

// space is rows and how far they are from a centre.
type space struct {
	rows      []float32 // [n×dim]
	dim       int
	spherical bool
}

func (s space) row(i int32) []float32 { return s.rows[int(i)*s.dim : int(i+1)*s.dim] }

// distances returns the distance of each row to its centre.
func (s space) distances(centres []float32, assign []int32) []float32 {
	dist := make([]float32, len(assign))
	start, items := byCell(assign, len(centres)/s.dim)
	eachCell(len(start)-1, len(assign), func(c int) {
		rows := items[start[c]:start[c+1]]
		s.each(rows, centres[c*s.dim:(c+1)*s.dim], func(i int, d float64) { dist[rows[i]] = float32(d) })
	})
	return dist
}

// each calls use with the place of each of some rows and its distance to a centre.
func (s space) each(rows []int32, centre []float32, use func(i int, d float64)) {
	i := 0
	if !s.spherical {
		wide := make([]float64, len(centre))
		for k, v := range centre {
			wide[k] = float64(v)
		}
		for ; i+4 <= len(rows); i += 4 {
			for j, d := range squares([4][]float32{s.row(rows[i]), s.row(rows[i+1]), s.row(rows[i+2]), s.row(rows[i+3])}, wide) {
				use(i+j, d)
			}
		}
	}
	for ; i < len(rows); i++ {
		use(i, distance(s.row(rows[i]), centre, s.spherical))
	}
}

// distance returns |x - c|²; spherical, for a centre of length 1, 2·(|x| - x·c), which is the same for x of length 1.
func distance(x, c []float32, spherical bool) float64 {
	c = c[:len(x)]
	if spherical {
		var dot, norm float64
		for k, v := range x {
			dot += float64(float64(v) * float64(c[k]))
			norm += float64(float64(v) * float64(v))
		}
		return max(0, 2*(math.Sqrt(norm)-dot))
	}
	var square float64
	for k, v := range x {
		d := float64(v) - float64(c[k])
		square += float64(d * d)
	}
	return square
}

// squares returns |x - c|² of four rows, the bits of distance: side by side, for a sum waits for its last term.
func squares(x [4][]float32, centre []float64) [4]float64 {
	n := len(centre)
	x0, x1, x2, x3 := x[0][:n], x[1][:n], x[2][:n], x[3][:n]
	var s0, s1, s2, s3 float64
	for k, c := range centre {
		d0, d1, d2, d3 := float64(x0[k])-c, float64(x1[k])-c, float64(x2[k])-c, float64(x3[k])-c
		s0, s1, s2, s3 = s0+float64(d0*d0), s1+float64(d1*d1), s2+float64(d2*d2), s3+float64(d3*d3)
	}
	return [4]float64{s0, s1, s2, s3}
}
