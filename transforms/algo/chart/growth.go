package chart

import (
	"gonum.org/v1/gonum/mathext"
)

// Chance is the probability that a song whose share of listeners did not grow gets a GrowthLow above 0.
const Chance = 0.01

// Growth returns now over before, minus 1; nil when there was nobody before.
func Growth(now, before int64) *float64 {
	if before == 0 {
		return nil
	}
	g := float64(now)/float64(before) - 1
	return &g
}

// Rates are the distinct listeners of a song in a window and the one before, among all listeners of the list then.
type Rates struct {
	Now, Before       int64
	AllNow, AllBefore int64
}

// GrowthLow returns a lower bound of how much a song's share of listeners grew, minus 1; nil when nobody was listening in
// one of the windows.
//
// Listeners come as two Poisson counts with rates r₁·AllNow and r₀·AllBefore; given their sum n, Now is binomial (n, p) with
// p/(1−p) = ρ·AllNow/AllBefore, ρ = r₁/r₀. With p₋ the exact lower bound of p at level 1−Chance (Clopper and Pearson: the
// Chance quantile of Beta(Now, Before+1)), the result is p₋/(1−p₋) · AllBefore/AllNow − 1, in [−1, ∞).
// Counting listeners, not plays, a song that one fan played all day has Now = 1 and is far from growing.
//
// Source: Przyborowski and Wilenski, Homogeneity of results in testing samples from Poisson series, Biometrika 31 (1940);
// Clopper and Pearson, Biometrika 26 (1934).
func GrowthLow(r Rates) *float64 {
	if r.AllNow <= 0 || r.AllBefore <= 0 {
		return nil
	}
	low := -1.0
	if r.Now > 0 {
		p := mathext.InvRegIncBeta(float64(r.Now), float64(r.Before+1), Chance)
		low = p/(1-p)*float64(r.AllBefore)/float64(r.AllNow) - 1
	}
	return &low
}
