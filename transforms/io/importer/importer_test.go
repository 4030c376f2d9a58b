package importer_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/importer"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

func newLake(t *testing.T) lake.Store {
	t.Helper()
	s, err := lake.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustImport(t *testing.T, s lake.Store, src importer.Sources, opt importer.Options) importer.Report {
	t.Helper()
	r, err := importer.Import(t.Context(), s, src, opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range r.Kinds {
		if k.In != k.Out+k.Rejected+k.Ignored {
			t.Errorf("%s: %d in, %d out, %d rejected, %d ignored: they do not add up", k.Kind, k.In, k.Out, k.Rejected, k.Ignored)
		}
	}
	return r
}

// rows returns all rows below a landing folder as JSON, with the folder's date in front.
func rows[T any](t *testing.T, s lake.Store, folder string) []string {
	t.Helper()
	var out []string
	for _, in := range list(t, s, folder) {
		all, err := parquetio.ReadAll[T](context.Background(), s, lake.FileRef{Key: in.Key, ETag: in.ETag, Size: in.Size})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range all {
			b, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, filepath.Base(filepath.Dir(in.Key))+" "+string(b))
		}
	}
	return out
}

func list(t *testing.T, s lake.Store, folder string) []lake.Info {
	t.Helper()
	infos, err := s.List(t.Context(), folder+"/")
	if err != nil {
		t.Fatal(err)
	}
	return infos
}

// golden compares lines with testdata/<name>; make golden writes them.
func golden(t *testing.T, name string, lines []string) {
	t.Helper()
	path, got := filepath.Join("testdata", name), strings.Join(lines, "\n")+"\n"
	if os.Getenv("SEGUE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs:\n%s\nwant:\n%s", path, got, want)
	}
}

func everything(t *testing.T, s lake.Store) []string {
	return slices.Concat(rows[schemas.Playlist](t, s, schemas.LandingPlaylists), rows[schemas.Song](t, s, schemas.LandingSongs),
		rows[schemas.Listener](t, s, schemas.LandingUsers), rows[schemas.Play](t, s, schemas.LandingPlays),
		rows[schemas.Rejected](t, s, schemas.LandingRejected))
}

func plain() importer.Sources {
	return importer.Sources{
		From: importer.JSONL, Playlists: []string{"testdata/plain/playlists.jsonl"}, Songs: []string{"testdata/plain/tracks.csv"},
		Plays: []string{"testdata/plain/events.csv"}, Users: []string{"testdata/plain/users.tsv"},
	}
}

// Every documented shape becomes the rows of its golden file, bad records with their positions and reasons.
func TestGoldenShapes(t *testing.T) {
	for name, src := range map[string]importer.Sources{
		"plain":        plain(),
		"mpd":          {From: importer.MPD, Playlists: []string{"testdata/mpd"}},
		"listenbrainz": {From: importer.ListenBrainz, Plays: []string{"testdata/listenbrainz/*.listens"}},
		"spotify":      {From: importer.Spotify, Plays: []string{"testdata/spotify"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, opt := newLake(t), importer.Options{Today: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
			if name == "spotify" {
				opt.User = "me"
			}
			mustImport(t, s, src, opt)
			golden(t, name+"/want.jsonl", everything(t, s))
		})
	}
}

// Importing the same files again changes nothing; other content of a date is refused, replaced when asked to.
func TestImportTwice(t *testing.T) {
	s, opt := newLake(t), importer.Options{}
	first := mustImport(t, s, plain(), opt)
	before := list(t, s, "landing")
	again := mustImport(t, s, plain(), opt)
	if !slices.Equal(before, list(t, s, "landing")) || len(again.Kind("plays").Written) > 0 {
		t.Errorf("a second import changed the lake: %v", again)
	}
	if len(again.Kind("plays").Existing) != len(first.Kind("plays").Written) {
		t.Errorf("second import found %v, first wrote %v", again.Kind("plays").Existing, first.Kind("plays").Written)
	}

	other := filepath.Join(t.TempDir(), "playlists.jsonl")
	if err := os.WriteFile(other, []byte(`{"playlist_id":"p9","songs":["t1"]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	src := importer.Sources{From: importer.JSONL, Playlists: []string{other}}
	opt.Date = first.Date
	if _, err := importer.Import(t.Context(), s, src, opt); err == nil || !strings.Contains(err.Error(), "another snapshot of 2014-06-16") {
		t.Errorf("another snapshot of the date: got error %v", err)
	}
	if !slices.Equal(before, list(t, s, "landing")) {
		t.Error("the refused import changed the lake")
	}
	opt.Replace = true
	mustImport(t, s, src, opt)
	if got := rows[schemas.Playlist](t, s, schemas.LandingPlaylists); len(got) != 1 || !strings.Contains(got[0], "p9") {
		t.Errorf("after replacing: %v", got)
	}
	for _, r := range rows[schemas.Rejected](t, s, schemas.LandingRejected) {
		if strings.Contains(r, "playlists.jsonl") {
			t.Errorf("a reject of the replaced snapshot is left: %s", r)
		}
	}
}

// Columns without a field are named, with the first file that has them.
func TestUnmatchedColumnsAreReported(t *testing.T) {
	got := map[string]string{}
	for _, u := range mustImport(t, newLake(t), plain(), importer.Options{}).Unmatched {
		got[u.Kind+"/"+u.Column] = u.File
	}
	want := map[string]string{"plays/rating": "events.csv", "plays/ts_precision": "events.csv", "songs/energy": "tracks.csv"}
	if !maps.Equal(got, want) {
		t.Errorf("unmatched columns are %v, want %v", got, want)
	}
}

// Songs that come with plays join those of earlier imports; nothing new writes nothing.
func TestDerivedSongsUnite(t *testing.T) {
	s := newLake(t)
	date := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	spotify := importer.Sources{From: importer.Spotify, Plays: []string{"testdata/spotify"}}
	mustImport(t, s, importer.Sources{From: importer.MPD, Playlists: []string{"testdata/mpd"}}, importer.Options{Date: date})
	r := mustImport(t, s, spotify, importer.Options{Date: date.AddDate(0, 0, 1), User: "me"}).Kind("songs")
	if r.Out != 1 || r.Carried != 2 || len(r.Written) != 1 {
		t.Errorf("report of songs is %+v, want one new and two carried", r)
	}
	before := list(t, s, "landing")
	mustImport(t, s, spotify, importer.Options{Date: date.AddDate(0, 0, 1), User: "me"})
	if !slices.Equal(before, list(t, s, "landing")) {
		t.Error("a second import changed the lake")
	}
}
