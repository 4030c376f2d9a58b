package recommend

import (
	"testing"

	"segue/schemas"
)

// Day parts of too few days to tell are nobody's own; the clearer they differ, and the more days, the more they are.
func TestDistinctByHand(t *testing.T) {
	for _, unknown := range [][]float32{nil, make([]float32, 5), {1, 0, 0, 0, 0}} {
		if got := distinct(nil, unknown, 28); got != 1 {
			t.Errorf("%v when others' day parts are %v, want 1", got, unknown)
		}
	}
	theirs := []float32{.2, .2, .2, .2, .2}
	all := func(share float32) []schemas.ContextShare {
		return []schemas.ContextShare{{DayPart: schemas.DayParts[0], Device: "tv", Share: share / 2}, {DayPart: schemas.DayParts[0], Device: "phone", Share: share / 2}}
	}
	for _, c := range []struct {
		name string
		own  []schemas.ContextShare
		days int64
		want float32
	}{
		{"none", nil, 28, 0},
		{"a fifth more in one", all(.2), 28, 1 - 4/4.48}, // what is not listed is like theirs: .36 there, .16 elsewhere
		{"one day", all(1), 1, 0},
		{"two days", all(1), 2, .5},
		{"four weeks", all(1), 28, 1 - 1./28},
		{"no longer than four", all(1), 99, 1 - 1./28},
	} {
		if got := distinct(c.own, theirs, c.days); got < c.want-.001 || got > c.want+.001 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
