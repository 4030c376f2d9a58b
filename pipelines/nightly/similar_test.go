package nightly_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"segue/schemas"
)

// eraYears is how far apart songs of one era are at most.
const eraYears = 5

// wellKnown is how many songs are looked at, those in most playlists of known artist and year.
const wellKnown = 10

// Neighbours of well-known songs look right: by listening alone, without an artist bonus, they are of the same artist or era more
// often than songs drawn at random for the same songs. Era tells: stations keep the songs of an artist hours apart.
func TestNeighboursLookRight(t *testing.T) {
	s, run, _ := realNight(t, realSet(t, "classic_rock"), nil)
	tables := rows(t, s, run)
	songs := map[string]schemas.SongRow{}
	var known []schemas.SongRow
	for _, row := range tables[schemas.TableSongs] {
		song := row.(schemas.SongRow)
		songs[song.SongID] = song
		if _, ok := year(song); ok && len(song.ArtistIDs) > 0 {
			known = append(known, song)
		}
	}
	slices.SortFunc(known, func(a, b schemas.SongRow) int {
		return cmp.Or(cmp.Compare(b.Playlists, a.Playlists), cmp.Compare(a.SongID, b.SongID))
	})
	var found, chance, foundArtist, chanceArtist []float64
	for _, song := range known[:wellKnown] {
		near, names := neighboursOf(tables[schemas.TableSongNeighbours], songs, song)
		found, chance = append(found, share(song, near, related)), append(chance, share(song, known, related))
		foundArtist, chanceArtist = append(foundArtist, share(song, near, sameArtistAs)), append(chanceArtist, share(song, known, sameArtistAs))
		t.Logf("%s: %s", title(song), strings.Join(names, "; "))
	}
	t.Logf("same artist or within %d years: %.3f of the ten nearest, %.3f of songs at random; same artist: %.3f and %.3f",
		eraYears, mean(found), mean(chance), mean(foundArtist), mean(chanceArtist))
	if mean(found) < 1.2*mean(chance) {
		t.Error("neighbours do not look right")
	}
}

// neighboursOf returns the ten nearest songs of known year, and the titles of the first five.
func neighboursOf(table []any, songs map[string]schemas.SongRow, of schemas.SongRow) (near []schemas.SongRow, names []string) {
	for _, row := range table {
		n := row.(schemas.SongNeighbour)
		if n.SongID != of.SongID {
			continue
		}
		song := songs[n.NeighbourID]
		if n.Rank <= 5 {
			names = append(names, title(song))
		}
		if _, ok := year(song); ok && len(near) < 10 {
			near = append(near, song)
		}
	}
	return near, names
}

func title(s schemas.SongRow) string {
	return fmt.Sprintf("%s (%s)", s.Title, strings.Join(s.Artists, ", "))
}

func year(s schemas.SongRow) (int, bool) {
	y, err := strconv.Atoi(s.ReleaseDate[:min(4, len(s.ReleaseDate))])
	return y, err == nil
}

func sameArtistAs(a, b schemas.SongRow) bool {
	return len(a.ArtistIDs) > 0 && len(b.ArtistIDs) > 0 && a.ArtistIDs[0] == b.ArtistIDs[0]
}

func related(a, b schemas.SongRow) bool {
	x, knownX := year(a)
	y, knownY := year(b)
	return sameArtistAs(a, b) || knownX && knownY && max(x-y, y-x) <= eraYears
}

// share returns how many of some songs but the song itself are related to it.
func share(of schemas.SongRow, songs []schemas.SongRow, related func(a, b schemas.SongRow) bool) float64 {
	hits, all := 0, 0
	for _, s := range songs {
		if s.SongID == of.SongID {
			continue
		}
		all++
		if related(of, s) {
			hits++
		}
	}
	return float64(hits) / float64(max(all, 1))
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
