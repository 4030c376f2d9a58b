package chart

import "math/bits"

// Counts is what a song has in a region over all windows; the zero value is neutral.
type Counts struct {
	Now    [len(Windows)]int32 // distinct listeners of each window
	Before [len(Windows)]int32 // and of the window of the same length before
	Weight [len(Windows)]int64 // votes of each window, each decayed by its age, fixed point
}

// CountsOf returns the counts of one listener with votes on days; decay has the weight of a vote by age, at least Longest.
func CountsOf(days Days, decay []int64) (c Counts) {
	for w, n := range Windows {
		now := days.last(n)
		if now != 0 {
			c.Now[w] = 1
		}
		if days.last(2*n) != now {
			c.Before[w] = 1
		}
		c.Weight[w] = now.weight(decay)
	}
	return c
}

// Plus returns the sums over both sets of listeners, which share none.
func (c Counts) Plus(o Counts) Counts {
	for w := range Windows {
		c.Now[w] += o.Now[w]
		c.Before[w] += o.Before[w]
		c.Weight[w] += o.Weight[w]
	}
	return c
}

// Heard is what a song has in a context over the longest window; the zero value is neutral.
type Heard struct {
	Listeners int32 // distinct
	Weight    int64 // votes, each decayed by its age, fixed point
}

// HeardOf returns what one listener with votes on days adds; decay as in CountsOf.
func HeardOf(days Days, decay []int64) (h Heard) {
	if days = days.last(Longest); days != 0 {
		h = Heard{1, days.weight(decay)}
	}
	return h
}

// Plus returns the sums over both sets of listeners, which share none.
func (h Heard) Plus(o Heard) Heard {
	return Heard{h.Listeners + o.Listeners, h.Weight + o.Weight}
}

// weight returns the sum of the weights of the days.
func (d Days) weight(decay []int64) (sum int64) {
	for rest := uint64(d); rest != 0; rest &= rest - 1 {
		sum += decay[bits.TrailingZeros64(rest)]
	}
	return sum
}
