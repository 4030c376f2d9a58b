package scoring

import (
	"math"
	"slices"

	"segue/transforms/algo/blend"
	"segue/transforms/algo/simd"
)

// MaxSeeds is how many favourites explain a row.
const MaxSeeds = 3

// of returns the neighbours of a song and their scores.
func (l Lists) of(song int32) ([]int32, []float32) { return blend.Lists(l).Of(song) }

// listsAhead is how many lists before its turn a list is asked for.
const listsAhead = 2

// fetch asks for the lists of favourite k, and where those of the next are.
func (l Lists) fetch(favourites []Favourite, k int) {
	if k < len(favourites) {
		songs, scores := l.of(favourites[k].Song)
		simd.Fetch(songs)
		simd.Fetch(scores)
	}
	if k+1 < len(favourites) {
		simd.Fetch(blend.Lists(l).StartOf(favourites[k+1].Song))
	}
}

func (l Lists) any(favourites []Favourite) bool {
	for _, f := range favourites {
		if songs, _ := l.of(f.Song); len(songs) > 0 {
			return true
		}
	}
	return false
}

// Evidence adds Σ_f w_f·max(0, score(f→j)) to sum[j] for the neighbours j of the favourites, in the order given, and
// returns touched with the songs whose sum was 0 appended. Adding a favourite or weight never lowers a sum: rounding is
// monotone. A sum of -Inf stays.
func (l Lists) Evidence(favourites []Favourite, sum []float32, touched []int32) []int32 {
	for k := range listsAhead {
		l.fetch(favourites, k)
	}
	for k, f := range favourites {
		songs, scores := l.of(f.Song)
		l.fetch(favourites, k+listsAhead)
		n := len(touched)
		touched = slices.Grow(touched, len(songs))[:n+len(songs)]
		touched = touched[:n+simd.AddAt(sum, songs, scores, f.Weight, touched[n:])]
	}
	return touched
}

// norm returns √Σ w²: 1 for no favourites, so that it divides.
func norm(favourites []Favourite) float32 {
	var s float64
	for _, f := range favourites {
		s += float64(float64(f.Weight) * float64(f.Weight))
	}
	if s == 0 {
		return 1
	}
	return float32(math.Sqrt(s))
}

// effectiveN returns Kish's effective number of favourites, (Σ_f w_f)² / Σ_f w_f²: as many of one weight say as much.
func effectiveN(favourites []Favourite) float64 {
	var sum float64
	for _, f := range favourites {
		sum += float64(f.Weight)
	}
	sum /= float64(norm(favourites))
	return sum * sum
}

// Seed is a favourite that led to a song.
type Seed struct {
	Song       int32
	Share      float32 // of the row's evidence
	Similarity float32 // score of the song in the favourite's list
}

// explained is a song of some list, with the favourites that gave most evidence.
type explained struct {
	evidence float32
	n        int
	seeds    [MaxSeeds]Seed
}

// explain sets the seeds of the rows of all lists: the favourites that gave most evidence, ties by song. They are valid until
// the scratch is used again.
func (l Lists) explain(favourites []Favourite, s *Scratch, lists []List) {
	s.explained, s.listed = s.explained[:0], filter{}
	for i := range lists {
		for k := range lists[i].Rows {
			if r := &lists[i].Rows[k]; r.evidence > 0 && s.slot[r.Song] == 0 {
				s.explained = append(s.explained, explained{evidence: r.evidence})
				s.slot[r.Song] = int32(len(s.explained))
				s.listed.add(r.Song)
			}
		}
	}
	l.credit(favourites, s)
	for i := range lists {
		for k := range lists[i].Rows {
			if r := &lists[i].Rows[k]; r.evidence > 0 {
				x := &s.explained[s.slot[r.Song]-1]
				r.Seeds = x.seeds[:x.n:x.n]
			}
		}
	}
	for i := range lists {
		for k := range lists[i].Rows {
			s.slot[lists[i].Rows[k].Song] = 0
		}
	}
}

// credit offers every favourite as a seed to the listed songs among its neighbours.
func (l Lists) credit(favourites []Favourite, s *Scratch) {
	for _, f := range favourites {
		songs, scores := l.of(f.Song)
		for i, j := range songs {
			if !s.listed.has(j) {
				continue
			}
			at := s.slot[j]
			if at == 0 {
				continue
			}
			if e := float32(f.Weight * scores[i]); e > 0 {
				x := &s.explained[at-1]
				x.offer(Seed{f.Song, e / x.evidence, scores[i]})
			}
		}
	}
}

// offer takes a seed in by its share, ties by song.
func (x *explained) offer(f Seed) {
	at := x.n
	for ; at > 0 && (x.seeds[at-1].Share < f.Share || x.seeds[at-1].Share == f.Share && x.seeds[at-1].Song > f.Song); at-- {
		if at < MaxSeeds {
			x.seeds[at] = x.seeds[at-1]
		}
	}
	if at < MaxSeeds {
		x.seeds[at] = f
		x.n = min(x.n+1, MaxSeeds)
	}
}

// filter is a set of songs that may also hold others; few songs are in it.
type filter [64]uint64

func (f *filter) add(song int32) { f[song>>6&63] |= 1 << (song & 63) }

func (f *filter) has(song int32) bool { return f[song>>6&63]>>(song&63)&1 != 0 }
