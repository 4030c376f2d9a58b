package clean

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"segue/schemas"
	"segue/transforms/algo/artist"
	"segue/transforms/algo/country"
)

// verdict is what becomes of one landing row.
type verdict struct {
	Reason  string // why it is not used; "" = it is
	Cut     bool   // used without its tail
	Dropped int64  // entries without id left out
	Device  string // what the input calls a device of no known class
	Country bool   // used without a country: what the input gives is no ISO code
}

// rules is what one kind of landing row must satisfy. Its exported fields are configuration.
type rules[T any] interface {
	check(row *T) verdict  // makes the row what the night uses; one that it refuses stays as it is
	id(row *T) string      // what buckets are cut by
	songs(row *T) []string // song ids it names
}

// songRules accept songs with an id and complete what follows from the rest: artist ids, country codes.
type songRules struct{}

func (songRules) check(s *schemas.Song) verdict {
	switch {
	case !utf8Strings(s.SongID, s.Title, s.Album, s.ReleaseDate, s.ArtistCountry, s.VersionOf),
		!utf8Strings(s.Artists...), !utf8Strings(s.ArtistIDs...), !utf8Strings(s.Genres...), !utf8Strings(s.Moods...), !utf8Strings(s.Countries...):
		return verdict{Reason: schemas.ReasonInvalidUTF8}
	case blank(s.SongID):
		return verdict{Reason: schemas.ReasonMissingSong}
	case tooLong(s.SongID):
		return verdict{Reason: schemas.ReasonLongID}
	case s.DurationMs != nil && *s.DurationMs < 0:
		return verdict{Reason: schemas.ReasonNegativeDuration}
	}
	s.ArtistIDs = artistIDs(s.Artists, s.ArtistIDs)
	if s.Tempo != nil && !(*s.Tempo > 0 && float64(*s.Tempo) < math.Inf(1)) {
		s.Tempo = nil
	}
	if s.DurationMs != nil && *s.DurationMs == 0 {
		s.DurationMs = nil
	}
	s.Countries = slices.Clone(s.Countries)
	for i, c := range s.Countries {
		s.Countries[i] = country.Code(c)
	}
	s.Countries = slices.DeleteFunc(s.Countries, blank)
	s.ArtistCountry = country.Code(s.ArtistCountry)
	return verdict{}
}

func (songRules) id(s *schemas.Song) string    { return s.SongID }
func (songRules) songs(*schemas.Song) []string { return nil } // from the deduplicated metadata, with their length

// artistIDs returns one id an artist: the given one, else that of the name.
func artistIDs(names, ids []string) []string {
	out := slices.Clone(ids)
	for len(out) < len(names) {
		out = append(out, "")
	}
	for i, name := range names {
		if blank(out[i]) {
			out[i] = artist.ID(name)
		}
	}
	return out
}

// listenerRules accept listeners with an id.
type listenerRules struct{}

func (listenerRules) check(l *schemas.Listener) verdict {
	switch {
	case !utf8Strings(l.UserID, l.Country, l.TimeZone) || !utf8Strings(l.Genres...):
		return verdict{Reason: schemas.ReasonInvalidUTF8}
	case blank(l.UserID):
		return verdict{Reason: schemas.ReasonMissingUser}
	case tooLong(l.UserID):
		return verdict{Reason: schemas.ReasonLongID}
	}
	var v verdict
	l.Country, v.Country = countryOf(l.Country)
	return v
}

// countryOf returns the ISO code of a country, and whether what is given is none.
func countryOf(given string) (code string, unknown bool) {
	code = country.Code(given)
	return code, code == "" && !blank(given)
}

func (listenerRules) id(l *schemas.Listener) string    { return l.UserID }
func (listenerRules) songs(*schemas.Listener) []string { return nil }

func blank(s string) bool { return strings.TrimSpace(s) == "" }

func tooLong(id string) bool { return len(id) > schemas.MaxID }

func utf8Strings(all ...string) bool {
	for _, s := range all {
		if !utf8.ValidString(s) {
			return false
		}
	}
	return true
}
