// Package zone finds how far a listener's clock was ahead of UTC at an instant; what cannot be known stays unknown.
//
//	zone.go       Finder: from an offset, an IANA zone or a country
//	countries.go  the zones of each country
//
// The tz database is embedded through time/tzdata; Go prefers the system's copy where there is one.
package zone

import (
	"strings"
	"time"
	_ "time/tzdata" // zones on machines without a system database
)

// MaxOffsetMinutes is the furthest local time stands from UTC, either way; anything beyond is an error of the input.
const MaxOffsetMinutes = 14 * 60

// Valid reports whether an offset in minutes lies within ±14 hours.
func Valid(offsetMinutes int32) bool {
	return -MaxOffsetMinutes <= offsetMinutes && offsetMinutes <= MaxOffsetMinutes
}

// Finder finds offsets and remembers the zones it has met. Make one a work item: it is not safe for concurrent use.
type Finder struct {
	zones     map[string]*time.Location // nil = no such zone
	countries map[string][]string
}

// maxRemembered bounds the zones a Finder keeps, against inputs full of made-up names.
const maxRemembered = 4096

// NewFinder returns a Finder that has met no zone yet.
func NewFinder() *Finder {
	return &Finder{zones: map[string]*time.Location{}, countries: map[string][]string{}}
}

// Known reports whether name is a zone of the tz database.
func (f *Finder) Known(name string) bool { return f.location(name) != nil }

// InZone returns the minutes local time is ahead of UTC in an IANA zone at an instant, daylight saving included.
// Local mean times before standard time are cut to whole minutes towards the past. Unknown: no such zone, or beyond ±14 h.
func (f *Finder) InZone(name string, at time.Time) (minutes int32, known bool) {
	loc := f.location(name)
	if loc == nil {
		return 0, false
	}
	_, seconds := at.In(loc).Zone()
	minutes = int32(floorDiv(seconds, 60))
	return minutes, Valid(minutes)
}

// InCountry returns the offset of a country, by ISO code in capitals, at an instant: known only when every zone of the
// country showed the same time then. So Sweden is always known, Argentina today, the United States never.
func (f *Finder) InCountry(code string, at time.Time) (minutes int32, known bool) {
	zones := f.countries[code]
	if zones == nil {
		zones = strings.Fields(countryZones[code])
		f.countries[code] = zones
	}
	for i, name := range zones {
		m, ok := f.InZone(name, at)
		if !ok || i > 0 && m != minutes {
			return 0, false
		}
		minutes = m
	}
	return minutes, len(zones) > 0
}

func (f *Finder) location(name string) *time.Location {
	if name == "" || name == "Local" { // Go's names for UTC and for this machine's zone
		return nil
	}
	if loc, met := f.zones[name]; met {
		return loc
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		loc = nil
	}
	if len(f.zones) >= maxRemembered {
		clear(f.zones)
	}
	f.zones[name] = loc
	return loc
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
