package align

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"segue/transforms/algo/simd"
	"segue/transforms/algo/vec"
)

// Pairs are rows of the same things in two spaces of d dimensions: from[i] and to[i], d numbers each, with weights ≥ 0.
// A pair of weight 0, or with a zero vector on either side, is left out.
type Pairs struct {
	Dim    int
	Weight []float32
	From   func(i int) []float32
	To     func(i int) []float32
}

// Cross returns M = Σ w_i·from_i'·to_i [d×d], of rows scaled to length 1.
// Order: fixed blocks of vec.BlockRows rows, pairwise, so that cores change no bit. Cost: rows·(2d)² flops at the speed of the tile.
func Cross(p Pairs) []float64 {
	parts := make([][]float64, vec.Blocks(len(p.Weight)))
	vec.Each(len(parts), func(b int) {
		lo, hi := vec.Block(b, len(p.Weight))
		parts[b] = p.cross(lo, hi)
	})
	if len(parts) == 0 {
		return make([]float64, p.Dim*p.Dim)
	}
	return vec.SumPairwise(parts)
}

// cross takes the quadrant from'·to out of the Gram matrix of rows [from | to].
func (p Pairs) cross(lo, hi int) []float64 {
	d := p.Dim
	both := make([]float32, 0, (hi-lo)*2*d)
	for i := lo; i < hi; i++ {
		w := p.Weight[i]
		if !(w > 0) {
			continue
		}
		at := len(both)
		both = append(append(both, p.From(i)...), p.To(i)...)
		from, to := both[at:at+d], both[at+d:at+2*d]
		if !vec.Unit(from) || !vec.Unit(to) {
			both = both[:at]
			continue
		}
		root := float32(math.Sqrt(float64(w)))
		vec.Scale(root, from)
		vec.Scale(root, to)
	}
	m := make([]float64, d*d)
	if len(both) == 0 {
		return m
	}
	g := make([]float64, 4*d*d)
	simd.Gram(g, both, 2*d)
	for i := range d {
		copy(m[i*d:(i+1)*d], g[i*2*d+d:(i+1)*2*d])
	}
	return m
}

// Rotation returns the orthogonal R [d×d] that brings Σ w_i·|from_i·R - to_i|² to its least, from M of Cross: R = A·B' with M = A·S·B'.
// Nothing in common makes it the identity.
func Rotation(m []float64, d int) ([]float64, error) {
	out := make([]float64, d*d)
	if mat.Norm(mat.NewDense(d, d, m), 2) == 0 {
		for i := range d {
			out[i*d+i] = 1
		}
		return out, nil
	}
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(d, d, m), mat.SVDFull) {
		return nil, fmt.Errorf("align %d dimensions: no convergence", d)
	}
	var a, b, r mat.Dense
	svd.UTo(&a)
	svd.VTo(&b)
	r.Mul(&a, b.T())
	for i := range d {
		copy(out[i*d:(i+1)*d], r.RawRowView(i))
	}
	return out, nil
}
