package scoring

import (
	"math"
	"slices"
)

// Map is the linear map of a term's raw values to [0,1]: over this value, cut at 1. 0 and below become 0; a map of 0 cuts
// alone. Linear, for lists are made where raw values are largest: quantiles would press the best hundred of a thousand
// candidates together, and leave their order to the other terms.
type Map float32

// rare is one in how many values of a sample a map cuts.
const rare = 1000

// NewMap returns the map of a sample of raw values: over the value that one in a thousand exceeds; zeros, negatives and NaN
// are left out.
func NewMap(values []float32) Map {
	v := slices.DeleteFunc(slices.Clone(values), func(x float32) bool { return !(x > 0) || math.IsInf(float64(x), 1) })
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return Map(v[len(v)-1-len(v)/rare])
}

// At returns the calibrated value of x.
func (m Map) At(x float32) float32 {
	switch {
	case !(x > 0):
		return 0
	case m > 0:
		return min(x/float32(m), 1)
	}
	return min(x, 1)
}

// Calibration holds the one map of each term of a night.
type Calibration struct {
	Taste      Map `json:"taste"`
	Context    Map `json:"context"`
	Popularity Map `json:"popularity"`
}

// Raw are the uncalibrated terms of one candidate.
type Raw struct {
	Taste      float32 `json:"t"`
	Context    float32 `json:"c"`
	Popularity float32 `json:"p"`
}

// Calibrate returns the maps of a sample of candidates, in any order.
func Calibrate(sample []Raw) Calibration {
	column := func(f func(Raw) float32) Map {
		v := make([]float32, len(sample))
		for i, r := range sample {
			v[i] = f(r)
		}
		return NewMap(v)
	}
	return Calibration{
		Taste:      column(func(r Raw) float32 { return r.Taste }),
		Context:    column(func(r Raw) float32 { return r.Context }),
		Popularity: column(func(r Raw) float32 { return r.Popularity }),
	}
}
