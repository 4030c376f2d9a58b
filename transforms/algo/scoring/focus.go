package scoring

// Cosines to the nearest taste vector above a cut tell no more: such songs are of the listener's kind, and evidence orders them.
const (
	leastCut = 0.4
	mostCut  = 0.75 // of a persona, and of a listener with one favourite
	widening = 1.2  // songs of a kind have cosines around that of one more favourite, few a fifth above it
)

// clearFocus is the focus from which the own taste counts in full: of listeners whose favourites are of a few kinds nearly all are
// above, whatever the length of their history.
const clearFocus = 0.5

// setTrust sets how much the listener's own taste counts: n/(n+κ), and less where their favourites have so little in common that
// it tells little of what comes next; and from which cosine songs are of their kind.
func (m *Model) setTrust(l *Listener, s *Scratch) {
	focus := s.focus(l)
	s.trust = float32(m.Settings.trust(l.Plays) * min(1, float32(focus/clearFocus)))
	s.cut = cut(float64(focus), effectiveN(l.Favourites)/float64(max(1, s.mine)))
}

// cut returns the cosine above which songs are of a listener's kind, from the mean cosine of n favourites to their taste vector.
// Each favourite is part of that vector; one more, as like them as they are each other, would have a cosine of
// (n·focus² − 1)/((n − 1)·focus). Of few favourites that says little: mostCut counts for it as one more of them does.
func cut(focus, n float64) float32 {
	if focus <= 0 || n <= 1 {
		return mostCut
	}
	others := float64(widening*(float64(n*focus)-1/focus)) + mostCut
	return float32(min(mostCut, max(leastCut, others/n)))
}

// focus returns the mean cosine of the favourites, by weight, to the nearest taste vector; 1 where none has a vector.
func (s *Scratch) focus(l *Listener) float32 {
	if s.mine == 0 {
		return 1
	}
	s.near = s.near[:0]
	for _, f := range l.Favourites {
		s.near = append(s.near, f.Song)
	}
	s.dots(&s.vectors)
	var sum, weight float64
	all := len(s.columns.unit)
	for i, f := range l.Favourites {
		if step := s.vectors.step[f.Song]; step > 0 {
			sum += float64(float64(f.Weight) * float64(closest(s.sums[i*all:i*all+s.mine], s.columns.unit, step)))
			weight += float64(f.Weight)
		}
	}
	if weight == 0 {
		return 1
	}
	return float32(sum / weight)
}
