package scoring

// ownTrust is the part that a listener's own preferences have in the fit of a class, before trust in their history.
const ownTrust = 0.5

// contextTerms sets the raw context term of all candidates: how a song's classes fit the context, over the cells by their
// shares; of listeners without a history half of it is the song's reach in the context's charts, which says little of those
// whose taste is known.
func (m *Model) contextTerms(s *Scratch, mix []Context, distinct float32, l *Listener) {
	if len(mix) == 0 {
		for i := range s.candidates {
			s.candidates[i].Raw.Context = 0
		}
		return
	}
	for i := range mix {
		if c := mix[i].Cell.Chart; c != nil {
			for k, j := range c.Songs {
				if at := s.slot[j]; at > 0 {
					s.candidates[at-1].reach += float32(mix[i].Share * c.Reach[k])
				}
			}
		}
	}
	m.classFits(s.fit, mix, distinct, l)
	charted := (1 - s.trust) / 2
	if l.Inactive {
		charted = 0.5
	}
	for i := range s.candidates {
		c := &s.candidates[i]
		fit := s.fitOf(&c.fact)
		c.Raw.Context, c.reach = fit+float32(charted*(c.reach-fit)), 0
	}
}

// classFits sets how each class fits a mix of cells: the world's view and, as far as their history goes, the listener's.
// As far as the mix is not the listener's own, all fit like any. Lifts are averaged, not fits: a class of peaks that is heard as often as any over the whole mix fits it like any.
func (m *Model) classFits(fit []float32, mix []Context, distinct float32, l *Listener) {
	clear(fit)
	trust := ownTrust * m.Settings.Habit(l.Plays)
	for i := range mix {
		c, share := mix[i].Cell, mix[i].Share
		of := func(class int32) float32 {
			if c.Fit == nil {
				return 0.5
			}
			return c.Fit[class]
		}
		for class := range fit {
			fit[class] += float32(share * lift(of(int32(class))))
		}
		if d := mix[i].DayPart; d < len(l.Own) && !l.Inactive {
			for _, own := range l.Own[d] {
				all := of(own.Class)
				fit[own.Class] += float32(share * (lift(all+float32(trust*(own.Fit-all))) - lift(all)))
			}
		}
	}
	for class, x := range fit {
		x = 1 + float32(distinct*(x-1))
		fit[class] = x / (1 + x)
	}
}

// maxFit bounds fits: a lift of 99.
const maxFit = 0.99

// lift returns the lift of a fit lift/(1+lift).
func lift(fit float32) float32 {
	fit = min(fit, maxFit)
	return fit / (1 - fit)
}

// fitOf returns the mean fit of a song's classes, drawn to one half as far as they are not sure; one half without any.
func (s *Scratch) fitOf(song *fact) float32 {
	classes := s.sets[song.set]
	if len(classes) == 0 {
		return 0.5
	}
	var sum float32
	for _, k := range classes {
		sum += s.fit[k]
	}
	return 0.5 + float32(song.sure*(sum/float32(len(classes))-0.5))
}
