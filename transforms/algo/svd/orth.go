package svd

import "math"

// leftover is the share of a column's squared length below which what is left of it, after the columns before it were taken
// out, is not told from the rounding of Gram matrices: sums over 256 rows in float32 are off by less than 2⁻²² of it.
const leftover = 1e-6

// Orthonormaliser returns T [l×l], upper triangular, such that B·T has orthonormal columns, from the packed Gram matrix of B.
//
// Where less than leftover remains of a column it counts as leftover: that column comes out short, but keeps what it has of
// its own, and a second round makes it long (shifted Cholesky). Zero columns, and those that are not finite, become zero.
// Source: Cholesky-QR, T = R⁻¹ with G = R'R; the shift after Fukaya et al. 2020.
func Orthonormaliser(gram []float64, l int) []float64 {
	return invert(cholesky(gram, l, func(own float64) float64 { return math.Sqrt(leftover * own) }), l)
}

// Polisher is Orthonormaliser for columns that went through it already: what still depends on columns before it becomes zero.
// A column that depended from the start is zero then, or the direction that rounding left of it, which holds nothing of X.
func Polisher(gram []float64, l int) []float64 {
	return invert(cholesky(gram, l, func(float64) float64 { return 0 }), l)
}

// invert returns the inverse of an upper triangular matrix; rows and columns of a zero diagonal become zero.
func invert(r []float64, l int) []float64 {
	t := make([]float64, l*l)
	for j := range l {
		if r[j*l+j] == 0 {
			continue
		}
		t[j*l+j] = 1 / r[j*l+j]
		for i := j - 1; i >= 0; i-- {
			if r[i*l+i] == 0 {
				continue
			}
			var sum float64
			for k := i + 1; k <= j; k++ {
				sum += float64(r[i*l+k] * t[k*l+j])
			}
			t[i*l+j] = -sum / r[i*l+i]
		}
	}
	return t
}

// cholesky returns R [l×l] with R'R = G; where less than leftover of a column remains, its diagonal is what short says of its
// squared length, and a zero diagonal makes its row and column zero.
func cholesky(gram []float64, l int, short func(own float64) float64) []float64 {
	r := make([]float64, l*l)
	for i, at := 0, 0; i < l; i++ {
		copy(r[i*l+i:(i+1)*l], gram[at:at+l-i])
		at += l - i
	}
	for j := range l {
		own := r[j*l+j]
		left := own
		for k := range j {
			left -= float64(r[k*l+j] * r[k*l+j])
		}
		d := math.Sqrt(left)
		if !(left > leftover*own) {
			d = short(own)
		}
		if !(d > 0) || math.IsInf(own, 0) {
			clear(r[j*l+j : (j+1)*l])
			for k := range j {
				r[k*l+j] = 0
			}
			continue
		}
		r[j*l+j] = d
		for i := j + 1; i < l; i++ {
			sum := r[j*l+i]
			for k := range j {
				sum -= float64(r[k*l+j] * r[k*l+i])
			}
			r[j*l+i] = sum / d
		}
	}
	return r
}
