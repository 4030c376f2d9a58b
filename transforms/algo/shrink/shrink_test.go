package shrink

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mathext"
)

// gamma draws from Gamma(a) by Marsaglia and Tsang.
func gamma(r *rand.Rand, a float64) float64 {
	if a < 1 {
		return gamma(r, a+1) * math.Pow(r.Float64(), 1/a)
	}
	d := a - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v = v * v * v; v > 0 && math.Log(r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

func dirichlet(r *rand.Rand, kappa float64, mean []float64) []float64 {
	out, total := make([]float64, len(mean)), 0.0
	for k, m := range mean {
		out[k] = gamma(r, kappa*m)
		total += out[k]
	}
	for k := range out {
		out[k] /= total
	}
	return out
}

func draw(r *rand.Rand, shares []float64, x float64) int {
	for k, s := range shares {
		if x -= s; x < 0 {
			return k
		}
	}
	return len(shares) - 1
}

var mean = []float64{.4, .3, .2, .1}

// family makes a root with children whose shares are Dirichlet of strength kappa, heard by the same listeners, each with
// several plays a cell. With chance lean a play is the class at the listener's own place on the scale of cumulated
// shares: listeners are then alike in all cells.
func family(r *rand.Rand, kappa, lean float64, children, listeners int) *Tree {
	t := &Tree{Classes: len(mean), MinListeners: 1, Nodes: make([]Node, children+1)}
	for i := range t.Nodes {
		t.Nodes[i] = Node{Parent: 0, Level: 1, Listeners: int64(listeners), N: float64(listeners), Class: []int32{0, 1, 2, 3}, Weight: make([]float64, 4), Half: make([]float64, 4)}
	}
	t.Nodes[0].Parent, t.Nodes[0].Level = -1, 0
	places := make([]float64, listeners)
	for l := range places {
		places[l] = r.Float64()
	}
	for i := 1; i <= children; i++ {
		shares := dirichlet(r, kappa, mean)
		for l, place := range places {
			for range 1 + r.IntN(6) {
				x := r.Float64()
				if r.Float64() < lean {
					x = place
				}
				k := draw(r, shares, x)
				for _, n := range []*Node{&t.Nodes[i], &t.Nodes[0]} {
					n.Weight[k]++
					if l%2 == 0 {
						n.Half[k]++
					}
				}
			}
		}
	}
	return t
}

// Strengths finds the planted strength, also when plays of a listener hang together within and between cells; where
// children do not differ it finds them (nearly) the same.
//
// Bound: with 150 children the relative deviation of ρ is about √(2/(150·3)) ≈ 7 % of the children's variance, more by the
// noise of the halves; the mean of 10 trees must be within 25 %.
func TestStrengths(t *testing.T) {
	for _, kappa := range []float64{8, 40, 150} {
		for _, lean := range []float64{0, 0.5} {
			rho := 0.0
			for seed := range uint64(10) {
				r := rand.New(rand.NewPCG(seed, 7))
				tree := family(r, kappa, lean, 150, 200)
				rho += 1 / (tree.Strengths(2)[1] + 1) / 10
			}
			got := 1/rho - 1
			t.Logf("strength %g, lean %g: found %.1f", kappa, lean, got)
			if got < kappa*0.75 || got > kappa*1.25 {
				t.Errorf("strength %g, lean %g: found %.1f", kappa, lean, got)
			}
		}
	}
	same := family(rand.New(rand.NewPCG(1, 1)), 1e9, 0.3, 150, 200)
	if got := same.Strengths(2)[1]; got < 1000 {
		t.Errorf("children that do not differ have strength %.0f", got)
	}
}

// A level without siblings, with one class, or without halves has the upper bound.
func TestStrengthsWithoutEvidence(t *testing.T) {
	lonely := family(rand.New(rand.NewPCG(2, 2)), 5, 0, 1, 50)
	single := family(rand.New(rand.NewPCG(2, 3)), 5, 0, 5, 50)
	for i := range single.Nodes {
		single.Nodes[i].Weight, single.Nodes[i].Half = []float64{9, 0, 0, 0}, []float64{4, 0, 0, 0}
	}
	unhalved := family(rand.New(rand.NewPCG(2, 4)), 5, 0, 5, 50)
	for i := range unhalved.Nodes {
		unhalved.Nodes[i].Half = make([]float64, 4)
	}
	for i, tree := range []*Tree{lonely, single, unhalved} {
		if got := tree.Strengths(2)[1]; got != maxStrength {
			t.Errorf("tree %d: strength %g", i, got)
		}
	}
}

// By hand: root of 40 listeners, observed 3:1, Perks' prior of ½ each: (0.5 + 30)/41. The child of 9 listeners at 0:1
// under strength 4 of a root worth 41: κ' = 1/(1/5 + 1/42) − 1, (κ'·m + 9·p)/(κ' + 9). Without support: the root's.
func TestEstimateByHand(t *testing.T) {
	tree := Tree{Classes: 2, Strength: []float64{0, 4}, MinListeners: 9, Nodes: []Node{
		{Parent: 1, Level: 1, Listeners: 9, N: 9, Class: []int32{1}, Weight: []float64{3}},
		{Parent: -1, Listeners: 40, N: 40, Class: []int32{0, 1}, Weight: []float64{30, 10}},
		{Parent: 1, Level: 1, Listeners: 8, N: 8, Class: []int32{1}, Weight: []float64{3}},
		{Parent: 0, Level: 1, Listeners: 1, N: 1, Class: []int32{0}, Weight: []float64{1}},
	}}
	m := 30.5 / 41
	kappa := 1/(1.0/5+1.0/42) - 1
	child := kappa * m / (kappa + 9)
	grand := 1/(1.0/5+1/(kappa+9+1)) - 1
	want := map[int]Posterior{
		1: {[]float64{m, 1 - m}, 41, 1}, 0: {[]float64{child, 1 - child}, kappa + 9, 0}, 2: {[]float64{m, 1 - m}, kappa, 1},
		3: {[]float64{child, 1 - child}, grand, 0},
	}
	seen := 0
	tree.Estimate(func(i int, p Posterior) {
		seen++
		w := want[i]
		if math.Abs(p.Mean[0]-w.Mean[0]) > 1e-12 || math.Abs(p.Mean[1]-w.Mean[1]) > 1e-12 || math.Abs(p.N-w.N) > 1e-9 || p.Carrier != w.Carrier {
			t.Errorf("node %d: %+v, want %+v", i, p, w)
		}
	})
	if seen != 4 {
		t.Errorf("%d nodes visited", seen)
	}
}

// Means of random trees add up to one and lie between the observed share and the parent's mean.
func TestEstimateLaws(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 11))
		tree := family(r, 20, 0.2, 30, 20)
		for i := 10; i < len(tree.Nodes); i++ {
			tree.Nodes[i].Parent = int32(r.IntN(i-1) + 1)
		}
		tree.Strength = tree.Strengths(2)
		means := make([][]float64, len(tree.Nodes))
		tree.Estimate(func(i int, p Posterior) {
			means[i] = append([]float64(nil), p.Mean...)
			if total := sum(p.Mean); math.Abs(total-1) > 1e-9 {
				t.Fatalf("seed %d: shares of node %d add up to %g", seed, i, total)
			}
			if i == 0 {
				return
			}
			n := tree.Nodes[i]
			for k, x := range p.Mean {
				own, parent := n.Weight[k]/sum(n.Weight), means[n.Parent][k]
				if x < min(own, parent)-1e-9 || x > max(own, parent)+1e-9 {
					t.Fatalf("seed %d: node %d class %d: %g is not between %g and %g", seed, i, k, x, own, parent)
				}
			}
		})
	}
}

// An uncertain parent weakens a prior, a certain one leaves it, and no child is surer than either.
func TestUncertain(t *testing.T) {
	for _, c := range [][2]float64{{1, 1}, {50, 3}, {3, 50}, {1e4, 100}} {
		if got := Uncertain(c[0], c[1]); got >= min(c[0], c[1]) || got < 0 {
			t.Errorf("strength %g around a mean worth %g: %g", c[0], c[1], got)
		}
	}
	if got := Uncertain(50, 1e12); math.Abs(got-50) > 1e-6 {
		t.Errorf("a certain parent leaves %g of 50", got)
	}
}

// The bounds cut off 5 % on each side of the beta distribution.
func TestInterval(t *testing.T) {
	for _, n := range []float64{0.5, 3, 40, 900, 1e5} {
		for _, m := range []float64{1e-4, .02, .3, .5, .97} {
			low, high := Interval(m, n)
			a, b := m*n, (1-m)*n
			for q, x := range map[float64]float64{.05: low, .95: high} {
				if x < 1e-300 || x > 1-1e-12 { // beyond what a float64 tells from the end
					continue
				}
				if got := mathext.RegIncBeta(a, b, x); math.Abs(got-q) > 1e-4 {
					t.Errorf("mean %g of %g draws: %g lies at %g, want %g", m, n, x, got, q)
				}
			}
		}
	}
	if low, high := Interval(0, 9); low != 0 || high != 0 {
		t.Errorf("a share of 0 has interval %g, %g", low, high)
	}
}

// By hand, around midnight: the hour after gives half its weight, an hour without node nothing; all from unsmoothed values.
func TestSmooth(t *testing.T) {
	nodes := []Node{
		{N: 5, Class: []int32{0, 2}, Weight: []float64{4, 2}, Half: []float64{1, 1}},
		{N: 6, Class: []int32{1, 2}, Weight: []float64{8, 10}, Half: []float64{2, 2}},
	}
	Smooth(nodes, []int32{0, -1, -1, 1}, .5)
	want := []Node{
		{Class: []int32{0, 1, 2}, Weight: []float64{4, 4, 7}},
		{Class: []int32{0, 1, 2}, Weight: []float64{2, 8, 11}},
	}
	for i, w := range want {
		for j, k := range w.Class {
			if n := nodes[i]; n.Class[j] != k || n.Weight[j] != w.Weight[j] || len(n.Half) != len(n.Class) {
				t.Errorf("node %d: %+v, want %+v", i, n, w)
			}
		}
	}
	if nodes[0].N != 5 || nodes[0].Half[2] != 1 || nodes[0].Half[1] != 0 {
		t.Errorf("smoothing changed what it should not: %+v", nodes[0])
	}
}

// Withheld is what has few listeners; beyond that no relation leaves exactly one count out unless nothing is left of it;
// and nothing is withheld where nothing is small.
func TestWithhold(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 13))
		listeners := make([]int64, 2+r.IntN(40))
		for i := range listeners {
			listeners[i] = int64(r.IntN(60))
		}
		var relations []Relation
		for range r.IntN(30) {
			var rel Relation
			for _, i := range r.Perm(len(listeners))[:1+r.IntN(min(6, len(listeners)))] {
				rel = append(rel, int32(i))
			}
			relations = append(relations, rel)
		}
		out := Withhold(listeners, 10, relations)
		for i, n := range listeners {
			if n < 10 && !out[i] {
				t.Fatalf("seed %d: %d listeners are shown", seed, n)
			}
		}
		for _, rel := range relations {
			missing := 0
			for _, i := range rel {
				if out[i] {
					missing++
				}
			}
			if missing == 1 && len(rel) > 1 {
				t.Fatalf("seed %d: relation %v leaves one out: %v", seed, rel, out)
			}
		}
		for _, kept := range Withhold(listeners, 0, relations) {
			if kept {
				t.Fatalf("seed %d: withheld without need", seed)
			}
		}
	}
}

// By hand: of 3, 50, 20 and 30 listeners the 3 need the 20 beside them; the second relation then needs the 40.
func TestWithholdByHand(t *testing.T) {
	out := Withhold([]int64{3, 50, 20, 30, 40, 70}, 10, []Relation{{2, 4, 5}, {0, 1, 2, 3}})
	for i, want := range []bool{true, false, true, false, true, false} {
		if out[i] != want {
			t.Errorf("count %d: withheld %v", i, out[i])
		}
	}
}

// BenchmarkEstimate estimates 1,200 cells of 4 classes with all their intervals.
func BenchmarkEstimate(b *testing.B) {
	tree := family(rand.New(rand.NewPCG(1, 1)), 30, 0.2, 1200, 30)
	b.ReportAllocs()
	for b.Loop() {
		tree.Strength = tree.Strengths(2)
		tree.Estimate(func(_ int, p Posterior) {
			for _, m := range p.Mean {
				Interval(m, p.N)
			}
		})
	}
	b.ReportMetric(float64(b.N*4*len(tree.Nodes))/b.Elapsed().Seconds(), "rows/s")
}
