package blend

import (
	"segue/transforms/algo/topk"
	"segue/transforms/algo/vec"
)

// BlockSongs fixes the blocks of songs that maxima are summed over, which are the work items.
const BlockSongs = 8192

// Blocks returns how many blocks n songs make.
func Blocks(n int) int { return (n + BlockSongs - 1) / BlockSongs }

// Block returns the songs [lo, hi) of block b of n songs.
func Block(b, n int) (lo, hi int) { return b * BlockSongs, min((b+1)*BlockSongs, n) }

// Maxima sums the largest scores of the lists of one block of songs.
type Maxima struct {
	Cooc, Emb           float64 // sums
	CoocSongs, EmbSongs float64 // songs with a list
}

// Add takes the lists of one song into account.
func (m *Maxima) Add(cooc, emb []topk.Entry) {
	if len(cooc) > 0 {
		m.Cooc += float64(cooc[0].Score)
		m.CoocSongs++
	}
	if len(emb) > 0 {
		m.Emb += float64(emb[0].Score)
		m.EmbSongs++
	}
}

// Join returns the sums of both: of one block, found in two ways.
func (m Maxima) Join(o Maxima) Maxima {
	return Maxima{m.Cooc + o.Cooc, m.Emb + o.Emb, m.CoocSongs + o.CoocSongs, m.EmbSongs + o.EmbSongs}
}

// Scale holds z1 and z2; 0 = no such list has a positive score, and its term is 0.
type Scale struct {
	Cooc float64 `json:"cooc"`
	Emb  float64 `json:"emb"`
}

// NewScale returns the means over the blocks of all songs, given in order.
func NewScale(blocks []Maxima) Scale {
	parts := make([][]float64, len(blocks))
	for i, b := range blocks {
		parts[i] = []float64{b.Cooc, b.CoocSongs, b.Emb, b.EmbSongs}
	}
	sum := vec.SumPairwise(parts)
	if sum == nil {
		return Scale{}
	}
	return Scale{mean(sum[0], sum[1]), mean(sum[2], sum[3])}
}

func mean(sum, n float64) float64 {
	if n == 0 || sum <= 0 {
		return 0
	}
	return sum / n
}

// score returns the blend of one neighbour, summed in float64 from left to right and rounded once.
func (z Scale) score(n Neighbour, p Params) float32 {
	var s float64
	if z.Cooc > 0 {
		s += float64(p.Lambda * float64(n.Cooc) / z.Cooc)
	}
	if z.Emb > 0 {
		s += float64((1 - p.Lambda) * float64(n.Emb) / z.Emb)
	}
	if n.SameArtist {
		s += p.ArtistBonus
	}
	return float32(s)
}
