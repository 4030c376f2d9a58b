package importer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/importer"
)

// Landing rows written as Parquet come back as they were.
func TestGoldenParquetRoundTrip(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)
	n, yes, tempo, offset := int64(7), true, float32(99.5), int32(-180)
	src := importer.Sources{
		From: importer.Parquet,
		Playlists: []string{write(t, "p.parquet", parquetOf(t, schemas.Playlist{
			PlaylistID: "p", OwnerID: "o", Name: "n", ModifiedAt: &at, Followers: &n, Songs: []string{"a", "b;c", "a"},
		}))},
		Songs: []string{write(t, "s.parquet", parquetOf(t, schemas.Song{
			SongID: "a", Title: "A", Artists: []string{"X", "Y"}, ArtistIDs: []string{"x", "y"}, Album: "L", Genres: []string{"g"},
			Moods: []string{"calm"}, Tempo: &tempo, DurationMs: &n, ReleaseDate: "1999-01", Countries: []string{"SE"}, ArtistCountry: "DE", VersionOf: "b",
		}))},
		Users: []string{write(t, "u.parquet", parquetOf(t, schemas.Listener{UserID: "u", Country: "SE", TimeZone: "Europe/Stockholm", SignedUpAt: &at, Genres: []string{"g"}}))},
		Plays: []string{write(t, "e.parquet", parquetOf(t, schemas.Play{
			EventID: "e", UserID: "u", SongID: "a", StartedAt: at, Kind: "like", MsPlayed: &n, TrackMs: &n, Skipped: &yes, Device: "tv",
			UTCOffsetMinutes: &offset, TimeZone: "America/Sao_Paulo", Country: "BR", Place: "home", Context: "radio",
		}))},
	}
	s := newLake(t)
	if r := mustImport(t, s, src, importer.Options{}); len(r.Unmatched) > 0 {
		t.Errorf("unmatched: %v", r.Unmatched)
	}
	golden(t, "parquet.jsonl", everything(t, s))
}

// The Parquet shape of ListenBrainz: an unmapped recording falls back to its MessyBrainz id.
func TestListenBrainzParquet(t *testing.T) {
	type listen struct {
		ListenedAt  int64    `parquet:"listened_at,timestamp(millisecond)"`
		UserID      int64    `parquet:"user_id"`
		MSID        string   `parquet:"recording_msid"`
		Artist      string   `parquet:"artist_name"`
		Release     string   `parquet:"release_name"`
		Recording   string   `parquet:"recording_name"`
		MBID        *string  `parquet:"recording_mbid,optional"`
		ArtistMBIDs []string `parquet:"artist_credit_mbids,list"`
	}
	mbid := "e97f805a-ab48-4c52-855e-07049142113d"
	path := write(t, "0.parquet", parquetOf(t,
		listen{1625140800000, 7, "m1", "Portishead", "Dummy", "Strangers", &mbid, []string{"8f6b"}},
		listen{1625140900000, 8, "m2", "Portishead", "", "Roads", nil, nil}))
	s := newLake(t)
	mustImport(t, s, importer.Sources{From: importer.ListenBrainz, Plays: []string{path}}, importer.Options{})
	plays := strings.Join(rows[schemas.Play](t, s, schemas.LandingPlays), "\n")
	for _, want := range []string{`"UserID":"7","SongID":"` + mbid, `"UserID":"8","SongID":"m2"`, `"StartedAt":"2021-07-01T12:00:00Z"`} {
		if !strings.Contains(plays, want) {
			t.Errorf("plays lack %s:\n%s", want, plays)
		}
	}
	songs := strings.Join(rows[schemas.Song](t, s, schemas.LandingSongs), "\n")
	if !strings.Contains(songs, `"ArtistIDs":["8f6b"]`) || !strings.Contains(songs, `"Title":"Roads"`) {
		t.Errorf("songs are\n%s", songs)
	}
}

// Plays of recent days have a folder of their day; older ones share their month's or year's first day, so that every
// folder holds plays of its date or later, whatever the order of the input.
func TestFoldersOfOldPlays(t *testing.T) {
	newest := time.Date(2025, 12, 20, 9, 0, 0, 0, time.UTC)
	days := []string{"2025-12-20", "2025-12-19", "2025-09-21", "2025-09-20", "2025-02-28", "2023-12-31", "2023-11-30", "1842-12-07"}
	want := []string{
		"1842-01-01 1842-12-07", "2023-01-01 2023-11-30", "2023-01-01 2023-12-31", "2025-02-01 2025-02-28", "2025-09-01 2025-09-20",
		"2025-09-21 2025-09-21", "2025-12-19 2025-12-19", "2025-12-20 2025-12-20", // 2023-12-01 is 750 days old
	}

	for _, order := range [][]string{days, slices.Sorted(slices.Values(days))} {
		var in strings.Builder
		fmt.Fprintln(&in, "user,track,ts")
		for _, d := range order {
			fmt.Fprintf(&in, "u,t,%sT09:00:00Z\n", d)
		}
		s := newLake(t)
		r := mustImport(t, s, importer.Sources{From: importer.CSV, Plays: []string{write(t, "e.csv", []byte(in.String()))}}, importer.Options{})
		if r.Date != newest.Truncate(24*time.Hour) {
			t.Errorf("date is %s, want the newest play's", r.Date)
		}
		var got []string
		for _, row := range rows[schemas.Play](t, s, schemas.LandingPlays) {
			_, at, _ := strings.Cut(row, `"StartedAt":"`)
			got = append(got, strings.TrimPrefix(row[:len("date=2006-01-02")], "date=")+" "+at[:len(time.DateOnly)])
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("folders and days are %q, want %q", got, want)
		}
	}
}

// A play dated far after today decides neither the logical date nor the folders.
func TestBrokenClockIsNotTheNewestPlay(t *testing.T) {
	path := write(t, "e.csv", []byte("user,track,ts\nu,t,2026-01-05T09:00:00Z\nu,t,2099-01-01T00:00:00Z\n"))
	opt := importer.Options{Today: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)}
	s := newLake(t)
	r := mustImport(t, s, importer.Sources{From: importer.CSV, Plays: []string{path}}, opt)
	if !r.Date.Equal(opt.Today) {
		t.Errorf("date is %s, want %s", r.Date, opt.Today)
	}
	if got := r.Kind("plays").Written; len(got) != 2 || !strings.Contains(got[0]+got[1], "date=2026-01-05") {
		t.Errorf("written %v, want a folder each", got)
	}
}

// What the caller states fills what the records leave open, and nothing else.
func TestStatedDefaults(t *testing.T) {
	path := write(t, "e.csv", []byte("user,track,ts,country\n,t,1402884087,\nu,t,1402884088,SE\n"))
	s := newLake(t)
	opt := importer.Options{Country: "US", TimeZone: "America/Chicago", User: "me"}
	mustImport(t, s, importer.Sources{From: importer.CSV, Plays: []string{path}}, opt)
	got := rows[schemas.Play](t, s, schemas.LandingPlays)
	if len(got) != 2 || !strings.Contains(got[0], `"UserID":"me"`) || !strings.Contains(got[0], `"Country":"US"`) || !strings.Contains(got[1], `"Country":"SE"`) {
		t.Errorf("plays are %q", got)
	}
}
