package scoring

// clearFocus is the focus from which the own taste counts in full: of listeners whose favourites are of a few kinds nearly all are
// above, whatever the length of their history.
const clearFocus = 0.5

// trust returns how much the listener's own taste counts: n/(n+κ), and less where their favourites have so little in common that
// it tells little of what comes next.
func (m *Model) trust(l *Listener, s *Scratch) float32 {
	return float32(m.Settings.trust(l.Plays) * min(1, float32(s.focus(l)/clearFocus)))
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
