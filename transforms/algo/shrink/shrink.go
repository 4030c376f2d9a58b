// Package shrink estimates shares of classes in cells of a tree by empirical Bayes: a cell says as much as its listeners
// support, its parent says the rest.
//
//	shrink.go    Node, Tree, Estimate: posterior shares from the root down
//	strength.go  Strengths: how much cells of a level differ from their parents
//	interval.go  Interval: quantiles of the beta marginals
//	smooth.go    Smooth: neighbouring hours, circular
//	withhold.go  Withhold: which counts to keep back
//
// Model. The shares θ_i of cell i are Dirichlet(κ·m), m the shares of its parent, κ the strength of the cell's level; what
// is observed is worth n_i multinomial draws with observed shares p_i, n_i being the effective number of listeners.
// The posterior is Dirichlet(κ'·m + n_i·p_i), its mean (κ'·m + n_i·p_i)/(κ' + n_i).
//
// κ' < κ because m is itself an estimate of N draws: 1/(κ'+1) = 1/(κ+1) + 1/(N+1), which adds the variances of both steps
// (m(1−m)/(κ+1) is that of a Dirichlet of strength κ). A child whose cell is hardly more than its parent is therefore
// never surer than the parent.
//
// n_i counts a listener as one draw however much he plays: the largest variance his plays can have. Where plays of one
// listener vary among themselves the intervals are wider than nominal, never narrower.
package shrink

import "slices"

// Node is one cell. Classes are the numbers 0 … classes−1; those not listed have weight 0.
type Node struct {
	Parent    int32 // index of the parent, -1 = root; parents come before or after, in any order
	Level     int32 // levels share a strength
	Listeners int64
	N         float64   // effective number of listeners
	Class     []int32   // ascending, each once
	Weight    []float64 // of each class, ≥ 0
	Half      []float64 // the part of Weight by the first half of listeners
}

// Posterior is what is known of one cell; the slice is only valid during the visit.
type Posterior struct {
	Mean    []float64 // share of every class, sums to 1
	N       float64   // strength of the posterior Dirichlet
	Carrier int32     // the node whose observations carry the estimate: itself, else the closest ancestor with support
}

// Tree is a forest of nodes with their levels' strengths.
type Tree struct {
	Nodes        []Node
	Classes      int
	Strength     []float64 // by level, from Strengths
	MinListeners int64     // below, the parent's estimate stands
}

// Estimate calls visit for every node, parents before children, siblings by index.
//
// A root shrinks towards equal shares with strength 1 (Perks' prior) and stands without support for want of anything
// better. Cost: nodes × classes.
func (t *Tree) Estimate(visit func(node int, p Posterior)) {
	children := make([][]int32, len(t.Nodes))
	root := Posterior{Mean: make([]float64, t.Classes), N: 0, Carrier: -1}
	for i := range root.Mean {
		root.Mean[i] = 1 / float64(t.Classes)
	}
	for i, n := range t.Nodes {
		if n.Parent >= 0 {
			children[n.Parent] = append(children[n.Parent], int32(i))
		}
	}
	w := walk{t, children, visit}
	for i, n := range t.Nodes {
		if n.Parent < 0 {
			w.down(int32(i), root, 1)
		}
	}
}

type walk struct {
	t        *Tree
	children [][]int32
	visit    func(int, Posterior)
}

// down estimates node i under prior with strength kappa of its own, then its children.
func (w walk) down(i int32, prior Posterior, kappa float64) {
	n := &w.t.Nodes[i]
	p := Posterior{Mean: slices.Clone(prior.Mean), N: kappa, Carrier: prior.Carrier}
	if total := sum(n.Weight); n.N > 0 && total > 0 && (n.Parent < 0 || n.Listeners >= w.t.MinListeners) {
		p.N, p.Carrier = kappa+n.N, i
		for k := range p.Mean {
			p.Mean[k] *= kappa / p.N
		}
		for j, k := range n.Class {
			p.Mean[k] += n.N / p.N * (n.Weight[j] / total)
		}
	}
	w.visit(int(i), p)
	for _, c := range w.children[i] {
		w.down(c, p, Uncertain(w.t.Strength[w.t.Nodes[c].Level], p.N))
	}
}

// Uncertain returns the strength left of a prior of strength kappa around a mean that is itself worth n draws.
func Uncertain(kappa, n float64) float64 {
	return 1/(1/(kappa+1)+1/(n+1)) - 1
}

func sum(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s
}
