package localtime

import (
	"testing"
	"time"
)

// The offset moves hour and date; without one nothing is known.
func TestOf(t *testing.T) {
	friday := time.Date(2026, 1, 2, 23, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		offset  int32
		hour    int
		weekend bool
	}{
		{0, 23, false}, {30, 0, true}, {60, 0, true}, {-8 * 60, 15, false}, {14 * 60, 13, true}, {345, 5, true},
	} {
		hour, weekend, known := Of(friday, &c.offset)
		if hour != c.hour || weekend != c.weekend || !known {
			t.Errorf("offset %d: hour %d weekend %v known %v", c.offset, hour, weekend, known)
		}
	}
	if _, _, known := Of(friday, nil); known {
		t.Error("known without an offset")
	}
}
