package cooc

import (
	"math"
	"math/bits"
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
}

// memory is what rows are computed in. Between rows the sums are 0, so it goes from one Rows to the next as it is.
type memory struct {
	cells   []cell
	touched []int32 // columns with a sum; one more than there can be, since one is written ahead
	found   [chunk]scored
	best    topk.Selection
}

// cell is what is added up of a column, beside what the sum is multiplied with: one access to memory brings both.
type cell struct {
	sum   uint32 // bits of a float32, so that a column seen first is told without a branch
	right float32
}

// scored is a column and the bits of its score.
type scored struct {
	score  uint32
	column int32
}

// chunk is how many columns are scored before the best of them are looked for.
const chunk = 512

var memories sync.Pool // of *memory

// NewRows returns rows of a model; cols and songs are those of the matrix it was cut from. It needs 12 bytes a column,
// which Close hands to the next.
func NewRows(m Model, cols csr.Matrix, songs []int32, p Params) *Rows {
	r := &Rows{m: m, cols: cols, songs: songs, p: p}
	n := len(m.Right)
	if r.memory, _ = memories.Get().(*memory); r.memory == nil || len(r.cells) < n {
		r.memory = &memory{cells: make([]cell, n), touched: make([]int32, n+1)}
	}
	for j, right := range m.Right {
		r.cells[j].right = right
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
	touched := r.touched[:r.add(int32(col))]
	r.cells[col].sum = 0
	r.best.Reset(r.p.Depth)
	for some := range slices.Chunk(touched, chunk) {
		r.offer(some, r.m.Left[col])
	}
	if found := r.best.Sorted(); len(found) > 0 {
		return found
	}
	return nil
}

// offer scores some columns, whose sums it takes, and offers those that may be among the best: scores are at least 0, and so ordered as their
// bits are; which pass is counted, not branched on, for it is as good as random. A score of 0 is the column itself.
func (r *Rows) offer(columns []int32, left float32) {
	cells, found, n := r.cells, &r.found, 0
	floor := max(math.Float32bits(r.best.Floor), 1)
	for _, j := range columns {
		c := &cells[j]
		score := math.Float32bits(float32(float32(math.Float32frombits(c.sum)*left) * c.right))
		c.sum = 0
		found[n%chunk] = scored{score, j}
		_, below := bits.Sub32(score, floor, 0)
		n += int(1 - below)
	}
	for _, f := range found[:n] {
		if score := math.Float32frombits(f.score); score >= r.best.Floor {
			r.best.Offer(r.songs[f.column], score)
		}
	}
}

// add sums the playlists of a column in ascending order and returns how many columns it touched.
func (r *Rows) add(col int32) int {
	cells, touched, n := r.cells, r.touched, 0
	playlists := r.cols.Row(int(col))
	for i, p := range playlists {
		r.m.Rows.FetchAfter(playlists, i)
		row := r.m.Rows.Row(int(p))
		if len(row) == r.p.Cap { // perhaps a sample, perhaps without the song
			if _, in := slices.BinarySearch(row, col); !in {
				continue
			}
		}
		w := r.m.Weight[p]
		for _, j := range row {
			c := &cells[j]
			s := c.sum
			touched[n] = j
			next := n + 1
			if s != 0 {
				next = n
			}
			n = next
			c.sum = math.Float32bits(math.Float32frombits(s) + w)
		}
	}
	return n
}
