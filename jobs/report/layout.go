package report

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

const (
	layoutNear   = 10  // nearest songs that attract
	layoutRounds = 150 // passes over all pairs that attract
	layoutPush   = 5   // songs drawn at random that repel, a pair
	layoutClose  = 1.5 // pairs nearer than this do not attract, so that songs do not hide each other
	layoutSeed   = 1
)

// nearest returns, for each vector, the k others of largest cosine, ties by position. Cost: n²·d; for some thousand vectors.
func nearest(vectors [][]float64, k int) [][]int {
	unit := make([][]float64, len(vectors))
	for i, v := range vectors {
		length := math.Sqrt(dot(v, v))
		unit[i] = make([]float64, len(v))
		for j := range v {
			if length > 0 {
				unit[i][j] = v[j] / length
			}
		}
	}
	out := make([][]int, len(unit))
	scores, others := make([]float64, len(unit)), make([]int, 0, len(unit))
	for i := range unit {
		others = others[:0]
		for j := range unit {
			if j != i {
				scores[j] = dot(unit[i], unit[j])
				others = append(others, j)
			}
		}
		slices.SortFunc(others, func(a, b int) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
		out[i] = slices.Clone(others[:min(k, len(others))])
	}
	return out
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// layout moves points of the plane until near ones stand together: pairs of nearest attract each other, others repel.
//
// Source: McInnes, Healy, Melville (2018), "UMAP", §3.2, with a = b = 1, all pairs of weight 1, no pull between close ones, and a fixed order and seed.
func layout(x, y []float64, near [][]int) {
	spread(x)
	spread(y)
	r := rand.New(rand.NewPCG(layoutSeed, 0))
	for round := range layoutRounds {
		step := 1 - float64(round)/layoutRounds
		for i, others := range near {
			for _, j := range others {
				dx, dy := x[i]-x[j], y[i]-y[j]
				pull := -2 / (1 + dx*dx + dy*dy)
				if dx*dx+dy*dy < layoutClose*layoutClose {
					pull = 0
				}
				mx, my := step*held(pull*dx), step*held(pull*dy)
				x[i], y[i], x[j], y[j] = x[i]+mx, y[i]+my, x[j]-mx, y[j]-my
				for range layoutPush {
					o := r.IntN(len(x))
					dx, dy := x[i]-x[o], y[i]-y[o]
					far := dx*dx + dy*dy
					push := 2 / ((.001 + far) * (1 + far))
					x[i], y[i] = x[i]+step*held(push*dx), y[i]+step*held(push*dy)
				}
			}
		}
	}
}

// held bounds one move.
func held(v float64) float64 { return min(max(v, -4), 4) }

// spread scales values to a range of 10 around 0.
func spread(v []float64) {
	low, high := slices.Min(v), slices.Max(v)
	if high == low {
		return
	}
	for i := range v {
		v[i] = 10*(v[i]-low)/(high-low) - 5
	}
}

// agreement is how often the nearest songs of a genre are of the same one.
type agreement struct {
	near, chance float64 // share of the nearest of known genre; share of the genre among all songs of known genre
}

// agreements returns the agreement of each genre; songs of no genre do not count.
func agreements(genres []string, near [][]int) map[string]agreement {
	songs, known := map[string]float64{}, 0.0
	same, compared := map[string]float64{}, map[string]float64{}
	for i, g := range genres {
		if g == "" {
			continue
		}
		songs[g]++
		known++
		for _, j := range near[i] {
			if genres[j] != "" {
				compared[g]++
			}
			if genres[j] == g {
				same[g]++
			}
		}
	}
	out := map[string]agreement{}
	for g, n := range songs {
		if compared[g] > 0 {
			out[g] = agreement{same[g] / compared[g], n / known}
		}
	}
	return out
}
