package svd

import "math"

// dependent is the share of a column's squared length below which what is left of it, after the columns before it were
// taken out, is rounding: float32 noise leaves about 1e-14.
const dependent = 1e-11

// Orthonormaliser returns T [l×l], upper triangular, such that B·T has orthonormal columns, from the packed Gram matrix of B.
// Columns of B that depend on columns before them, or are zero or not finite, become zero columns.
// Source: Cholesky-QR, T = R⁻¹ with G = R'R.
func Orthonormaliser(gram []float64, l int) []float64 {
	r := cholesky(gram, l)
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

// cholesky returns R [l×l] with R'R = G on the independent columns; row and diagonal of a dependent column are zero.
func cholesky(gram []float64, l int) []float64 {
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
		if !(left > dependent*own) || math.IsInf(own, 0) {
			clear(r[j*l+j : (j+1)*l])
			for k := range j {
				r[k*l+j] = 0
			}
			continue
		}
		d := math.Sqrt(left)
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
