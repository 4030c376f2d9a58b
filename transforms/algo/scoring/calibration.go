package scoring

import (
	"math"
	"slices"
	"sort"
)

// knots is the number of steps of a Map.
const knots = 128

// Map is a monotone map of raw values to [0,1]: the share of a sample at or below, linear between knots, which are the
// sample's quantiles. An empty map clamps to [0,1]. Raw values of 0 and below become 0.
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
	return m.piece(i).at(x)
}

// piece is a map between two knots, linear.
type piece struct{ from, value, slope float64 }

// piece returns the map below knot i and not below the one before.
func (m Map) piece(i int) piece {
	n := float64(len(m) - 1)
	return piece{m[i-1], float64(i-1) / n, 1 / ((m[i] - m[i-1]) * n)}
}

func (p piece) at(x float64) float64 { return p.value + float64((x-p.from)*p.slope) }

// curve is a Map with an index, so that a look-up takes few steps: by the leading bits of a float32, the first knot that
// may lie above.
type curve struct {
	m      Map
	pieces []piece // by the knot above
	first  []uint8
	low    uint32
}

// curveShift leaves exponent and eight bits of mantissa: most cells hold no knot.
const curveShift = 23 - 8

func newCurve(m Map) curve {
	if len(m) == 0 {
		return curve{}
	}
	low := math.Float32bits(float32(m[1])) >> curveShift
	high := math.Float32bits(float32(m[len(m)-1]))>>curveShift + 1
	c := curve{m: m, low: low, first: make([]uint8, high-low+1)}
	for b := range c.first {
		edge := float64(math.Float32frombits((low + uint32(b)) << curveShift))
		c.first[b] = uint8(sort.Search(len(m), func(i int) bool { return m[i] > edge }))
	}
	c.pieces = make([]piece, len(m))
	for i := 1; i < len(m); i++ {
		c.pieces[i] = m.piece(i)
	}
	return c
}

// at returns Map.At of x.
func (c *curve) at(x float32) float32 {
	if !(x > 0) {
		return 0
	}
	if len(c.m) == 0 {
		return min(x, 1)
	}
	i := 1
	if b := math.Float32bits(x) >> curveShift; b >= c.low {
		i = int(c.first[min(b-c.low, uint32(len(c.first)-1))])
	}
	v := float64(x)
	for i < len(c.m) && c.m[i] <= v {
		i++
	}
	if i == len(c.m) {
		return 1
	}
	return float32(c.pieces[i].at(v))
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
		v := make([]float64, len(sample))
		for i, r := range sample {
			v[i] = float64(f(r))
		}
		return NewMap(v)
	}
	return Calibration{
		Taste:      column(func(r Raw) float32 { return r.Taste }),
		Context:    column(func(r Raw) float32 { return r.Context }),
		Popularity: column(func(r Raw) float32 { return r.Popularity }),
	}
}
