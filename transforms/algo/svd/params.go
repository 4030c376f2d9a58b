package svd

import (
	"errors"
	"fmt"
)

// MaxColumns bounds Dim + Oversample, so that a Gram matrix stays under 1 MiB when encoded.
const MaxColumns = 440

// Params decides what an embedding looks like.
type Params struct {
	Dim            int     `json:"dim"`             // numbers a vector; more keep rarer structure and cost time and space in proportion; default 128
	Iterations     int     `json:"iterations"`      // passes over the matrix; more come closer to the exact decomposition; default 4
	Oversample     int     `json:"oversample"`      // extra columns while iterating; more converge in fewer passes; default 32
	MinCount       int     `json:"min_count"`       // playlists a song needs to be fitted; rarer songs are projected; default 5
	Power          float64 `json:"power"`           // exponent of the singular values; 1 stresses the main directions, 0 none; default 0.75
	Shrink         float64 `json:"shrink"`          // playlists added to each song's count; more damp rare songs; default 10
	LengthExponent float64 `json:"length_exponent"` // a playlist of L songs weighs L to minus this; default 0.5
}

// Default returns the parameters measured to be good on playlists of several kinds.
func Default() Params {
	return Params{Dim: 128, Iterations: 4, Oversample: 32, MinCount: 5, Power: .75, Shrink: 10, LengthExponent: .5}
}

// Validate reports every parameter out of range.
func (p Params) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(p.Dim >= 1, "dim is %d, must be at least 1", p.Dim)
	check(p.Oversample >= 0, "oversample is %d, must not be negative", p.Oversample)
	check(p.Dim+p.Oversample <= MaxColumns, "dim + oversample is %d, must be at most %d", p.Dim+p.Oversample, MaxColumns)
	check(p.Iterations >= 1 && p.Iterations <= 100, "iterations is %d, must be in 1..100", p.Iterations)
	check(p.MinCount >= 1, "min_count is %d, must be at least 1", p.MinCount)
	check(p.Power >= 0 && p.Power <= 2, "power is %v, must be in 0..2", p.Power)
	check(p.Shrink >= 0 && p.Shrink <= 1e9, "shrink is %v, must be in 0..1e9", p.Shrink)
	check(p.LengthExponent >= 0 && p.LengthExponent <= 2, "length_exponent is %v, must be in 0..2", p.LengthExponent)
	return errors.Join(errs...)
}

// A warm start is near when less than this share of |X'XQ|² lies outside its subspace Q, which takes a cold start three
// passes; then warmPasses do.
const (
	near       = .05
	warmPasses = 2
)

// Done reports whether the passes so far are enough, by what changed in each: Iterations, or fewer when a warm start was near.
func (p Params) Done(warm bool, change []float64) bool {
	n := len(change)
	return n >= p.Iterations || warm && n >= warmPasses && change[0] < near
}
