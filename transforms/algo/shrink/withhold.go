package shrink

// Relation lists counts that add up: parts and their whole, or parts whose whole can be worked out.
type Relation []int32

// Withhold returns which counts to keep back: those of fewer than least listeners and, in every relation in which exactly
// one would be missing, the one of the fewest listeners beside it (ties by index), so that no subtraction within a relation
// yields what was kept back. Repeated until nothing changes, because what is kept back for one relation may be the only one
// missing in another.
//
// This is support, not privacy: what follows from several relations together is not looked for.
func Withhold(listeners []int64, least int64, relations []Relation) []bool {
	out := make([]bool, len(listeners))
	for i, n := range listeners {
		out[i] = n < least
	}
	for changed := true; changed; {
		changed = false
		for _, r := range relations {
			if i := second(out, listeners, r); i >= 0 {
				out[i], changed = true, true
			}
		}
	}
	return out
}

// second returns what to keep back beside the only missing count of a relation; -1 when none or several are missing, or
// nothing is left.
func second(out []bool, listeners []int64, r Relation) int32 {
	missing, fewest := 0, int32(-1)
	for _, i := range r {
		switch {
		case out[i]:
			missing++
		case fewest < 0 || listeners[i] < listeners[fewest] || listeners[i] == listeners[fewest] && i < fewest:
			fewest = i
		}
	}
	if missing != 1 {
		return -1
	}
	return fewest
}
