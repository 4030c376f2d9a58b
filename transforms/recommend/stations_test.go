package recommend_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/io/importer"
	"segue/transforms/io/lake"
)

// stationSplits are the days from which the radio stations' plays are sought; what they played before is known.
var stationSplits = []time.Time{day(18), day(19), day(20)}

func day(n int) time.Time { return time.Date(2014, 6, n, 0, 0, 0, 0, time.UTC) }

// A week of radio: how what stations play for the first time after a split is foreseen by lists made of what they played before,
// over three splits pooled: better than by popularity, and by a lower bound above .95 of item-kNN.
func TestStations(t *testing.T) {
	root := os.Getenv("SEGUE_REAL_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir := filepath.Join(root, "classic_rock")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no real data at %s: name its folder in SEGUE_REAL_DATA", dir)
	}
	got := table{}
	for _, split := range stationSplits {
		got.pool(ablate(t, stations(t, dir, split)))
	}
	got.print(t, "classic rock stations, three splits")
	if r := ratio(got[full][0], got[popular][0]); !(r.Value > 1 && r.Low > 0.98) {
		t.Errorf("nDCG over that of popularity is %.3f [%.3f, %.3f], want above 1", r.Value, r.Low, r.High)
	}
	if r := ratio(got[full][0], got[itemKNN][0]); !(r.Low > 0.95) {
		t.Errorf("nDCG over that of item-kNN is %.3f [%.3f, %.3f], want above 0.95 by its lower bound", r.Value, r.Low, r.High)
	}
}

// stations runs the night before the split on what was known then.
func stations(t *testing.T, dir string, split time.Time) *heldOut {
	t.Helper()
	in := t.TempDir()
	plays := stationPlays(t, filepath.Join(dir, "events.csv"), filepath.Join(in, "events.csv"), split)
	stationPlaylists(t, filepath.Join(dir, "playlists.jsonl"), filepath.Join(in, "playlists.jsonl"), split)
	s, err := lake.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	date := split.AddDate(0, 0, -1)
	src := importer.Sources{
		From: importer.JSONL, Playlists: []string{filepath.Join(in, "playlists.jsonl")}, Songs: []string{filepath.Join(dir, "tracks.csv")},
		Plays: []string{filepath.Join(in, "events.csv")},
	}
	if _, err := importer.Import(t.Context(), s, src, importer.Options{Date: date}); err != nil {
		t.Fatal(err)
	}
	return heldOutOf(t, nightly.Options{Lake: s, Date: date, Seed: 1}, plays, split)
}

// stationPlays reads all plays and copies those before the split.
func stationPlays(t *testing.T, from, to string, split time.Time) (plays []playLine) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	kept := [][]string{rows[0]}
	for _, r := range rows[1:] {
		seconds, err := strconv.ParseInt(r[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		p := playLine{UserID: r[0], SongID: r[1], StartedAt: time.Unix(seconds, 0).UTC(), Kind: schemas.KindPlay}
		if plays = append(plays, p); p.StartedAt.Before(split) {
			kept = append(kept, r)
		}
	}
	f, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if err := csv.NewWriter(f).WriteAll(kept); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return plays
}

// stationPlaylists copies the lists of hours before the split; their names hold the day.
func stationPlaylists(t *testing.T, from, to string, split time.Time) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	for line := range bytesLines(text) {
		var p struct {
			Name string `json:"name"`
		}
		if err := json.Unmarshal(line, &p); err != nil {
			t.Fatal(err)
		}
		words := strings.Fields(p.Name)
		if day, err := time.Parse(time.DateOnly, words[min(1, len(words)-1)]); err == nil && day.Before(split) {
			out = append(append(out, line...), '\n')
		}
	}
	if err := os.WriteFile(to, out, 0o644); err != nil {
		t.Fatal(err)
	}
}
