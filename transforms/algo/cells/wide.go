package cells

import "math/bits"

// Wide is an unsigned 128-bit sum; the zero value is 0.
type Wide struct{ High, Low uint64 }

// Square returns x².
func Square(x int64) Wide {
	if x < 0 {
		x = -x
	}
	high, low := bits.Mul64(uint64(x), uint64(x))
	return Wide{high, low}
}

// Plus returns the sum modulo 2^128.
func (w Wide) Plus(o Wide) Wide {
	low, carry := bits.Add64(w.Low, o.Low, 0)
	high, _ := bits.Add64(w.High, o.High, carry)
	return Wide{high, low}
}

// Float returns the nearest float64, about.
func (w Wide) Float() float64 { return float64(w.High)*(1<<64) + float64(w.Low) }
