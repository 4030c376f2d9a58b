package itemknn

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"sync"
	"testing"

	"segue/transforms/algo/ranking"
)

// dense is the obvious baseline: the whole S×S cosine matrix from a playlists × songs table of bools.
func dense(playlists [][]int32, songs int) [][]float64 {
	has := make([][]bool, len(playlists))
	n := make([]float64, songs)
	for p, row := range playlists {
		has[p] = make([]bool, songs)
		for _, s := range row {
			has[p][s] = true
			n[s]++
		}
	}
	out := make([][]float64, songs)
	for i := range songs {
		out[i] = make([]float64, songs)
		for j := range songs {
			var c float64
			for p := range playlists {
				if has[p][i] && has[p][j] {
					c++
				}
			}
			if i != j && c > 0 {
				out[i][j] = c / math.Sqrt(n[i]*n[j])
			}
		}
	}
	return out
}

// Scores equal the dense implementation, untruncated and stored, on random playlists.
func TestScorerEqualsDense(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 2))
		songs, depth := 30, 1+r.IntN(8)
		playlists := make([][]int32, 40)
		for p := range playlists {
			for _, s := range r.Perm(songs)[:2+r.IntN(9)] {
				playlists[p] = append(playlists[p], int32(s))
			}
		}
		want := dense(playlists, songs)
		vocab := songs - r.IntN(5)
		seeds := []int32{0, 3, 7, 3}
		all, stored := make([]float64, songs), make([]float64, vocab)
		s := NewScorer(NewMatrix(playlists, songs), Scope{Columns: songs, Vocab: vocab, Depth: depth})
		s.Keep(3)
		s.Add(seeds[:1])
		s.Add(seeds[1:])
		s.AddRare(seeds)
		copy(all, scoresOf(s))
		for _, i := range seeds {
			for _, e := range s.Stored(i) {
				stored[e.Column] += e.Score
			}
		}
		wantAll, wantStored := make([]float64, songs), make([]float64, vocab)
		for _, i := range seeds {
			order := make([]int, vocab)
			for j := range songs {
				if wantAll[j] += want[i][j]; j < vocab {
					order[j] = j
				}
			}
			sort.SliceStable(order, func(a, b int) bool { return want[i][order[a]] > want[i][order[b]] })
			for _, j := range order[:depth] {
				wantStored[j] += want[i][j]
			}
		}
		near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-14*b }
		if !slices.EqualFunc(all, wantAll, near) || !slices.Equal(stored, wantStored) {
			t.Fatalf("seed %d: scores differ from the dense ones", seed)
		}
	}
}

// The score of one column has the bits of its sum, whatever seeds were added before.
func TestScoreOfOneColumn(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 5))
		songs := 30
		playlists := make([][]int32, 60)
		for p := range playlists {
			for _, s := range r.Perm(songs)[:2+r.IntN(9)] {
				playlists[p] = append(playlists[p], int32(s))
			}
		}
		s := NewScorer(NewMatrix(playlists, songs), Scope{Columns: songs, Vocab: 20, Depth: 3})
		for range 3 {
			var seeds []int32
			for _, c := range r.Perm(songs)[:1+r.IntN(8)] {
				seeds = append(seeds, int32(c))
			}
			s.Begin()
			s.Add(seeds)
			s.AddRare(seeds)
			for c, want := range scoresOf(s) {
				if got := s.Score(int32(c), seeds); got != want {
					t.Fatalf("seed %d, column %d: score %v, its sum %v", seed, c, got, want)
				}
			}
		}
	}
}

// Popularity is the number of playlists with each song: 2, 1, 1 here.
func TestPopularityByHand(t *testing.T) {
	m := NewMatrix([][]int32{{0, 1}, {2, 0}}, 3)
	if got := m.Popularity(3); !slices.Equal(got, []float64{2, 1, 1}) {
		t.Errorf("popularity %v", got)
	}
	if !slices.Equal(m.ColItems, []int32{0, 1, 0, 1}) {
		t.Errorf("rows by column %v", m.ColItems)
	}
}

// Scorers that share a cache return what one that shares nothing does, whoever comes first.
func TestCacheChangesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	playlists := make([][]int32, 60, 1000)
	for p := range playlists {
		for _, s := range r.Perm(40)[:2+r.IntN(9)] {
			playlists[p] = append(playlists[p], int32(s))
		}
	}
	for i := range int32(escape + 10) { // counts of a byte, of one more, and far more
		playlists = append(playlists, []int32{0, 1 + i/escape, 5})
	}
	m, scope := NewMatrix(playlists, 40), Scope{Columns: 40, Vocab: 35, Depth: 5}
	shared := NewCache(m, scope)
	for s := range int32(20) {
		shared.Keep(s)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			one, alone := shared.Scorer(), NewScorer(m, scope)
			for seed := range int32(40) {
				if !slices.Equal(rowOf(one, seed), rowOf(alone, seed)) || !slices.Equal(one.Stored(seed), alone.Stored(seed)) {
					t.Errorf("seed %d: the cache gives other entries", seed)
				}
			}
		})
	}
	wg.Wait()
}

// scoresOf returns the scores of the seeds that were added, by column.
func scoresOf(s *Scorer) []float64 {
	sums, scale := s.Sums()
	out := make([]float64, len(sums))
	for c, x := range sums {
		out[c] = x * scale[c]
	}
	return out
}

// rowOf returns the row of a seed by column.
func rowOf(s *Scorer, seed int32) (row []ranking.Entry) {
	s.Begin()
	s.Add([]int32{seed})
	s.AddRare([]int32{seed})
	for c, x := range scoresOf(s) {
		if x > 0 {
			row = append(row, ranking.Entry{Score: x, ID: int32(c), Column: int32(c)})
		}
	}
	return row
}

// Rows of many blocks, and columns with more playlists than a byte holds, score as the formula says, and the best of
// them are those of the whole row.
func TestLongRows(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	const songs = 2*blockColumns + 103
	playlists := make([][]int32, 4*escape)
	for p := range playlists {
		playlists[p] = []int32{0, 1, 2}
		for c := int32(3); c < songs; c++ {
			if r.IntN(20) == 0 {
				playlists[p] = append(playlists[p], c)
			}
		}
	}
	m := NewMatrix(playlists, songs)
	s := NewScorer(m, Scope{Columns: songs, Vocab: songs - 50, Depth: 70})
	for _, seed := range []int32{0, 2, songs - 1} {
		together := make([]float64, songs)
		for _, p := range m.ColItems[m.ColStart[seed]:m.ColStart[seed+1]] {
			for _, c := range m.RowItems[m.RowStart[p]:m.RowStart[p+1]] {
				together[c]++
			}
		}
		row := rowOf(s, seed)
		for i, e := range row {
			want := together[e.Column] / math.Sqrt(float64(m.N(seed))*float64(m.N(e.Column)))
			if math.Abs(e.Score-want) > 1e-15 || e.Column == seed {
				t.Fatalf("seed %d, column %d: score %v, want %v", seed, e.Column, e.Score, want)
			}
			row[i].Score = want
		}
		row = slices.DeleteFunc(row, func(e ranking.Entry) bool { return e.Column >= songs-50 })
		if got, want := s.Stored(seed), ranking.Best(row, 70); !slices.Equal(got, want) {
			t.Errorf("seed %d: the best are %v, want %v", seed, got[:3], want[:3])
		}
	}
}
