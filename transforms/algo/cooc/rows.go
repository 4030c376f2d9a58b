package cooc

import (
	"math"
	"slices"
	"sync"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/topk"
)

// Rows computes rows of scores one by one. Not safe for concurrent use: it keeps the sums of the row at hand.
type Rows struct {
	*memory
	m     Model
	cols  csr.Matrix // columns × playlists, of the whole matrix
	songs []int32    // song of each column
	p     Params
	most  float32 // largest of Right: columns fall in playlists, so the last
}

// memory is what rows are computed in. Between rows the sums are 0, so it goes from one Rows to the next as it is.
type memory struct {
	sum     []uint32 // bits of the float32 sum of each column, so that a column seen first is told without a branch
	touched []int32  // columns with a sum; one more than there can be, since one is written ahead
	best    topk.Selection
}

var memories sync.Pool // of *memory

// NewRows returns rows of a model; cols and songs are those of the matrix it was cut from. It needs 8 bytes a column,
// which Close hands to the next.
func NewRows(m Model, cols csr.Matrix, songs []int32, p Params) *Rows {
	r := &Rows{m: m, cols: cols, songs: songs, p: p}
	n := len(m.Right)
	if r.memory, _ = memories.Get().(*memory); r.memory == nil || len(r.sum) < n {
		r.memory = &memory{sum: make([]uint32, n), touched: make([]int32, n+1)}
	}
	if n > 0 {
		r.most = m.Right[n-1]
	}
	return r
}

// Close ends the use of the rows and of the lists they returned.
func (r *Rows) Close() {
	memories.Put(r.memory)
	r.memory = nil
}

// List returns the best neighbours of a column as songs, best first; none for a column outside the vocabulary.
// They are valid until the next call. Cost: Σ over its playlists of their songs.
func (r *Rows) List(col int) []topk.Entry {
	if col >= len(r.m.Right) {
		return nil
	}
	n := r.add(int32(col))
	r.sum[col] = 0
	left, right, most, songs := r.m.Left[col], r.m.Right, r.most, r.songs
	r.best.Reset(r.p.Depth)
	for _, j := range r.touched[:n] {
		c := math.Float32frombits(r.sum[j])
		r.sum[j] = 0
		c = float32(c * left)
		if c == 0 || float32(c*most) < r.best.Floor { // itself, or too little even for the rarest song: most spare right and songs
			continue
		}
		if score := float32(c * right[j]); score >= r.best.Floor {
			r.best.Offer(songs[j], score)
		}
	}
	if found := r.best.Sorted(); len(found) > 0 {
		return found
	}
	return nil
}

// add sums the playlists of a column in ascending order and returns how many columns it touched.
func (r *Rows) add(col int32) int {
	sum, touched, n := r.sum, r.touched, 0
	for _, p := range r.cols.Row(int(col)) {
		row := r.m.Rows.Row(int(p))
		if len(row) == r.p.Cap { // perhaps a sample, perhaps without the song
			if _, in := slices.BinarySearch(row, col); !in {
				continue
			}
		}
		w := r.m.Weight[p]
		for _, j := range row {
			s := sum[j]
			touched[n] = j
			next := n + 1
			if s != 0 {
				next = n
			}
			n = next
			sum[j] = math.Float32bits(math.Float32frombits(s) + w)
		}
	}
	return n
}
