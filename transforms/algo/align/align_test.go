package align

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"segue/transforms/algo/vec"
)

// turned returns random unit rows, and the same rotated by a random orthogonal matrix with noise added.
func turned(r *rand.Rand, n, d int, noise float64) (from, to []float32) {
	a := mat.NewDense(d, d, nil)
	for i := range d {
		for j := range d {
			a.Set(i, j, r.NormFloat64())
		}
	}
	var qr mat.QR
	qr.Factorize(a)
	var q mat.Dense
	qr.QTo(&q)
	from, to = make([]float32, n*d), make([]float32, n*d)
	for i := range n {
		for j := range d {
			from[i*d+j] = float32(r.NormFloat64())
		}
		vec.Unit(from[i*d : (i+1)*d])
		for j := range d {
			var sum float64
			for k := range d {
				sum += float64(from[i*d+k]) * q.At(k, j)
			}
			to[i*d+j] = float32(sum + noise*r.NormFloat64())
		}
	}
	return from, to
}

func pairs(from, to, weight []float32, d int) Pairs {
	return Pairs{d, weight, func(i int) []float32 { return from[i*d : (i+1)*d] }, func(i int) []float32 { return to[i*d : (i+1)*d] }}
}

func ones(n int) []float32 {
	w := make([]float32, n)
	for i := range w {
		w[i] = 1
	}
	return w
}

// A rotation is found again, to rounding, and is orthogonal; zero rows and rows of weight 0 have no say.
func TestRotationUndoesARotation(t *testing.T) {
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 3))
		d := 1 + r.IntN(40)
		n := d + 50
		from, to := turned(r, n, d, 0)
		weight := ones(n)
		weight[3] = 0
		clear(from[4*d : 5*d])
		for j := range d {
			to[3*d+j] = 100
		}
		rot, err := Rotation(Cross(pairs(from, to, weight, d)), d)
		if err != nil {
			t.Fatal(err)
		}
		for i := 5; i < n; i++ {
			for j := range d {
				var got float64
				for k := range d {
					got += float64(from[i*d+k]) * rot[k*d+j]
				}
				if math.Abs(got-float64(to[i*d+j])) > 2e-6 {
					t.Fatalf("seed %d: row %d column %d is %v, want %v", seed, i, j, got, to[i*d+j])
				}
			}
		}
		orthogonal(t, rot, d)
	}
}

func orthogonal(t *testing.T, rot []float64, d int) {
	t.Helper()
	for i := range d {
		for j := range d {
			var dot, want float64
			for k := range d {
				dot += rot[i*d+k] * rot[j*d+k]
			}
			if i == j {
				want = 1
			}
			if math.Abs(dot-want) > 1e-10 {
				t.Fatalf("rows %d and %d of the rotation: %v", i, j, dot)
			}
		}
	}
}

// No rotation nearby is better: the sum of weighted cosines falls when R is turned a little in any plane.
func TestRotationIsBest(t *testing.T) {
	const seed, n, d = 5, 200, 6
	r := rand.New(rand.NewPCG(seed, 1))
	from, to := turned(r, n, d, .3)
	weight := ones(n)
	for i := range weight {
		weight[i] = r.Float32() * 10
	}
	m := Cross(pairs(from, to, weight, d))
	rot, err := Rotation(m, d)
	if err != nil {
		t.Fatal(err)
	}
	best := traceOf(m, rot, d)
	for a := range d {
		for b := range a {
			for _, angle := range []float64{-.01, .01} {
				c, s := math.Cos(angle), math.Sin(angle)
				other := append([]float64(nil), rot...)
				for k := range d {
					x, y := rot[k*d+a], rot[k*d+b]
					other[k*d+a], other[k*d+b] = c*x-s*y, s*x+c*y
				}
				if got := traceOf(m, other, d); got >= best {
					t.Errorf("seed %d: turned by %v in plane %d,%d the fit is %v, best %v", seed, angle, a, b, got, best)
				}
			}
		}
	}
}

// traceOf returns the trace of R'·M, which the best rotation makes largest.
func traceOf(m, rot []float64, d int) float64 {
	var sum float64
	for i := range d * d {
		sum += m[i] * rot[i]
	}
	return sum
}

// Nothing in common is no rotation; a space of lower rank still gives an orthogonal matrix.
func TestRotationDegenerate(t *testing.T) {
	rot, err := Rotation(Cross(Pairs{Dim: 3}), 3)
	if err != nil || rot[0] != 1 || rot[1] != 0 || rot[8] != 1 {
		t.Errorf("nothing in common: %v %v", rot, err)
	}
	x := []float32{1, 0, 0, 1, 0, 0}
	rot, err = Rotation(Cross(pairs(x, x, ones(2), 3)), 3)
	if err != nil || math.Abs(rot[0]-1) > 1e-12 {
		t.Errorf("one direction: %v %v", rot, err)
	}
	orthogonal(t, rot, 3)
}

func TestHealth(t *testing.T) {
	v := []float64{5, 1, 4, 2, 3}
	for q, want := range map[float64]float64{0: 1, .01: 1, .2: 1, .5: 3, .9: 5, 1: 5} {
		if got := Quantile(v, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if !math.IsNaN(Quantile(nil, .5)) {
		t.Error("a quantile of nothing")
	}
	if c := Correlation([]float64{1, 2, 3}, []float64{2, 4, 6}); math.Abs(c-1) > 1e-12 {
		t.Errorf("correlation of a line is %v", c)
	}
	if c := Correlation([]float64{1, 2, 3}, []float64{3, 3, 3}); c != 0 {
		t.Errorf("correlation with a constant is %v", c)
	}
	// mean 1, deviations -1 (3×), 3: variance 3, third moment (−3+27)/4 = 6; 6 / 3^1.5 = 1.1547
	if h := Hubness([]int32{0, 0, 0, 4}); math.Abs(h-6/math.Pow(3, 1.5)) > 1e-12 {
		t.Errorf("hubness is %v", h)
	}
	if h := Hubness([]int32{2, 2, 2}); h != 0 {
		t.Errorf("hubness of equals is %v", h)
	}
	if c := Churn([]string{"a", "b", "c", "d"}, []string{"b", "x", "d"}, 3); c != 2./3 {
		t.Errorf("churn is %v", c)
	}
	if Churn([]int{1}, nil, 3) != 0 || Churn(nil, []int{1}, 3) != 1 {
		t.Error("churn of an empty list")
	}
}
