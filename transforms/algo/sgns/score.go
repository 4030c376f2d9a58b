package sgns

import (
	"math"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/vec"
)

// sharpness is how fast a score falls with the cosine. By cosine alone, lists of small radio sets fill with rare songs; by the plain
// product of vectors, those of large catalogues fill with popular ones.
const sharpness = 6

// Roles returns what an inner-product search compares to rank songs by cos(v_i, o_j) + g/6·ln n_j: queries (v_i, 1) and base rows
// (o_j, g/6·ln n_j), both [songs×(dim+1)]. in and out are of length 1, or zero for songs without a vector, which stay zero; n counts playlists.
func Roles(in, out []float32, n []int32, g float64) (queries, base []float32) {
	songs := len(n)
	if songs == 0 {
		return nil, nil
	}
	dim := len(in) / songs
	queries, base = make([]float32, songs*(dim+1)), make([]float32, songs*(dim+1))
	vec.Each(vec.Blocks(songs), func(b int) {
		lo, hi := vec.Block(b, songs)
		for i := lo; i < hi; i++ {
			at := i * (dim + 1)
			role(queries[at:at+dim+1], in[i*dim:(i+1)*dim], 1)
			role(base[at:at+dim+1], out[i*dim:(i+1)*dim], float32(g/sharpness*math.Log(float64(max(n[i], 1)))))
		}
	})
	return queries, base
}

func role(row, vector []float32, last float32) {
	if copy(row, vector); vec.SquaredNorm(vector) > 0 {
		row[len(vector)] = last
	}
}

// Score returns the score of a product of two roles: exp(6·cos)·n^g, which is never negative and adds up over seeds.
func Score(product float32) float32 { return float32(math.Exp(sharpness * float64(product))) }

// Fold returns in vectors of songs [lo, hi) that are too rare to be trained, [hi-lo×m.Dim], not of length 1: the mean over their playlists of L^-½ times
// the sum of the trained songs' vectors, of length 1 each, L of them. Such songs can be asked for; as ones to be found they have no vector:
// means lie nearer to everything than trained vectors do, and would be found everywhere.
// rows and cols are the playlists by song and the songs by playlist; fit songs are trained.
func (m *Model) Fold(rows, cols csr.Matrix, lo, hi int) []float32 {
	d, fit := m.Dim, len(m.In)/m.Dim
	out := make([]float32, (hi-lo)*d)
	vec.Each(vec.Blocks(hi-lo), func(b int) {
		from, to := vec.Block(b, hi-lo)
		for i := from; i < to; i++ {
			sum := out[i*d : (i+1)*d]
			for _, p := range cols.Row(lo + i) {
				if int(p) >= rows.Rows() {
					break
				}
				m.addPlaylist(sum, rows.Prefix(int(p), int32(fit)))
			}
		}
	})
	return out
}

// addPlaylist adds the vectors of trained songs, of length 1, over the root of their number.
func (m *Model) addPlaylist(sum []float32, songs []int32) {
	for _, j := range songs {
		v := m.In[int(j)*m.Dim : (int(j)+1)*m.Dim]
		if norm := math.Sqrt(vec.SquaredNorm(v) * float64(len(songs))); norm > 0 {
			vec.Axpy(float32(1/norm), v, sum)
		}
	}
}
