package localtime

import "fmt"

// DayHours are the local hours [0,23] at which the parts of a day begin. Late night begins at midnight or after; from there
// the parts follow each other, and night lasts until late night begins.
type DayHours struct {
	LateNight int `json:"late_night"` // default 0
	Morning   int `json:"morning"`    // default 6
	Day       int `json:"day"`        // default 11
	Evening   int `json:"evening"`    // default 17
	Night     int `json:"night"`      // default 21
}

// UsualHours returns the hours that need no thought.
func UsualHours() DayHours {
	return DayHours{LateNight: 0, Morning: 6, Day: 11, Evening: 17, Night: 21}
}

// Validate reports hours that are not in order: 0 ≤ late_night < morning < day < evening < night ≤ 23.
func (h DayHours) Validate() error {
	if 0 <= h.LateNight && h.LateNight < h.Morning && h.Morning < h.Day && h.Day < h.Evening && h.Evening < h.Night && h.Night <= 23 {
		return nil
	}
	return fmt.Errorf("parts of the day begin at late_night %d, morning %d, day %d, evening %d, night %d: want 0 ≤ late_night < morning < day < evening < night ≤ 23",
		h.LateNight, h.Morning, h.Day, h.Evening, h.Night)
}

// Part returns the part of the day of a local hour in [0,23], as an index of schemas.DayParts.
func (h DayHours) Part(hour int) int {
	switch {
	case hour >= h.Night || hour < h.LateNight:
		return 3
	case hour >= h.Evening:
		return 2
	case hour >= h.Day:
		return 1
	case hour >= h.Morning:
		return 0
	default:
		return 4
	}
}
