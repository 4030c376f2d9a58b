package scoring

import (
	"math"
	"slices"
	"sort"
)

// knots is the number of steps of a Map.
const knots = 128

// Map is a monotone map of raw values to [0,1]: the share of a sample at or below, linear between knots.
// An empty map clamps to [0,1]. Raw values of 0 and below become 0.
type Map []float64

// NewMap returns the map of a sample of raw values; zeros, negatives and NaN are left out.
func NewMap(values []float64) Map {
	v := slices.DeleteFunc(slices.Clone(values), func(x float64) bool { return !(x > 0) || math.IsInf(x, 1) })
	if len(v) == 0 {
		return nil
	}
	slices.Sort(v)
	m := make(Map, knots+1)
	for k := 1; k <= knots; k++ {
		m[k] = v[(k*len(v)+knots-1)/knots-1]
	}
	return m
}

// At returns the calibrated value of x.
func (m Map) At(x float64) float64 {
	if !(x > 0) {
		return 0
	}
	if len(m) == 0 {
		return min(x, 1)
	}
	i := sort.Search(len(m), func(i int) bool { return m[i] > x }) // first knot above x; m[0] = 0
	if i == len(m) {
		return 1
	}
	return (float64(i-1) + (x-m[i-1])/(m[i]-m[i-1])) / float64(len(m)-1)
}

// Calibration holds the one map of each term of a night.
type Calibration struct {
	Taste      Map `json:"taste"`
	Context    Map `json:"context"`
	Popularity Map `json:"popularity"`
}

// Raw are the uncalibrated terms of one candidate.
type Raw struct {
	Taste      float64 `json:"t"`
	Context    float64 `json:"c"`
	Popularity float64 `json:"p"`
}

// Calibrate returns the maps of a sample of candidates, in any order.
func Calibrate(sample []Raw) Calibration {
	column := func(f func(Raw) float64) Map {
		v := make([]float64, len(sample))
		for i, r := range sample {
			v[i] = f(r)
		}
		return NewMap(v)
	}
	return Calibration{
		Taste:      column(func(r Raw) float64 { return r.Taste }),
		Context:    column(func(r Raw) float64 { return r.Context }),
		Popularity: column(func(r Raw) float64 { return r.Popularity }),
	}
}

// Terms returns the stored terms of raw ones.
func (c Calibration) Terms(r Raw) Terms {
	return Terms{float32(c.Taste.At(r.Taste)), float32(c.Context.At(r.Context)), float32(c.Popularity.At(r.Popularity))}
}
