package localtime_test

import (
	"slices"
	"testing"
	"time"

	"segue/transforms/algo/localtime"
	"segue/transforms/algo/zone"
)

// Nights on which clocks change, on both hemispheres and by half an hour too: every half hour of the local date has its
// hour; a spring date lacks the hour that is skipped, an autumn date has the hour that is repeated twice; the weekend is
// that of the local date.
func TestClockChanges(t *testing.T) {
	for _, c := range []struct {
		zone, from string      // 00:00 of the local date, in UTC; where midnight is skipped, the first instant of the date
		halves     int         // half hours of the date
		odd        map[int]int // half hours in an hour, where they are not 2
		weekend    bool
	}{
		{"Europe/Stockholm", "2026-03-28T23:00:00Z", 46, map[int]int{2: 0}, true},
		{"Europe/Stockholm", "2026-10-24T22:00:00Z", 50, map[int]int{2: 4}, true},
		{"Europe/Stockholm", "2026-03-29T22:00:00Z", 48, nil, false},
		{"Australia/Lord_Howe", "2026-10-03T13:30:00Z", 47, map[int]int{2: 1}, true}, // 02:00 → 02:30
		{"Australia/Lord_Howe", "2026-04-04T13:00:00Z", 49, map[int]int{1: 3}, true}, // 02:00 → 01:30
		{"Australia/Adelaide", "2026-10-03T14:30:00Z", 46, map[int]int{2: 0}, true},
		{"Australia/Adelaide", "2026-04-04T13:30:00Z", 50, map[int]int{2: 4}, true},
		{"America/St_Johns", "2026-03-08T03:30:00Z", 46, map[int]int{2: 0}, true},
		{"America/Sao_Paulo", "2018-11-04T03:00:00Z", 46, map[int]int{0: 0}, true},  // midnight is skipped
		{"America/Sao_Paulo", "2018-02-17T02:00:00Z", 50, map[int]int{23: 4}, true}, // 24:00 → 23:00
		{"Asia/Kolkata", "2026-03-24T18:30:00Z", 48, nil, false},
	} {
		f, got := zone.NewFinder(), make([]int, 24)
		from, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		for i := range c.halves {
			at := from.Add(time.Duration(i) * 30 * time.Minute)
			offset, known := f.InZone(c.zone, at)
			hour, weekend, ok := localtime.Of(at, &offset)
			if !known || !ok || weekend != c.weekend {
				t.Errorf("%s at %s: weekend %v, known %v", c.zone, at, weekend, known && ok)
			}
			got[hour]++
		}
		want := slices.Repeat([]int{2}, 24)
		for hour, n := range c.odd {
			want[hour] = n
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s on the date from %s: half hours by hour %v, want %v", c.zone, c.from, got, want)
		}
	}
}
