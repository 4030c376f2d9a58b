package blend

import (
	"math/rand/v2"
	"testing"
)

// The weight that was set stays where no other is surely better; else the nearest to it that is as good as the best is taken.
func TestChoose(t *testing.T) {
	const seed, cases = 7, 400
	weights := []float64{.5, .1, .7, .9, 1}
	for name, c := range map[string]struct {
		gains []float64 // over the first, of each weight
		want  int
	}{
		"flat":          {[]float64{0, 0, 0, 0, 0}, 0},
		"small gain":    {[]float64{0, 0, .001, .002, .002}, 0},
		"one is best":   {[]float64{0, -.1, .02, .1, .02}, 3},
		"two are alike": {[]float64{0, -.1, .1, .1, .02}, 2},
		"lower":         {[]float64{0, .1, 0, 0, 0}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			values := make([][]float64, len(weights))
			for range cases {
				base := r.Float64()
				for w, gain := range c.gains {
					values[w] = append(values[w], base+gain+.01*r.NormFloat64())
				}
			}
			if got := Choose(weights, values, .01); got != c.want {
				t.Errorf("seed %d: chose %v, want %v", seed, weights[got], weights[c.want])
			}
		})
	}
	if got := Choose(weights[:2], [][]float64{{.1}, {.9}}, .01); got != 0 {
		t.Errorf("one case moved the weight to %v", weights[got])
	}
}
