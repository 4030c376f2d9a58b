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
	m       Matrix
	scope   Scope
	n       []float64
	counts  []int32
	touched []int32
	row     []ranking.Entry
	best    []ranking.Entry
	lists   map[int32][]ranking.Entry
	rows    map[int32][]ranking.Entry // of seeds that Keep named; nil = not asked for yet
	room    int                       // entries that more rows may have
}

// keepEntries bounds what a Scorer keeps of whole rows, 16 bytes each.
const keepEntries = 8 << 20

// NewScorer returns a scorer over m.
func NewScorer(m Matrix, s Scope) *Scorer {
	return &Scorer{m: m, scope: s, n: m.Popularity(s.Columns), counts: make([]int32, s.Columns), lists: map[int32][]ranking.Entry{}, rows: map[int32][]ranking.Entry{}, room: keepEntries}
}

// Keep says that Row will be asked for seed more than once; those that cost most come first. It changes no result.
func (s *Scorer) Keep(seed int32) {
	if _, ok := s.rows[seed]; ok {
		return
	}
	entries := 0
	for _, p := range s.m.ColItems[s.m.ColStart[seed]:s.m.ColStart[seed+1]] {
		entries += int(s.m.RowStart[p+1] - s.m.RowStart[p])
	}
	if most := min(entries, s.scope.Columns); most <= s.room {
		s.room -= most
		s.rows[seed] = nil
	}
}

// Row returns s(seed, j) of all j ≠ seed where it is above 0, in no particular order; the next call may overwrite it.
//
// Cost: the entries of all playlists with seed.
func (s *Scorer) Row(seed int32) []ranking.Entry {
	kept, again := s.rows[seed]
	if kept != nil {
		return kept
	}
	s.count(seed)
	if again {
		s.rows[seed] = slices.Clone(s.row)
	}
	return s.row
}

// count makes the row of a seed.
func (s *Scorer) count(seed int32) {
	s.touched = s.touched[:0]
	for _, p := range s.m.ColItems[s.m.ColStart[seed]:s.m.ColStart[seed+1]] {
		for _, c := range s.m.RowItems[s.m.RowStart[p]:s.m.RowStart[p+1]] {
			if int(c) >= s.scope.Columns {
				continue
			}
			if s.counts[c] == 0 {
				s.touched = append(s.touched, c)
			}
			s.counts[c]++
		}
	}
	s.row = s.row[:0]
	for _, c := range s.touched {
		if c != seed {
			s.row = append(s.row, ranking.Entry{Score: float64(s.counts[c]) / math.Sqrt(s.n[seed]*s.n[c]), ID: s.id(c), Column: c})
		}
		s.counts[c] = 0
	}
}

func (s *Scorer) id(c int32) int32 {
	if s.scope.IDs == nil {
		return c
	}
	return s.scope.IDs[c]
}

// Stored returns the Depth best of a row that Row returned for seed, best first. It is kept: callers must not change it.
func (s *Scorer) Stored(seed int32, row []ranking.Entry) []ranking.Entry {
	list, ok := s.lists[seed]
	if !ok {
		s.best = s.best[:0]
		for _, e := range row {
			if int(e.Column) < s.scope.Vocab {
				s.best = append(s.best, e)
			}
		}
		list = slices.Clone(ranking.Best(s.best, s.scope.Depth))
		s.lists[seed] = list
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
