package embed

import (
	"math"
	"slices"

	"segue/transforms/algo/align"
	"segue/transforms/algo/svd"
	"segue/transforms/algo/vec"
	"segue/transforms/io/work"
)

// health is what the night tells of its space, in millionths.
type health struct {
	Aligned, AlignedLow int64 // cosine of common songs to last night: median and first percentile
	Unaligned           int64 // median if only signs had been set
	NormPopularity      int64 // correlation of log length and log playlists of fitted songs
	Dead                int64 // songs of a playlist without a vector (a count)
	Common              int64 // songs with a vector on both nights (a count)
}

// count adds the health to the counters of the stage.
func (h health) count(sc *work.Context) {
	sc.Count("embed/dead_songs", h.Dead)
	sc.Count("embed/norm_popularity_ppm", h.NormPopularity)
	if h.Common > 0 {
		sc.Count("embed/aligned_songs", h.Common)
		sc.Count("embed/cosine_ppm_median", h.Aligned)
		sc.Count("embed/cosine_ppm_p01", h.AlignedLow)
		sc.Count("embed/unaligned_cosine_ppm_median", h.Unaligned)
	}
}

// newHealth looks at the raw vectors of all columns; start holds the column pointers.
func newHealth(t turn, raw svd.Tall, r rawVectors, start []int64) health {
	if len(r.Parts) == 0 {
		return health{Dead: int64(len(start) - 1)}
	}
	h := health{Dead: dead(raw, len(start)-1), NormPopularity: ppm(normPopularity(raw, r.Fit, start))}
	if t.rotation == nil {
		return h
	}
	aligned, unaligned := t.cosines(raw, r.Fit)
	h.Common = int64(len(aligned))
	if h.Common > 0 {
		h.Aligned, h.AlignedLow, h.Unaligned = ppm(align.Quantile(aligned, .5)), ppm(align.Quantile(aligned, .01)), ppm(align.Quantile(unaligned, .5))
	}
	return h
}

// cosines returns, of every fitted column that last night had a vector for too, the cosine to it, turned and with signs only.
func (t turn) cosines(raw svd.Tall, fit int) (aligned, unaligned []float64) {
	both := make([][2][]float64, vec.Blocks(fit))
	vec.Each(len(both), func(b int) {
		lo, hi := vec.Block(b, fit)
		rows := make([]float32, 0, (hi-lo)*t.dim)
		for c := lo; c < hi; c++ {
			rows = append(rows, raw.Row(c)...)
		}
		signed := slices.Clone(rows)
		t.signs.Apply(signed)
		t.apply(rows)
		for i := range hi - lo {
			at := i * t.dim
			if c, ok := cosine(rows[at:at+t.dim], t.old(lo+i)); ok {
				u, _ := cosine(signed[at:at+t.dim], t.old(lo+i))
				both[b][0], both[b][1] = append(both[b][0], c), append(both[b][1], u)
			}
		}
	})
	for _, c := range both {
		aligned, unaligned = append(aligned, c[0]...), append(unaligned, c[1]...)
	}
	return aligned, unaligned
}

// cosine is not ok when one of the two has no length.
func cosine(x, y []float32) (float64, bool) {
	norm := math.Sqrt(vec.SquaredNorm(x) * vec.SquaredNorm(y))
	if !(norm > 0) {
		return 0, false
	}
	return float64(vec.Dot(x, y)) / norm, true
}

// normPopularity correlates the logarithms of length and playlists of the fitted columns that have a vector.
func normPopularity(raw svd.Tall, fit int, start []int64) float64 {
	var norms, counts []float64
	for c := range fit {
		if n := vec.SquaredNorm(raw.Row(c)); n > 0 {
			norms, counts = append(norms, math.Log(n)/2), append(counts, math.Log(float64(start[c+1]-start[c])))
		}
	}
	return align.Correlation(norms, counts)
}

func dead(raw svd.Tall, columns int) (n int64) {
	for c := range columns {
		if vec.SquaredNorm(raw.Row(c)) == 0 {
			n++
		}
	}
	return n
}
