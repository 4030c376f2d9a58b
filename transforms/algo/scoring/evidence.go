package scoring

import (
	"cmp"
	"math"
	"slices"
)

// MaxSeeds is how many favourites explain a row.
const MaxSeeds = 3

// of returns the neighbours of a song and their scores.
func (l Lists) of(song int32) ([]int32, []float32) {
	if int(song)+1 >= len(l.Start) {
		return nil, nil
	}
	a, b := l.Start[song], l.Start[song+1]
	return l.Songs[a:b], l.Scores[a:b]
}

// Evidence adds Σ_f w_f·max(0, score(f→j)) to sum[j] for the neighbours j of the favourites, in the order given, and
// returns the touched songs in first-touch order. Adding a favourite or weight never lowers a sum.
func (l Lists) Evidence(favourites []Favourite, sum []float64) []int32 {
	var touched []int32
	for _, f := range favourites {
		songs, scores := l.of(f.Song)
		for i, j := range songs {
			e := float64(float64(f.Weight) * float64(scores[i]))
			if !(e > 0) {
				continue
			}
			if sum[j] == 0 {
				touched = append(touched, j)
			}
			sum[j] += e
		}
	}
	return touched
}

// norm returns √Σ w²: 1 for no favourites, so that it divides.
func norm(favourites []Favourite) float64 {
	var s float64
	for _, f := range favourites {
		s += float64(float64(f.Weight) * float64(f.Weight))
	}
	if s == 0 {
		return 1
	}
	return math.Sqrt(s)
}

// cosine returns the cosine of a unit vector and a song's, 0 without either.
func (v Vectors) cosine(taste []float32, song int32) float64 {
	if len(taste) != v.Dim || (int(song)+1)*v.Dim > len(v.Data) {
		return 0
	}
	var s float64
	for k, x := range v.Data[int(song)*v.Dim : (int(song)+1)*v.Dim] {
		s += float64(float64(x) * float64(taste[k]))
	}
	return s
}

// explain sets the seeds of rows: the favourites that gave most evidence, with their share of all evidence of the row.
func (l Lists) explain(favourites []Favourite, rows []Row) {
	at := make(map[int32]int, len(rows))
	for i, r := range rows {
		if r.evidence > 0 {
			at[r.Song] = i
		}
	}
	for _, f := range favourites {
		songs, scores := l.of(f.Song)
		for i, j := range songs {
			r, ok := at[j]
			if e := float64(float64(f.Weight) * float64(scores[i])); ok && e > 0 {
				rows[r].Seeds = append(rows[r].Seeds, Favourite{f.Song, float32(e / rows[r].evidence)})
			}
		}
	}
	for i := range rows {
		slices.SortFunc(rows[i].Seeds, func(a, b Favourite) int {
			return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Song, b.Song))
		})
		rows[i].Seeds = rows[i].Seeds[:min(MaxSeeds, len(rows[i].Seeds))]
	}
}
