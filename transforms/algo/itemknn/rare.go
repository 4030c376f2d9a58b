package itemknn

import (
	"slices"

	"segue/transforms/algo/csr"
)

// rare is what a Scorer keeps of columns outside the vocabulary whose playlists a byte holds: most of a catalogue, and few of its entries.
type rare struct {
	summed  []int32 // columns with a sum
	count   []uint8 // of a seed, by place among the rare columns
	counted []int32 // columns with a count
}

func (s *Scorer) beginRare() {
	for _, c := range s.rare.summed {
		s.sums[c] = 0
	}
	s.rare.summed = s.rare.summed[:0]
	s.ranked.Touch(nil)
}

// AddRare adds s(seed, j) of the seeds since Begin, in their order, to the sums of rare columns.
//
// Cost: the entries of all playlists with a seed.
func (s *Scorer) AddRare(seeds []int32) {
	r := &s.rare
	for _, seed := range seeds {
		s.countRare(seed)
		for _, c := range r.counted {
			n := &r.count[int(c)-s.common]
			if s.sums[c] == 0 {
				r.summed = append(r.summed, c)
			}
			s.sums[c] += float64(float64(*n) * s.roots[seed])
			*n = 0
		}
		r.counted = r.counted[:0]
	}
	s.ranked.Touch(r.summed)
}

// countRare counts the playlists that each rare column shares with a seed.
func (s *Scorer) countRare(seed int32) {
	playlists := s.Matrix.ColItems[s.Matrix.ColStart[seed]:s.Matrix.ColStart[seed+1]]
	rows := csr.Matrix{Start: s.Matrix.RowStart, Items: s.Matrix.RowItems}
	for i, p := range playlists {
		rows.FetchAfter(playlists, i)
		for _, c := range rows.Row(int(p)) {
			at := int(c) - s.common
			if at < 0 || at >= len(s.rare.count) || c == seed {
				continue
			}
			if s.rare.count[at]++; s.rare.count[at] == 1 {
				s.rare.counted = append(s.rare.counted, c)
			}
		}
	}
}

// Score returns the score of a column after seeds, each once, were added in this order: the bits that the sums give.
//
// Cost: the entries of the playlists with the column, times the seeds.
func (s *Scorer) Score(c int32, seeds []int32) (sum float64) {
	shared := make([]int32, len(seeds))
	for _, p := range s.Matrix.ColItems[s.Matrix.ColStart[c]:s.Matrix.ColStart[c+1]] {
		for _, other := range s.Matrix.RowItems[s.Matrix.RowStart[p]:s.Matrix.RowStart[p+1]] {
			if i := slices.Index(seeds, other); i >= 0 && other != c {
				shared[i]++
			}
		}
	}
	for i, n := range shared {
		sum += float64(float64(n) * s.roots[seeds[i]])
	}
	return sum * s.roots[c]
}
