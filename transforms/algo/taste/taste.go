// Package taste condenses one listener's weighted songs: favourites, a taste vector, shares, what comes first.
//
//	taste.go     Weight, Ranking, Mean, Shares, Counted
//	clusters.go  Cutter: up to three sides of a taste
//
// Weights are fixed point (worth.One = one fresh play); floats are summed in ascending song order.
package taste

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"segue/transforms/algo/simd"
)

// Weight is the weight of one song for one listener.
type Weight struct {
	Song   int32 // dense song index; ascending index = ascending id
	Weight int64 // fixed point
}

// Ranking orders songs and uses its memory again; the zero value is ready. Not safe for concurrent use.
type Ranking struct {
	songs []Weight
	keys  []uint64
}

// Favourites returns the songs of positive weight, weight falling, ties by song ascending; good until the next call.
func (r *Ranking) Favourites(songs []Weight) []Weight {
	r.songs = r.songs[:0]
	most, last := int64(0), int32(0)
	for _, s := range songs {
		if s.Weight > 0 {
			r.songs = append(r.songs, s)
			most, last = max(most, s.Weight), max(last, s.Song)
		}
	}
	width := bits.Len32(uint32(last))
	if bits.Len64(uint64(most))+width > 64 {
		slices.SortFunc(r.songs, heaviest)
		return r.songs
	}
	r.keys = r.keys[:0] // one number a song, which is sorted faster than by a function
	for _, s := range r.songs {
		r.keys = append(r.keys, uint64(most-s.Weight)<<width|uint64(s.Song))
	}
	slices.Sort(r.keys)
	for i, k := range r.keys {
		r.songs[i] = Weight{int32(k & (1<<width - 1)), most - int64(k>>width)}
	}
	return r.songs
}

// heaviest orders songs by weight falling, then song.
func heaviest(a, b Weight) int {
	if a.Weight != b.Weight {
		return cmp.Compare(b.Weight, a.Weight)
	}
	return cmp.Compare(a.Song, b.Song)
}

// Mean takes means of vectors and uses its memory again; the zero value is ready. Not safe for concurrent use.
type Mean struct {
	songs []int32
	parts []float32 // of the largest weight, by song
}

// Vector returns the mean of the songs' vectors by weight, scaled to unit length; nil when no song of positive weight
// has a vector or they cancel out.
//
// In:    songs ascending by Song; vectors [S × dim] row-major, zero rows where a song has none.
// Note:  songs of negative weight are left out: disliking one song says little of the opposite of its vector.
// Order: sums of float32 in song order, weights as parts of the largest: same input, same bytes, whatever all weights are multiplied by.
// Cost:  O(songs · dim) at the speed of simd.GatherAxpy; memory: 4 bytes a row of vectors.
func (m *Mean) Vector(songs []Weight, vectors []float32, dim int) []float32 {
	if v := m.Append(nil, songs, vectors, dim); len(v) > 0 {
		return v
	}
	return nil
}

// Append appends Vector to to, nothing where there is none.
func (m *Mean) Append(to []float32, songs []Weight, vectors []float32, dim int) []float32 {
	most := int64(0)
	for _, s := range songs {
		most = max(most, s.Weight)
	}
	if n := len(vectors) / dim; len(m.parts) < n {
		m.parts = make([]float32, n)
	}
	m.songs = m.songs[:0]
	for _, s := range songs {
		if s.Weight > 0 {
			m.songs = append(m.songs, s.Song)
			m.parts[s.Song] = float32(float64(s.Weight) / float64(most))
		}
	}
	at := len(to)
	to = slices.Grow(to, dim)[:at+dim]
	sum := to[at:]
	clear(sum)
	simd.GatherAxpy(sum, m.songs, m.parts, simd.Rows{Data: vectors})
	norm := 0.0
	for _, x := range sum {
		norm += float64(float64(x) * float64(x))
	}
	if norm = math.Sqrt(norm); norm == 0 {
		return to[:at]
	}
	for j, x := range sum {
		sum[j] = float32(float64(x) / norm)
	}
	return to
}

// Count is a named count.
type Count struct {
	Name string
	N    int64
}

// Counted returns the counts by count falling, ties by name; the input is not changed.
func Counted(counts []Count) []Count {
	out := slices.Clone(counts)
	slices.SortFunc(out, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// Share is the part of one class.
type Share struct {
	Name  string
	Share float32 // [0,1]
}

// Shares returns each count over their sum, share falling, ties by name; none when the sum is 0.
func Shares(counts []Count) []Share {
	var total int64
	for _, c := range counts {
		total += c.N
	}
	if total == 0 {
		return nil
	}
	out := make([]Share, 0, len(counts))
	for _, c := range Counted(counts) {
		out = append(out, Share{c.Name, float32(float64(c.N) / float64(total))})
	}
	return out
}
