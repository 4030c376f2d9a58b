// Package itemknn scores songs by co-occurrence cosine with the seeds of a playlist: the baseline of every comparison.
//
//	s(i,j) = C_ij / √(n_i n_j),  C_ij = training playlists with both,  n_i = training playlists with i
//
// Source: Sarwar et al. 2001, "Item-based collaborative filtering recommendation algorithms", on a 0/1 matrix.
package itemknn

import (
	"math"
	"math/bits"
	"slices"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/ranking"
	"segue/transforms/algo/simd"
)

// Matrix is the 0/1 playlists × songs matrix in both directions, each song once a row.
type Matrix struct {
	RowStart []int64 // [P+1]
	RowItems []int32 // [E] columns
	ColStart []int64 // [V+1]
	ColItems []int32 // [E] rows
}

// NewMatrix returns the matrix of playlists, each holding every song once, over columns [0,songs).
func NewMatrix(playlists [][]int32, songs int) Matrix {
	m := Matrix{RowStart: make([]int64, 1, len(playlists)+1), ColStart: make([]int64, songs+1)}
	for _, p := range playlists {
		m.RowItems = append(m.RowItems, p...)
		m.RowStart = append(m.RowStart, int64(len(m.RowItems)))
		for _, c := range p {
			m.ColStart[c+1]++
		}
	}
	for c := range songs {
		m.ColStart[c+1] += m.ColStart[c]
	}
	next := slices.Clone(m.ColStart)
	m.ColItems = make([]int32, len(m.RowItems))
	for p, row := range playlists {
		for _, c := range row {
			m.ColItems[next[c]] = int32(p)
			next[c]++
		}
	}
	return m
}

// N returns the training playlists with column c.
func (m Matrix) N(c int32) int64 { return m.ColStart[c+1] - m.ColStart[c] }

// Scope says which columns a Scorer looks at.
type Scope struct {
	Columns int     // rows hold columns [0, Columns)
	Vocab   int     // stored lists hold columns [0, Vocab)
	Depth   int     // columns of a stored list
	IDs     []int32 // by column, breaks ties; nil = the column itself
}

// Scorer adds up the neighbours of seeds. Not safe for concurrent use.
type Scorer struct {
	*Cache
	rows  []*row // of the seeds at work
	marks [blockColumns / 64]uint64
	sums  []float64 // √n_j times the scores of the seeds since Begin
	wraps []int32   // of counts of a seed that a byte does not hold, by column up to the last that can have them
	rare  rare

	ranked *ranking.Sums
}

// row is the counts of a seed, and what its scores need.
type row struct {
	tally
	own     []uint8         // memory of low, where the row is of no Cache
	next    int             // of high
	n       int32           // n_i
	weight  float64         // 1/√n_i
	listing bool            // the list of the seed is not stored yet
	best    []ranking.Entry // the Depth best are among them
	bound   float64         // what others are below
}

// blockColumns get the scores of all seeds one after another: they stay in the processor's cache.
const blockColumns = 2048

// NewScorer returns a scorer over m that shares nothing.
func NewScorer(m Matrix, s Scope) *Scorer { return NewCache(m, s).Scorer() }

// Begin turns to another sum, of no seed yet.
func (s *Scorer) Begin() {
	clear(s.sums[:s.common])
	s.beginRare()
}

// Sums returns the sum of s(seed, j) over all seeds since Begin, by column, as sums that are to be multiplied with scale. Add changes them.
// Those of rare columns, outside the vocabulary, are 0 until AddRare.
func (s *Scorer) Sums() (sums, scale []float64) { return s.sums, s.roots }

// Ranked returns the same sums for ranking.
func (s *Scorer) Ranked() *ranking.Sums { return s.ranked }

// Add adds s(seed, j) of seeds to the sums of all columns but rare ones; a seed adds nothing to itself.
//
// Cost: the entries of all playlists with a seed, unless its row is kept; a byte a seed and common column; memory as much.
func (s *Scorer) Add(seeds []int32) {
	for len(s.rows) < len(seeds) {
		s.rows = append(s.rows, &row{})
	}
	rows := s.rows[:len(seeds)]
	for i, seed := range seeds {
		s.begin(rows[i], seed)
	}
	for from := 0; from < s.common; from += blockColumns {
		sums := s.sums[from:min(from+blockColumns, s.common)]
		for _, r := range rows {
			s.add(r, from, sums)
		}
	}
	for i, seed := range seeds {
		if rows[i].listing {
			s.keepList(seed, slices.Clone(ranking.Best(rows[i].best, s.Scope.Depth)))
		}
	}
}

// begin makes the row of a seed.
func (s *Scorer) begin(r *row, seed int32) {
	_, known := s.list(seed)
	r.n, r.next, r.weight, r.listing, r.best, r.bound = s.n[seed], 0, s.roots[seed], !known, r.best[:0], 0
	kept, again := s.kept(seed)
	switch {
	case kept != nil:
		r.tally = *kept
	case again:
		r.tally = tally{low: make([]uint8, s.common)}
		s.count(&r.tally, seed)
		s.keep(seed, r.tally)
	default:
		if r.own == nil {
			r.own = make([]uint8, s.common)
		}
		clear(r.own)
		r.tally = tally{low: r.own}
		s.count(&r.tally, seed)
	}
}

// add adds what a row gives to the columns from one on; a count of 0 changes no sum.
func (s *Scorer) add(r *row, from int, sums []float64) {
	low, least := r.low[from:][:len(sums)], s.least(r, from)
	simd.AddCounts(sums, low, r.weight)
	if least == escape && r.next == len(r.high) {
		return
	}
	marks := s.marks[:(len(low)+63)/64]
	simd.AtLeast(marks, low, least)
	for w, marked := range marks {
		for ; marked != 0; marked &= marked - 1 {
			c := 64*w + bits.TrailingZeros64(marked)
			shared := int32(low[c])
			if shared == escape {
				shared = r.high[r.next]
				r.next++
				sums[c] += float64(float64(shared) * r.weight)
			}
			s.pick(r, int32(from+c), shared)
		}
	}
}

// slack is more than rounding takes from a score.
const slack = 1 - 1e-9

// least returns a count, 1 to escape, below which no column of a block can be among the best of a row.
func (s *Scorer) least(r *row, from int) uint8 {
	if !r.listing {
		return escape
	}
	least := r.bound * math.Sqrt(float64(r.n)*float64(s.rarest[from/blockColumns])) * slack
	return uint8(min(max(math.Ceil(least), 1), escape))
}

// pick keeps a column that may be among the Depth best of the vocabulary.
func (s *Scorer) pick(r *row, c, shared int32) {
	if !r.listing || int(c) >= s.Scope.Vocab || float64(shared)*r.weight*s.roots[c] < r.bound*slack {
		return
	}
	x := float64(shared) / math.Sqrt(float64(r.n)*float64(s.n[c]))
	if x < r.bound {
		return
	}
	id := c
	if s.Scope.IDs != nil {
		id = s.Scope.IDs[c]
	}
	if r.best = append(r.best, ranking.Entry{Score: x, ID: id, Column: c}); len(r.best) > 3*s.Scope.Depth {
		r.best, r.bound = ranking.Keep(r.best, s.Scope.Depth)
	}
}

// count counts the playlists that each common column shares with a seed, not the seed itself, into a tally of zeros.
func (s *Scorer) count(t *tally, seed int32) {
	playlists := s.Matrix.ColItems[s.Matrix.ColStart[seed]:s.Matrix.ColStart[seed+1]]
	rows := csr.Matrix{Start: s.Matrix.RowStart, Items: s.Matrix.RowItems}
	low := t.low
	for i, p := range playlists {
		rows.FetchAfter(playlists, i)
		for _, c := range rows.Row(int(p)) {
			if int(c) >= len(low) {
				continue
			}
			k := low[c] + 1
			if low[c] = k; k == 0 {
				s.wraps[c]++
			}
		}
	}
	if int(seed) < len(low) {
		low[seed] = 0
	}
	if len(playlists) >= escape {
		s.wraps[seed] = 0
		t.escape(s.wraps)
	}
}

// Stored returns the Depth best of the row of seed among the vocabulary, best first. It is kept: callers must not change it. One
// whose seed was not added yet begins another sum.
func (s *Scorer) Stored(seed int32) []ranking.Entry {
	if list, ok := s.list(seed); ok {
		return list
	}
	s.Add([]int32{seed})
	s.Begin()
	list, _ := s.list(seed)
	return list
}

// Popularity returns n of the first vocab columns as scores.
func (m Matrix) Popularity(vocab int) []float64 {
	out := make([]float64, vocab)
	for c := range out {
		out[c] = float64(m.N(int32(c)))
	}
	return out
}
