package cooc

import (
	"slices"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/topk"
)

// Rows computes rows of scores one by one. Not safe for concurrent use: it keeps the sums of the row at hand.
type Rows struct {
	m       Model
	cols    csr.Matrix // columns × playlists, of the whole matrix
	songs   []int32    // song of each column
	p       Params
	sum     []float32
	touched []int32
	best    topk.List
}

// NewRows returns the rows of a model; cols and songs are those of the matrix it was cut from.
func NewRows(m Model, cols csr.Matrix, songs []int32, p Params) *Rows {
	return &Rows{m: m, cols: cols, songs: songs, p: p, sum: make([]float32, len(m.Right))}
}

// List returns the best neighbours of a column as songs, best first; none for a column outside the vocabulary.
// They are valid until the next call. Cost: Σ over its playlists of their songs.
func (r *Rows) List(col int) []topk.Entry {
	r.best.Reset(r.p.Depth)
	if col >= len(r.sum) {
		return nil
	}
	r.add(int32(col))
	left := r.m.Left[col]
	for _, j := range r.touched {
		if int(j) != col {
			r.best.Push(r.songs[j], float32(r.sum[j]*left)*r.m.Right[j])
		}
		r.sum[j] = 0
	}
	r.touched = r.touched[:0]
	return r.best.Sorted()
}

// add sums the playlists of a column.
func (r *Rows) add(col int32) {
	for _, p := range r.cols.Row(int(col)) {
		row := r.m.Rows.Row(int(p))
		if len(row) == r.p.Cap { // perhaps a sample, perhaps without the song
			if _, in := slices.BinarySearch(row, col); !in {
				continue
			}
		}
		w := r.m.Weight[p]
		for _, j := range row {
			if r.sum[j] == 0 {
				r.touched = append(r.touched, j)
			}
			r.sum[j] += w
		}
	}
}
