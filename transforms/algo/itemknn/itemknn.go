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

// Scorer yields the neighbours of one seed after another. Not safe for concurrent use.
type Scorer struct {
	*Cache
	counts  []int32
	touched []int32
	some    []int32 // of playlist
	part    [partColumns]ranking.Entry
	best    []ranking.Entry // of the row: the Depth best are among them
	bound   float64         // what others are below
	roots   [rareN]float64  // of the seed: √(n_i n_j) by n_j
}

const (
	partColumns = 1024 // of a row are looked at together: they stay in the processor's cache
	rareN       = 512  // playlists from which on the root of a column is taken for it alone; most have fewer
)

// NewScorer returns a scorer over m that shares nothing.
func NewScorer(m Matrix, s Scope) *Scorer { return NewCache(m, s).Scorer() }

// Row calls use for s(seed, j) of all j ≠ seed where it is above 0, part by part in no particular order; use must not change
// or keep a part.
//
// Cost: the entries of all playlists with seed; of a row that is kept, the columns.
func (s *Scorer) Row(seed int32, use func(part []ranking.Entry)) {
	touched := s.count(seed)
	mine := float64(s.of[seed].n)
	for n := range s.roots {
		s.roots[n] = math.Sqrt(mine * float64(n))
	}
	_, known := s.list(seed)
	s.best, s.bound = s.best[:0], 0
	for len(touched) > 0 {
		n := min(len(touched), partColumns)
		part := s.score(seed, touched[:n])
		if use(part); !known {
			s.pick(part)
		}
		touched = touched[n:]
	}
	if !known {
		s.keepList(seed, slices.Clone(ranking.Best(s.best, s.Scope.Depth)))
	}
}

// score returns the scores of columns with counts, less the seed, and sets their counts to 0.
func (s *Scorer) score(seed int32, columns []int32) []ranking.Entry {
	n, counts, mine := 0, s.counts, float64(s.of[seed].n)
	for _, c := range columns {
		of, k := s.of[c], counts[c]
		counts[c] = 0
		if c == seed {
			continue
		}
		root := s.roots[min(of.n, rareN-1)]
		if of.n >= rareN {
			root = math.Sqrt(mine * float64(of.n))
		}
		e := &s.part[n]
		e.Score, e.ID, e.Column = float64(k)/root, of.id, c
		n++
	}
	return s.part[:n]
}

// pick keeps what may be among the Depth best of the vocabulary.
func (s *Scorer) pick(part []ranking.Entry) {
	for _, e := range part {
		if e.Score >= s.bound && int(e.Column) < s.Scope.Vocab {
			s.best = append(s.best, e)
		}
	}
	if len(s.best) > 2*s.Scope.Depth+partColumns {
		s.best = ranking.Best(s.best, s.Scope.Depth)
		s.bound = s.best[len(s.best)-1].Score
	}
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
	for i, p := range playlists {
		s.ahead(playlists, i)
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
	for i, p := range playlists {
		s.ahead(playlists, i)
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

// Playlists that are asked for before their turn: where they start, then their columns.
const (
	startsAhead = 8
	itemsAhead  = 4
)

// ahead asks for what is read after playlist i: they lie anywhere in memory.
func (s *Scorer) ahead(playlists []int32, i int) {
	if i+startsAhead < len(playlists) {
		simd.Fetch(s.Matrix.RowStart[playlists[i+startsAhead]:][:1])
	}
	if i+itemsAhead < len(playlists) {
		p := playlists[i+itemsAhead]
		simd.Fetch(s.Matrix.RowItems[s.Matrix.RowStart[p]:s.Matrix.RowStart[p+1]])
	}
}

// playlist returns the columns of a playlist that are looked at.
func (s *Scorer) playlist(p int32) []int32 {
	row := s.Matrix.RowItems[s.Matrix.RowStart[p]:s.Matrix.RowStart[p+1]]
	if s.whole {
		return row
	}
	s.some = s.some[:0]
	for _, c := range row {
		if int(c) < s.Scope.Columns {
			s.some = append(s.some, c)
		}
	}
	return s.some
}

// Stored returns the Depth best of the row of seed among the vocabulary, best first. It is kept: callers must not change it.
func (s *Scorer) Stored(seed int32) []ranking.Entry {
	if list, ok := s.list(seed); ok {
		return list
	}
	s.Row(seed, func([]ranking.Entry) {})
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
