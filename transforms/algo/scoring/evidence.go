package scoring

import (
	"cmp"
	"math"
	"slices"
)

// MaxSeeds is how many favourites explain a row.
const MaxSeeds = 3

// of returns the neighbours of a song and their scores.
func (l *Lists) of(song int32) ([]int32, []float32) {
	if song < 0 || int(song)+1 >= len(l.Start) {
		return nil, nil
	}
	a, b := l.Start[song], l.Start[song+1]
	return l.Songs[a:b], l.Scores[a:b]
}

func (l *Lists) any(favourites []Favourite) bool {
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
func (l *Lists) Evidence(favourites []Favourite, sum []float32, touched []int32) []int32 {
	for _, f := range favourites {
		songs, scores := l.of(f.Song)
		for i, j := range songs {
			e := float32(f.Weight * scores[i])
			if !(e > 0) {
				continue
			}
			was := sum[j]
			if was == 0 {
				touched = append(touched, j)
			}
			sum[j] = was + e
		}
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

// Seed is a favourite that led to a song.
type Seed struct {
	Song       int32
	Share      float32 // of the row's evidence
	Similarity float32 // score of the song in the favourite's list
}

// explain sets the seeds of rows: the favourites that gave most evidence.
func (l *Lists) explain(favourites []Favourite, s *Scratch, rows []Row) {
	for i := range rows {
		if rows[i].evidence > 0 {
			s.slot[rows[i].Song] = int32(i + 1)
		}
	}
	for _, f := range favourites {
		songs, scores := l.of(f.Song)
		for i, j := range songs {
			at := s.slot[j]
			if e := float32(f.Weight * scores[i]); at > 0 && e > 0 {
				r := &rows[at-1]
				r.Seeds = append(r.Seeds, Seed{f.Song, e / r.evidence, scores[i]})
			}
		}
	}
	for i := range rows {
		s.slot[rows[i].Song] = 0
		slices.SortFunc(rows[i].Seeds, func(a, b Seed) int { return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Song, b.Song)) })
		rows[i].Seeds = rows[i].Seeds[:min(MaxSeeds, len(rows[i].Seeds))]
	}
}
