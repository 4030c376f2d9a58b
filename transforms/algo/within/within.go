// Package within compares what listeners hear in one situation, such as on a device, with their own overall mix.
//
//	within.go  Sums, Of, Lift
//
// Comparing raw counts between situations compares their listeners: those who play most, and those who own such a device.
// Here every listener is compared with himself, and weighs at most 1.
package within

import "math"

// scale is fixed-point one of the moments below.
const scale = 1 << 28

// known is how many plays a listener needs in a situation to weigh half of one who has many: with few plays his share
// there is mostly chance.
const known = 5

// Weight returns how much a listener counts who has that many plays, decayed, in a situation: n/(n+5), at most 1.
func Weight(plays float64) float64 { return plays / (plays + known) }

// Sums adds up listeners: Plus is associative and commutative, the zero value neutral. Sums of 2^35 listeners fit.
type Sums struct {
	Listeners int64
	Plays     int64
	Here      int64 // Σ a·p, fixed point: a weight, p share of the class in the situation
	Own       int64 // Σ a·q: q share of the class in the listener's overall mix
	HereHere  int64 // Σ a²p²
	HereOwn   int64 // Σ a²pq
	OwnOwn    int64 // Σ a²q²
}

// Of returns the sums of one listener of weight a ≤ 1 with shares here and own in [0,1].
func Of(plays int64, a, here, own float64) Sums {
	p, q := a*here, a*own
	return Sums{1, plays, fixed(p), fixed(q), fixed(p * p), fixed(p * q), fixed(q * q)}
}

func fixed(x float64) int64 { return int64(math.Round(x * scale)) }

// Plus returns the sums over both sets of listeners, which share none.
func (s Sums) Plus(o Sums) Sums {
	return Sums{
		s.Listeners + o.Listeners, s.Plays + o.Plays, s.Here + o.Here, s.Own + o.Own, s.HereHere + o.HereHere,
		s.HereOwn + o.HereOwn, s.OwnOwn + o.OwnOwn,
	}
}

// z90 is the 95 % quantile of the normal distribution: 90 % lie within ±z90.
const z90 = 1.6448536269514722

// Lift returns Σ a·p / Σ a·q, 1 = as the same listeners hear everywhere, with a 90 % interval; ok is false when nobody
// heard the class.
//
// The interval is that of a ratio of sums by linearisation (Cochran 1977, §6.4) with listeners as the sampling unit,
// var = Σ a²(p − lift·q)² / (Σ a·q)², taken on the logarithm so that it stays positive; a lift of 0 has the upper bound
// 3/Σ(a·q), the rule of three.
func (s Sums) Lift() (lift, low, high float64, ok bool) {
	if s.Own <= 0 {
		return 1, 1, 1, false
	}
	here, own := float64(s.Here)/scale, float64(s.Own)/scale
	lift = here / own
	if s.Here <= 0 {
		return 0, 0, 3 / own, true
	}
	variance := max(0, float64(s.HereHere)-2*lift*float64(s.HereOwn)+lift*lift*float64(s.OwnOwn)) / scale / (own * own)
	spread := math.Exp(z90 * math.Sqrt(variance) / lift)
	return lift, lift / spread, lift * spread, true
}
