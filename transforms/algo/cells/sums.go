package cells

// Sums is what is known of one key; the zero value is neutral.
type Sums struct {
	Listeners int64 // distinct
	Plays     int64
	Skips     int64
	Weight    int64 // Σ w over listeners, fixed point, ≥ 0
	Half      int64 // the part of Weight by listeners of the first half, for split-half estimates
	Squares   Wide  // Σ w² over listeners
}

// Plus returns the sums over both sets of listeners, which share none.
func (s Sums) Plus(o Sums) Sums {
	return Sums{
		s.Listeners + o.Listeners, s.Plays + o.Plays, s.Skips + o.Skips, s.Weight + o.Weight, s.Half + o.Half,
		s.Squares.Plus(o.Squares),
	}
}

// add is Plus in place.
func (s *Sums) add(o *Sums) {
	s.Listeners += o.Listeners
	s.Plays += o.Plays
	s.Skips += o.Skips
	s.Weight += o.Weight
	s.Half += o.Half
	s.Squares = s.Squares.Plus(o.Squares)
}

// EffectiveN returns Kish's effective number of listeners, (Σ w)² / Σ w²: as many listeners of equal weight say as much.
// It is at most the number of listeners, 1 when one of them outweighs all others, and 0 without weight.
func (s Sums) EffectiveN() float64 {
	if s.Weight <= 0 {
		return 0
	}
	w := float64(s.Weight)
	return w * w / s.Squares.Float()
}
