// Package itemknn scores songs by co-occurrence cosine with the seeds of a playlist: the baseline of every comparison.
//
//	s(i,j) = C_ij / √(n_i n_j),  C_ij = training playlists with both,  n_i = training playlists with i
//
// Source: Sarwar et al. 2001, "Item-based collaborative filtering recommendation algorithms", on a 0/1 matrix.
package itemknn

import (
	"math"
	"slices"

	"segue/transforms/algo/ranking"
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

// Scorer yields the neighbours of one seed after another. Not safe for concurrent use.
type Scorer struct {
	*Cache
	counts  []int32
	touched []int32
	part    []int32
	row     []ranking.Entry
	best    []ranking.Entry
}

// NewScorer returns a scorer over m that shares nothing.
func NewScorer(m Matrix, s Scope) *Scorer { return NewCache(m, s).Scorer() }

// Row returns s(seed, j) of all j ≠ seed where it is above 0, in no particular order; the next call may overwrite it.
//
// Cost: the entries of all playlists with seed; of a row that is kept, the columns.
func (s *Scorer) Row(seed int32) []ranking.Entry {
	touched := s.count(seed)
	s.row = slices.Grow(s.row[:0], len(touched))
	n, counts, mine := s.n, s.counts, s.n[seed]
	for _, c := range touched {
		if c != seed {
			s.row = append(s.row, ranking.Entry{Score: float64(counts[c]) / math.Sqrt(mine*n[c]), ID: s.ids[c], Column: c})
		}
		counts[c] = 0
	}
	return s.row
}

// denseShare is one in how many columns the entries of a seed's playlists need to be for their counts to be looked for in all.
const denseShare = 4

// count counts the playlists that each column shares with a seed and returns the columns that share any.
func (s *Scorer) count(seed int32) []int32 {
	kept, again := s.kept(seed)
	if kept != nil {
		return s.touched[:kept.fill(s.counts, s.touched)]
	}
	playlists := s.Matrix.ColItems[s.Matrix.ColStart[seed]:s.Matrix.ColStart[seed+1]]
	entries := 0
	for _, p := range playlists {
		entries += int(s.Matrix.RowStart[p+1] - s.Matrix.RowStart[p])
	}
	if !again && entries < s.Scope.Columns/denseShare {
		return s.countSome(playlists)
	}
	touched := s.countAll(playlists)
	if again {
		s.keep(seed, newTally(s.counts))
	}
	return touched
}

// countSome counts the columns of playlists and returns those that occur, in the order they do.
func (s *Scorer) countSome(playlists []int32) []int32 {
	n := 0
	for _, p := range playlists {
		for _, c := range s.playlist(p) {
			k := s.counts[c]
			s.touched[n] = c
			n += int(uint32(k-1) >> 31) // 1 if k is 0, without a branch that half the time is guessed wrong
			s.counts[c] = k + 1
		}
	}
	return s.touched[:n]
}

// countAll is countSome where most columns occur: they are found by their counts, ascending.
func (s *Scorer) countAll(playlists []int32) []int32 {
	counts := s.counts
	for _, p := range playlists {
		for _, c := range s.playlist(p) {
			counts[c]++
		}
	}
	n, touched := 0, s.touched
	for c, k := range counts {
		touched[n] = int32(c)
		n += int(uint32(-k) >> 31) // 1 if k is above 0
	}
	return touched[:n]
}

// playlist returns the columns of a playlist that are looked at.
func (s *Scorer) playlist(p int32) []int32 {
	row := s.Matrix.RowItems[s.Matrix.RowStart[p]:s.Matrix.RowStart[p+1]]
	if s.whole {
		return row
	}
	s.part = s.part[:0]
	for _, c := range row {
		if int(c) < s.Scope.Columns {
			s.part = append(s.part, c)
		}
	}
	return s.part
}

// Stored returns the Depth best of a row that Row returned for seed, best first. It is kept: callers must not change it.
func (s *Scorer) Stored(seed int32, row []ranking.Entry) []ranking.Entry {
	list, ok := s.list(seed)
	if !ok {
		s.best = s.best[:0]
		for _, e := range row {
			if int(e.Column) < s.Scope.Vocab {
				s.best = append(s.best, e)
			}
		}
		list = s.keepList(seed, slices.Clone(ranking.Best(s.best, s.Scope.Depth)))
	}
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
