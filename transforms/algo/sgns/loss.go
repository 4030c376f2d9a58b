package sgns

import (
	"math"

	"segue/transforms/algo/vec"
)

// lossEntries is how many entries Loss looks at.
const lossEntries = 100_000

// Loss returns the mean of -log σ(v_i·o_j) - Σ over negatives log σ(-v_i·o_n) over pairs of a sample of the playlists, each
// with its own negatives; (Negatives+1)·log 2 before training, 0 with no pair. The same input gives the same sample.
func Loss(m *Model, in Input, p Params) float64 {
	if len(in.Keys) < 2 {
		return 0
	}
	t := &training{Input: in, p: p, layout: newLayout(in.Keys, 1)}
	from := newNoise(positive(in.Counts), p.Exponent)
	w := walker{t: t, r: newRandom(in.Seed, 5)}
	logSigmoid := func(x float64) float64 { return min(x, 0) - math.Log1p(math.Exp(-math.Abs(x))) }
	logit := func(i, j int32) float64 {
		d := m.Dim
		return float64(vec.Dot(m.In[int(i)*d:int(i+1)*d], m.Out[int(j)*d:int(j+1)*d]))
	}
	var sum float64
	pairs, entries := 0, 0
	for _, playlist := range t.epochOrder(nil, p.Epochs) {
		n := w.load(playlist)
		if entries += n; entries > lossEntries && pairs > 0 {
			break
		}
		for i := range n {
			lo, hi := w.window(i)
			for q := lo; q <= hi; q++ {
				if q == i {
					continue
				}
				pairs++
				sum -= logSigmoid(logit(w.rows[q], w.rows[i]))
				for range p.Negatives {
					sum -= logSigmoid(-logit(w.rows[q], from.besides(&w.r, w.rows[i])))
				}
			}
		}
	}
	return sum / float64(max(pairs, 1))
}

func positive(counts []int32) []int32 {
	out := make([]int32, len(counts))
	for i, c := range counts {
		out[i] = max(c, 1)
	}
	return out
}
