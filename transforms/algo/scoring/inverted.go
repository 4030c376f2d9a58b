package scoring

import "segue/transforms/algo/topk"

// Inverted holds songs by the nearest of some centres: where songs near a vector are sought. The zero value holds none.
type Inverted struct {
	Centres []float32 // [C × Vectors.Dim]
	Start   []int64   // [C+1]
	Songs   []int32   // of one centre after the other
}

// looked is how many songs are looked at for each that is sought: so many the opened centres hold.
const looked = 8

// near collects the songs nearest to the listener's taste vectors, so many in all and as many of each vector, of those that stand
// with the nearest centres.
func (m *Model) near(l *Listener, s *Scratch, songs int, onlyNew bool) {
	dim := m.Vectors.Dim
	if songs <= 0 || len(l.Vectors) == 0 || len(s.centres.step) == 0 {
		return
	}
	n := len(l.Vectors) / dim
	each := (songs + n - 1) / n
	s.probe(&m.Inverted, n, looked*each)
	s.dots(&s.vectors)
	for v := range n {
		s.strong = s.strong[:0]
		for i, j := range s.near {
			if cos := float32(float32(s.sums[i*len(s.columns.unit)+v]) * s.facts[j].step); cos > 0 && s.allowed(j, onlyNew) {
				s.strong = append(s.strong, topk.NewKey(j, cos))
			}
		}
		topk.Select(s.strong, each)
		for _, k := range s.strong[:min(each, len(s.strong))] {
			m.add(s, k.Entry().ID, FromVectors, onlyNew)
		}
	}
}

// probe sets s.near to the songs of the centres nearest to each of the first columns, at least so many a column, centres ascending.
func (s *Scratch) probe(x *Inverted, columns, songs int) {
	s.near = s.near[:0]
	for c := range s.centres.step {
		s.near = append(s.near, int32(c))
	}
	s.dots(&s.centres)
	opened := make([]bool, len(s.near))
	for v := range columns {
		s.keys = s.keys[:0]
		for _, c := range s.near {
			s.keys = append(s.keys, topk.NewKey(c, float32(float32(s.sums[int(c)*len(s.columns.unit)+v])*s.centres.step[c])))
		}
		heapify(s.keys)
		for held := 0; held < songs && len(s.keys) > 0; s.keys = pop(s.keys) {
			c := s.keys[0].Entry().ID
			opened[c] = true
			held += int(x.Start[c+1] - x.Start[c])
		}
	}
	s.near = s.near[:0]
	for c, yes := range opened {
		if yes {
			s.near = append(s.near, x.Songs[x.Start[c]:x.Start[c+1]]...)
		}
	}
}
