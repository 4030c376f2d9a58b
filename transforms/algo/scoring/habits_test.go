package scoring

import (
	"slices"
	"testing"
)

// Songs 0 and 1 are by artist 0, 2 by artist 1, 3 by nobody known.
func TestHabitsByHand(t *testing.T) {
	var h Habits
	for _, skipped := range []bool{true, true, false} {
		h.Play(0, skipped)
		h.Play(3, true)
	}
	h.Play(1, true)
	h.Play(1, true)
	h.Like(1, false)
	h.Play(2, true)
	h.Like(2, false)
	h.Like(2, true)
	if got := h.Known(); !slices.Equal(got, []int32{0, 1, 2, 3}) {
		t.Errorf("known %v", got)
	}
	if got := h.Disliked(); !slices.Equal(got, []int32{0, 1, 3}) {
		t.Errorf("disliked %v: 2 of 3 skips, an unlike, 3 skips; a like outweighs a skip", got)
	}
	if got := h.DislikedArtists([]int32{0, 0, 1, -1}); !slices.Equal(got, []int32{0}) {
		t.Errorf("disliked artists %v", got)
	}
}
