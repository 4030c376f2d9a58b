package kmeans

import (
	"math/rand/v2"
	"slices"
	"sort"

	"segue/transforms/algo/vec"
)

// k-means++ costs a pass over its rows a centre: up to plusCentres it is done, on plusRows rows a centre at most; with more
// centres, rows drawn at random cover the space as well.
const (
	plusCentres = 256
	plusRows    = 128
)

// fitter holds the rows the centres are trained on.
type fitter struct {
	space
	weights []float32 // [n]; nil = 1 each
	n, k    int
	centres []float32 // [k×dim]
	p       Params
	draw    *rand.Rand
}

func newFitter(rows []float32, dim int, weights []float32, p Params) *fitter {
	f := &fitter{space: space{rows, dim, p.Spherical}, p: p, draw: rand.New(rand.NewPCG(p.Seed, 0x6b6d65616e73))}
	var ids []int32
	for i := range len(rows) / dim {
		if weights == nil || weights[i] > 0 {
			ids = append(ids, int32(i))
		}
	}
	if f.n = len(ids); p.Sample > 0 && p.Sample < f.n {
		ids, f.n = f.some(ids, p.Sample), p.Sample
	}
	f.k = min(p.K, f.n)
	if f.n < len(rows)/dim {
		f.rows = take(rows, dim, ids)
	}
	if weights != nil {
		f.weights = take(weights, 1, ids)
	}
	return f
}

// some returns m of ids, drawn without replacement, in their order; ids is left in another order.
func (f *fitter) some(ids []int32, m int) []int32 {
	for i := range m {
		j := i + f.draw.IntN(len(ids)-i)
		ids[i], ids[j] = ids[j], ids[i]
	}
	out := slices.Clone(ids[:m])
	slices.Sort(out)
	return out
}

func take(rows []float32, width int, ids []int32) []float32 {
	out := make([]float32, 0, len(ids)*width)
	for _, i := range ids {
		out = append(out, rows[int(i)*width:int(i+1)*width]...)
	}
	return out
}

func (f *fitter) weight(i int32) float64 {
	if f.weights == nil {
		return 1
	}
	return float64(f.weights[i])
}

// start chooses the first centres.
func (f *fitter) start() {
	f.centres = make([]float32, 0, f.k*f.dim)
	all := make([]int32, f.n)
	for i := range all {
		all[i] = int32(i)
	}
	if f.p.Drawn || f.k > plusCentres {
		for _, i := range f.some(all, f.k) {
			f.add(i)
		}
		return
	}
	if m := f.k * plusRows; m < f.n {
		all = f.some(all, m)
	}
	f.plus(all)
}

// add makes row i the next centre.
func (f *fitter) add(i int32) {
	f.centres = append(f.centres, f.row(i)...)
	if f.spherical {
		vec.Unit(f.centres[len(f.centres)-f.dim:])
	}
}

// plus draws centres among the rows ids: the first by weight, each next by weight times squared distance to the nearest centre so far.
func (f *fitter) plus(ids []int32) {
	chance, upTo := make([]float64, len(ids)), make([]float64, len(ids))
	for r, i := range ids {
		chance[r] = f.weight(i)
	}
	nearest := make([]float64, len(ids))
	for c := range f.k {
		r := f.pick(chance, upTo)
		f.add(ids[r])
		centre := f.centres[c*f.dim : (c+1)*f.dim]
		vec.Each(vec.Blocks(len(ids)), func(b int) {
			lo, hi := vec.Block(b, len(ids))
			f.each(ids[lo:hi], centre, func(i int, d float64) {
				r := lo + i
				if c == 0 || d < nearest[r] {
					nearest[r] = d
				}
				chance[r] = f.weight(ids[r]) * nearest[r]
			})
		})
	}
}

// pick draws an index with the given chances, any index when all are 0; upTo is scratch.
func (f *fitter) pick(chance, upTo []float64) int {
	var sum float64
	for r, c := range chance {
		sum += c
		upTo[r] = sum
	}
	if sum == 0 {
		return f.draw.IntN(len(chance))
	}
	at := f.draw.Float64() * sum
	return min(sort.Search(len(upTo), func(r int) bool { return upTo[r] > at }), len(upTo)-1)
}
