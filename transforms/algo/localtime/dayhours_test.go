package localtime

import (
	"slices"
	"testing"

	"segue/schemas"
)

// Every hour lies in the part whose first hour was last, over midnight too; hours out of order are an error.
func TestDayHours(t *testing.T) {
	for _, h := range []DayHours{UsualHours(), {LateNight: 2, Morning: 5, Day: 12, Evening: 18, Night: 23}} {
		if err := h.Validate(); err != nil {
			t.Error(err)
		}
		firsts := []int{h.Morning, h.Day, h.Evening, h.Night, h.LateNight}
		part := 3 // at midnight the night goes on, unless late night begins
		for hour := range 24 {
			if i := slices.Index(firsts, hour); i >= 0 {
				part = i
			}
			if got := h.Part(hour); got != part {
				t.Errorf("%+v: hour %d is in part %d, want %d", h, hour, got, part)
			}
		}
	}
	for _, h := range []DayHours{{}, {-1, 6, 11, 17, 21}, {0, 6, 11, 17, 24}, {6, 6, 11, 17, 21}, {0, 12, 11, 17, 21}} {
		if h.Validate() == nil {
			t.Errorf("%+v is taken", h)
		}
	}
	for hour := range 24 {
		if got, want := schemas.DayParts[UsualHours().Part(hour)], schemas.DayPart(hour); got != want {
			t.Errorf("the usual hours have %d in %s, schemas in %s", hour, got, want)
		}
	}
}
