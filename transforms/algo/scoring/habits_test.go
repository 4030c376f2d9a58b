package scoring

import (
	"reflect"
	"slices"
	"testing"
)

// Songs 0 and 1 are by artist 0, 2 by artist 1, 3 by nobody known.
func TestHabitsByHand(t *testing.T) {
	h := NewHabits(5)
	h.Add(4, 1, 1, 0, 0)
	h.Reset()
	h.Add(0, 8, 2, 2, 0)
	h.Add(0, 9, 1, 0, 0)
	h.Add(3, 5, 3, 3, 0)
	h.Add(1, 2, 2, 2, -1)
	h.Add(2, 1, 1, 1, -1)
	h.Add(2, 2, 0, 0, 1)
	if got := h.Known(); !slices.Equal(got, []int32{0, 1, 2, 3}) {
		t.Errorf("known %v", got)
	}
	if got := h.Disliked(); !slices.Equal(got, []int32{0, 1, 3}) {
		t.Errorf("disliked %v: 2 of 3 skips, an unlike, 3 skips; a like outweighs a skip", got)
	}
	if got := h.DislikedArtists([]int32{0, 0, 1, -1}); !slices.Equal(got, []int32{0}) {
		t.Errorf("disliked artists %v", got)
	}
	if got := h.Recent(10, 6); !reflect.DeepEqual(got, []Recent{{0, 1}, {3, 5}}) {
		t.Errorf("recent %v", got)
	}
}
