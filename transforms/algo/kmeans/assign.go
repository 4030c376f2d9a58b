package kmeans

import (
	"math"

	"segue/transforms/algo/vec"
)

// assignRows is how many rows are assigned at a time.
const assignRows = 256

// Nearest sets assign[i] to the centre of row i and returns the distance of each row to it: the nearest centre, or if
// spherical the one of largest inner product; ties go to the lower centre. There must be a centre; all numbers must be finite.
// Order: every row is computed alone. Cost: 2·n·K·dim flops; all cores.
func Nearest(rows []float32, dim int, centres []float32, spherical bool, assign []int32) []float32 {
	n, k := len(rows)/dim, len(centres)/dim
	half := make([]float32, k) // |c|²/2: the nearest centre has the largest x·c - |c|²/2
	if !spherical {
		for c := range half {
			half[c] = float32(vec.SquaredNorm(centres[c*dim:(c+1)*dim]) / 2)
		}
	}
	dist := make([]float32, n)
	vec.Each((n+assignRows-1)/assignRows, func(b int) {
		for i := b * assignRows; i < min((b+1)*assignRows, n); i++ {
			row := rows[i*dim : (i+1)*dim]
			best, score := 0, vec.Dot(row, centres[:dim])-half[0]
			for c := 1; c < k; c++ {
				if s := vec.Dot(row, centres[c*dim:(c+1)*dim]) - half[c]; s > score {
					best, score = c, s
				}
			}
			assign[i] = int32(best)
			dist[i] = float32(distance(row, centres[best*dim:], spherical))
		}
	})
	return dist
}

// distance returns |x - c|²; spherical, for a centre of length 1, 2·(|x| - x·c), which is the same for x of length 1.
func distance(x, c []float32, spherical bool) float64 {
	var square, dot, norm float64
	c = c[:len(x)]
	for k, v := range x {
		d := float64(v) - float64(c[k])
		square += float64(d * d)
		dot += float64(float64(v) * float64(c[k]))
		norm += float64(float64(v) * float64(v))
	}
	if spherical {
		return max(0, 2*(math.Sqrt(norm)-dot))
	}
	return square
}
