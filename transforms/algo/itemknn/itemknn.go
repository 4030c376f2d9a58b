// Package itemknn scores songs by co-occurrence cosine with the seeds of a playlist: the baseline of every comparison.
//
//	s(i,j) = C_ij / √(n_i n_j),  C_ij = training playlists with both,  n_i = training playlists with i
//
// Source: Sarwar et al. 2001, "Item-based collaborative filtering recommendation algorithms", on a 0/1 matrix.
package itemknn

import (
	"cmp"
	"math"
	"slices"
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

// Neighbour is one song of a stored list.
type Neighbour struct {
	Column int32
	Score  float64
}

// Scorer scores cases over one matrix and keeps the rows it has seen. Not safe for concurrent use.
type Scorer struct {
	m      Matrix
	vocab  int
	ids    []int32
	counts []int32
	lists  map[int32][]Neighbour
	depth  int
}

// NewScorer returns a scorer over the first vocab columns of m whose stored lists hold depth songs; ids break ties, nil = columns.
func NewScorer(m Matrix, vocab, depth int, ids []int32) *Scorer {
	return &Scorer{m: m, vocab: vocab, ids: ids, counts: make([]int32, vocab), lists: map[int32][]Neighbour{}, depth: depth}
}

// Add adds s(seed, j) for all j ≠ seed to untruncated, and for the depth best j to stored. Both hold vocab scores.
//
// Cost: the entries of all playlists with seed.
func (s *Scorer) Add(seed int32, untruncated, stored []float64) {
	row := s.row(seed)
	for _, n := range row {
		untruncated[n.Column] += n.Score
	}
	list, ok := s.lists[seed]
	if !ok {
		list = s.truncate(row)
		s.lists[seed] = list
	}
	for _, n := range list {
		stored[n.Column] += n.Score
	}
}

// row returns all neighbours of a seed with a score above 0, by column.
func (s *Scorer) row(seed int32) []Neighbour {
	var touched []int32
	for _, p := range s.m.ColItems[s.m.ColStart[seed]:s.m.ColStart[seed+1]] {
		for _, c := range s.m.RowItems[s.m.RowStart[p]:s.m.RowStart[p+1]] {
			if int(c) >= s.vocab || c == seed {
				continue
			}
			if s.counts[c] == 0 {
				touched = append(touched, c)
			}
			s.counts[c]++
		}
	}
	slices.Sort(touched)
	row := make([]Neighbour, len(touched))
	for i, c := range touched {
		row[i] = Neighbour{c, float64(s.counts[c]) / math.Sqrt(float64(s.m.N(seed))*float64(s.m.N(c)))}
		s.counts[c] = 0
	}
	return row
}

func (s *Scorer) truncate(row []Neighbour) []Neighbour {
	best := slices.Clone(row)
	slices.SortFunc(best, func(a, b Neighbour) int {
		if c := cmp.Compare(b.Score, a.Score); c != 0 || s.ids == nil {
			return cmp.Or(c, cmp.Compare(a.Column, b.Column))
		}
		return cmp.Compare(s.ids[a.Column], s.ids[b.Column])
	})
	return slices.Clone(best[:min(s.depth, len(best))])
}

// Popularity returns n of the first vocab columns as scores.
func (m Matrix) Popularity(vocab int) []float64 {
	out := make([]float64, vocab)
	for c := range out {
		out[c] = float64(m.N(int32(c)))
	}
	return out
}
