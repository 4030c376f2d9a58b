package report

import (
	"context"
	"math/rand/v2"
	"slices"

	"segue/transforms/algo/knn"
	"segue/transforms/algo/vec"
)

const (
	layoutNear   = 10  // nearest songs that attract
	layoutRounds = 150 // passes over all pairs that attract
	layoutPush   = 5   // songs drawn at random that repel, a pair
	layoutClose  = 1.5 // pairs nearer than this do not attract, so that songs do not hide each other
	layoutSeed   = 1
)

// nearest returns, for each vector, the k others of largest cosine, ties by position; none of a vector of zeros.
func nearest(ctx context.Context, vectors [][]float32, k int) ([][]int, error) {
	p := knn.Problem{Dim: len(vectors[0])}
	for _, v := range vectors {
		p.Base = append(p.Base, v...)
		vec.Unit(p.Base[len(p.Base)-p.Dim:])
	}
	lists, err := knn.Search(ctx, p, knn.Params{K: k}, layoutSeed)
	out := make([][]int, len(lists))
	for i, list := range lists {
		for _, e := range list {
			out[i] = append(out[i], int(e.ID))
		}
	}
	return out, err
}

// layout moves points of the plane until near ones stand together: pairs of nearest attract each other, others repel.
//
// Source: McInnes, Healy, Melville (2018), "UMAP", §3.2, with a = b = 1, all pairs of weight 1, no pull between close ones, a fixed order and
// seed, and pushes of a pair added up before the song moves.
func layout(x, y []float64, near [][]int) {
	spread(x)
	spread(y)
	draw := rand.NewPCG(layoutSeed, 0)
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
				mx, my = pushed(x, y, i, draw)
				x[i], y[i] = x[i]+step*mx, y[i]+step*my
			}
		}
	}
}

// pushed returns where songs drawn at random push song i.
func pushed(x, y []float64, i int, draw *rand.PCG) (mx, my float64) {
	for range layoutPush {
		o := draw.Uint64() >> 32 * uint64(len(x)) >> 32 // below len(x)
		dx, dy := x[i]-x[o], y[i]-y[o]
		far := dx*dx + dy*dy
		push := 2 / ((.001 + far) * (1 + far))
		mx, my = mx+held(push*dx), my+held(push*dy)
	}
	return mx, my
}

// held bounds one move; branches are foretold, so that pushes overlap.
func held(v float64) float64 {
	switch {
	case v > 4:
		return 4
	case v < -4:
		return -4
	}
	return v
}

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
