// Package knntest makes vectors for tests and benchmarks of searches: clustered as trained ones are.
package knntest

import (
	"math"
	"math/rand/v2"
	"sort"

	"segue/transforms/algo/vec"
)

// Clustered returns n unit vectors in clusters of clusters, about 100 a cluster, with falling weight of later dimensions, as trained
// vectors have them; and a popularity of each row.
func Clustered(seed uint64, n, dim int) (rows []float32, counts []int32) {
	r := rand.New(rand.NewPCG(seed, 1))
	normal := func() float32 { return float32(r.NormFloat64()) }
	clusters := max(1, n/100)
	large := max(20, clusters/40)
	super, centres := make([]float32, large*dim), make([]float32, clusters*dim)
	for i := range super {
		super[i] = normal()
	}
	size := make([]float64, clusters)
	total := 0.0
	for c := range clusters {
		s := r.IntN(large)
		for k := range dim {
			centres[c*dim+k] = super[s*dim+k] + .9*normal()
		}
		total += math.Exp(r.NormFloat64())
		size[c] = total
	}
	rows, counts = make([]float32, n*dim), make([]int32, n)
	for i := range n {
		c := sort.SearchFloat64s(size, r.Float64()*total)
		spread := .6 + .5*r.Float32()
		for k := range dim {
			rows[i*dim+k] = (centres[c*dim+k] + spread*normal()) * float32(math.Pow(float64(k+1), -.25))
		}
		vec.Unit(rows[i*dim : (i+1)*dim])
		counts[i] = int32(min(1e6, 5/math.Pow(1-r.Float64(), .8)))
	}
	return rows, counts
}
