package zone

import (
	"strings"
	"testing"
	"time"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

// Offsets follow the history of each zone: daylight saving, half-hour shifts, its abolition, local mean time.
func TestInZone(t *testing.T) {
	f := NewFinder()
	for _, c := range []struct {
		zone, at string
		want     int32
	}{
		{"Europe/Stockholm", "2026-03-29T00:59:59Z", 60}, // clocks change at 01:00 UTC
		{"Europe/Stockholm", "2026-03-29T01:00:00Z", 120},
		{"Europe/Stockholm", "2026-10-25T00:59:59Z", 120},
		{"Europe/Stockholm", "2026-10-25T01:00:00Z", 60},
		{"Europe/Stockholm", "1975-07-01T12:00:00Z", 60}, // no daylight saving before 1980
		{"Australia/Lord_Howe", "2026-01-01T00:00:00Z", 660},
		{"Australia/Lord_Howe", "2026-04-04T14:59:59Z", 660}, // moves by half an hour at 02:00 local
		{"Australia/Lord_Howe", "2026-04-04T15:00:00Z", 630},
		{"Australia/Lord_Howe", "2026-10-03T15:29:59Z", 630},
		{"Australia/Lord_Howe", "2026-10-03T15:30:00Z", 660},
		{"Australia/Adelaide", "2026-04-04T16:29:59Z", 630}, // half an hour off, moves by a whole one
		{"Australia/Adelaide", "2026-04-04T16:30:00Z", 570},
		{"Australia/Adelaide", "2026-10-03T16:30:00Z", 630},
		{"America/St_Johns", "2026-03-08T05:29:59Z", -210},
		{"America/St_Johns", "2026-03-08T05:30:00Z", -150},
		{"America/St_Johns", "2026-11-01T04:30:00Z", -210},
		{"America/Sao_Paulo", "2018-02-18T01:59:59Z", -120}, // clocks changed at midnight
		{"America/Sao_Paulo", "2018-02-18T02:00:00Z", -180},
		{"America/Sao_Paulo", "2018-11-04T03:00:00Z", -120},
		{"America/Sao_Paulo", "2019-01-15T12:00:00Z", -120}, // the last summer with daylight saving
		{"America/Sao_Paulo", "2020-01-15T12:00:00Z", -180},
		{"Asia/Kathmandu", "2026-01-01T00:00:00Z", 345},
		{"America/New_York", "1842-12-07T20:00:00Z", -297}, // −4:56:02 cut towards the past
		{"UTC", "2026-01-01T00:00:00Z", 0},
		{"Pacific/Kiritimati", "2026-01-01T00:00:00Z", 840},
	} {
		if got, known := f.InZone(c.zone, at(c.at)); !known || got != c.want {
			t.Errorf("%s at %s: %d %v, want %d", c.zone, c.at, got, known, c.want)
		}
	}
}

// Names that are no zones are unknown, and so is an offset beyond 14 hours.
func TestUnknownZone(t *testing.T) {
	f := NewFinder()
	for _, name := range []string{"", "Local", "Mars/Olympus", "../etc/passwd", "Asia/Manila"} {
		if m, known := f.InZone(name, at("1800-01-01T00:00:00Z")); known { // Manila: −15:56 until 1844
			t.Errorf("%q: %d is known", name, m)
		}
	}
	if !f.Known("Asia/Manila") || f.Known("Nowhere") {
		t.Error("Known is wrong")
	}
	for o, want := range map[int32]bool{0: true, 840: true, -840: true, 841: false, -841: false} {
		if Valid(o) != want {
			t.Errorf("Valid(%d) = %v", o, !want)
		}
	}
}

// A country is known exactly when all its zones agree at the instant.
func TestInCountry(t *testing.T) {
	f := NewFinder()
	for _, c := range []struct {
		code, at string
		want     int32
		known    bool
	}{
		{"SE", "2026-07-01T12:00:00Z", 120, true},
		{"DE", "2026-07-01T12:00:00Z", 120, true}, // Berlin and Büsingen
		{"AR", "2026-01-01T12:00:00Z", -180, true},
		{"AR", "2008-02-01T12:00:00Z", 0, false}, // some provinces had daylight saving
		{"NZ", "2026-01-01T12:00:00Z", 0, false}, // Chatham
		{"US", "2026-01-01T12:00:00Z", 0, false},
		{"BR", "2026-01-01T12:00:00Z", 0, false},
		{"", "2026-01-01T12:00:00Z", 0, false},
		{"ZZ", "2026-01-01T12:00:00Z", 0, false},
	} {
		if got, known := f.InCountry(c.code, at(c.at)); known != c.known || got != c.want {
			t.Errorf("%s at %s: %d %v, want %d %v", c.code, c.at, got, known, c.want, c.known)
		}
	}
}

// Every zone of the table is in the database that is embedded.
func TestTable(t *testing.T) {
	f := NewFinder()
	for code, zones := range countryZones {
		for _, z := range strings.Fields(zones) {
			if len(code) != 2 || !f.Known(z) {
				t.Errorf("country %s: zone %s unknown", code, z)
			}
		}
	}
}

// The memory of a Finder is bounded.
func TestRemembered(t *testing.T) {
	f := NewFinder()
	for i := range 3 * maxRemembered {
		f.Known(strings.Repeat("x", i%7+1) + at("2000-01-01T00:00:00Z").Add(time.Duration(i)*time.Second).String())
	}
	if len(f.zones) > maxRemembered {
		t.Errorf("remembers %d zones", len(f.zones))
	}
}
