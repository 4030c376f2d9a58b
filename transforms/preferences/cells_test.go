package preferences

import (
	"math"
	"slices"
	"testing"

	"segue/schemas"
)

// Bands touch without gap; what is no tempo is unknown.
func TestTempoBand(t *testing.T) {
	for _, c := range []struct {
		bpm  float32
		want string
	}{{1, "slow"}, {89.9, "slow"}, {90, "moderate"}, {120, "fast"}, {150, "very_fast"}, {0, "unknown"}, {-3, "unknown"}, {4000, "unknown"}, {float32(math.NaN()), "unknown"}} {
		if got := TempoBand(&c.bpm); got != c.want {
			t.Errorf("%g: %s, want %s", c.bpm, got, c.want)
		}
	}
	if TempoBand(nil) != "unknown" {
		t.Error("nil is not unknown")
	}
}

// The cells of a play differ, and hold with each its parent and its wholes: the ladder is closed. Levels fall towards the
// root, which every ladder ends at.
func TestLadder(t *testing.T) {
	for _, region := range []string{"", "SE", schemas.World} {
		for _, hour := range []int32{0, 23, allHours} {
			part := schemas.Weekday
			if hour == allHours {
				part = schemas.All
			}
			cells := cellsOf(cell{region, part, hour, "phone"})
			for i, c := range cells {
				if slices.Contains(cells[:i], c) || c.Region == "" {
					t.Errorf("region %q, hour %d: cell %v", region, hour, c)
				}
				for _, whole := range c.wholes() {
					if whole != nil && !slices.Contains(cells, *whole) {
						t.Errorf("%v is part of %v, which the play is not in", c, *whole)
					}
				}
				parent, ok := c.parent()
				if ok != (c != root) || ok && !slices.Contains(cells, parent) {
					t.Errorf("%v backs off to %v", c, parent)
				}
				if ok && parent.level() >= c.level() {
					t.Errorf("%v has level %d, its parent %d", c, c.level(), parent.level())
				}
			}
		}
	}
}

// Classes are numbered as the table is sorted, every song has one of each kind, once.
func TestClasses(t *testing.T) {
	s := table()
	if !slices.IsSortedFunc(s.names, compareClasses) || len(s.ids) != len(songs) {
		t.Errorf("classes %v of songs %v", s.names, s.ids)
	}
	var got []class
	for _, k := range s.of(0) {
		got = append(got, s.names[k])
		if kinds[s.kind[k]] != s.names[k].Kind || k < s.first[s.kind[k]] || k >= s.first[s.kind[k]+1] {
			t.Errorf("class %v has kind %d, kinds begin at %v", s.names[k], s.kind[k], s.first)
		}
	}
	slices.SortFunc(got, compareClasses)
	if want := []class{{KindGenre, "folk"}, {KindMood, "calm"}, {KindMood, "happy"}, {KindTempo, "slow"}}; !slices.Equal(got, want) {
		t.Errorf("classes %v, want %v", got, want)
	}
	if none := s.of(2); len(none) != 3 {
		t.Errorf("a song with a mood alone has classes %v", none)
	}
}

// Every parameter that makes no sense is named.
func TestValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	err := Params{Days: -1, HalfLifeDays: math.NaN(), DayCap: -1, ListenerCap: math.Inf(1), SmoothHours: 2}.Validate()
	if e, ok := err.(interface{ Unwrap() []error }); !ok || len(e.Unwrap()) != 6 {
		t.Errorf("errors %v, want 6", err)
	}
}
