package sgns

import (
	"errors"
	"fmt"
)

// MaxDim is the longest vector; rows are padded to 64, 112 or 128 numbers.
const MaxDim = 128

// Params decides what is trained and for how long.
type Params struct {
	Dim       int     `json:"-"`         // numbers a vector, up to 128; more keep rarer structure and cost time in proportion; default 128
	Window    int     `json:"window"`    // greatest distance of a pair in a shuffled playlist; more pairs a song and time; default 10
	Negatives int     `json:"negatives"` // negatives a centre; more push rare songs further apart and cost time; default 5
	Epochs    int     `json:"epochs"`    // passes over the playlists; default 20
	Alpha     float64 `json:"alpha"`     // learning rate at the start, falling linearly to nearly 0; default 0.05
	Sample    float64 `json:"sample"`    // share of all entries above which a song is thinned; 0, the default, thins none
	Exponent  float64 `json:"exponent"`  // a song in n playlists is drawn as a negative by n to this; default 0.5
}

// Default returns the parameters that suit music.
func Default() Params {
	return Params{Dim: 128, Window: 10, Negatives: 5, Epochs: 20, Alpha: .05, Exponent: .5}
}

// Validate reports every parameter out of range.
func (p Params) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(p.Dim >= 1 && p.Dim <= MaxDim, "dim is %d, must be in 1..%d", p.Dim, MaxDim)
	check(p.Window >= 1 && p.Window <= 1000, "window is %d, must be in 1..1000", p.Window)
	check(p.Negatives >= 1 && p.Negatives <= maxNegatives, "negatives is %d, must be in 1..%d", p.Negatives, maxNegatives)
	check(p.Epochs >= 1 && p.Epochs <= 1000, "epochs is %d, must be in 1..1000", p.Epochs)
	check(p.Alpha > 0 && p.Alpha <= 1, "alpha is %v, must be above 0 and at most 1", p.Alpha)
	check(p.Sample >= 0 && p.Sample <= 1, "sample is %v, must be in 0..1", p.Sample)
	check(p.Exponent >= -1 && p.Exponent <= 1, "exponent is %v, must be in -1..1", p.Exponent)
	return errors.Join(errs...)
}
