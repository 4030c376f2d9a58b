package shrink

// Bounds of strengths: at the lower a parent hardly counts, at the upper a level adds nothing to its parents.
const (
	minStrength = 1
	maxStrength = 10_000
)

// Strengths returns the strength κ of every level, by moments of split halves.
//
// Listeners are halved by a hash, so the sampling errors of the halves a and b are independent, whatever listeners have in
// common with themselves between plays and between cells. Over sibling cells i of parent g with weight shares f_i,
//
//	Σ_i f_i · Σ_k (p^a_ik − p^a_gk)(p^b_ik − p^b_gk),   p^h_gk = Σ_i f_i p^h_ik
//
// therefore expects Σ_i f_i (1−f_i) · ρ · V_g: no noise to subtract, only the real variance ρ·V_g of the children of a
// Dirichlet of strength κ = 1/ρ − 1, where V_g = Σ_k m_gk (1−m_gk). ρ is the ratio of the sums over all g of a level, each
// weighed by its weight. Method of moments as in Mosimann (1962) and Weir & Cockerham (1984), with a split-half product in
// place of their within-cell term, which assumes independent draws.
//
// Cells below min listeners or without weight in one half take no part. A level without two siblings anywhere gets the
// upper bound. Cost: entries of nodes plus groups × classes.
func (t *Tree) Strengths(levels int) []float64 {
	groups := make([][]int32, len(t.Nodes))
	for i, n := range t.Nodes {
		if n.Parent >= 0 && n.Listeners >= t.MinListeners && n.halved() {
			groups[n.Parent] = append(groups[n.Parent], int32(i))
		}
	}
	signal, scale := make([]float64, levels), make([]float64, levels)
	m := newMoments(t.Classes)
	for _, siblings := range groups {
		for _, same := range t.byLevel(siblings) {
			if len(same) > 1 {
				s, v := m.group(t.Nodes, same)
				level := t.Nodes[same[0]].Level
				signal[level], scale[level] = signal[level]+s, scale[level]+v
			}
		}
	}
	out := make([]float64, levels)
	for l := range out {
		out[l] = maxStrength
		if scale[l] > 0 && signal[l] > 0 {
			out[l] = min(max(scale[l]/signal[l]-1, minStrength), maxStrength)
		}
	}
	return out
}

// byLevel parts siblings by level, levels in order of first appearance.
func (t *Tree) byLevel(siblings []int32) [][]int32 {
	var levels []int32
	var out [][]int32
	for _, i := range siblings {
		l, at := t.Nodes[i].Level, -1
		for j, known := range levels {
			if known == l {
				at = j
			}
		}
		if at < 0 {
			levels, out, at = append(levels, l), append(out, nil), len(out)
		}
		out[at] = append(out[at], i)
	}
	return out
}

// halved reports whether both halves have weight.
func (n *Node) halved() bool {
	half := sum(n.Half)
	return half > 0 && sum(n.Weight)-half > 0
}

// moments holds the means of one group, by class.
type moments struct{ all, a, b []float64 }

func newMoments(classes int) *moments {
	return &moments{make([]float64, classes), make([]float64, classes), make([]float64, classes)}
}

// group returns signal and scale of one set of siblings.
func (m *moments) group(nodes []Node, siblings []int32) (signal, scale float64) {
	clear(m.all)
	clear(m.a)
	clear(m.b)
	weight := 0.0
	for _, i := range siblings {
		weight += sum(nodes[i].Weight)
	}
	spread := 1.0 // Σ f (1−f)
	for _, i := range siblings {
		n := &nodes[i]
		total, half := sum(n.Weight), sum(n.Half)
		f := total / weight
		spread -= f * f
		for j, k := range n.Class {
			m.all[k] += f * n.Weight[j] / total
			m.a[k] += f * n.Half[j] / half
			m.b[k] += f * (n.Weight[j] - n.Half[j]) / (total - half)
		}
	}
	v, both := 1.0, 0.0
	for k := range m.all {
		v -= m.all[k] * m.all[k]
		both += m.a[k] * m.b[k]
	}
	// Σ_i f_i Σ_k (p^a_i − a)(p^b_i − b) = Σ_i f_i Σ_k p^a_i p^b_i − Σ_k a·b
	for _, i := range siblings {
		n := &nodes[i]
		total, half := sum(n.Weight), sum(n.Half)
		product := 0.0
		for j := range n.Class {
			product += n.Half[j] * (n.Weight[j] - n.Half[j])
		}
		signal += total / weight * product / (half * (total - half))
	}
	if v < 1e-9 {
		return 0, 0 // one class: nothing differs
	}
	return weight * (signal - both), weight * spread * v
}
