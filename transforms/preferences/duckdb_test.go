package preferences

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/clean"
	"segue/transforms/io/lake"
	"segue/transforms/io/work/worktest"
	"segue/transforms/listens"
)

// python returns an interpreter with DuckDB; make readers prepares one.
func python(t *testing.T) string {
	t.Helper()
	path := cmp.Or(os.Getenv("SEGUE_PYTHON"), "../../.venv/bin/python")
	if exec.Command(path, "-c", "import duckdb").Run() != nil {
		t.Skip("no Python with duckdb: run make readers, or set SEGUE_PYTHON")
	}
	return path
}

// realSet is a real data set made ready for both sides of the comparison.
type realSet struct {
	events  [][]string        // user, track, ts
	class   map[string]string // by track
	offsets map[string]int    // by user: minutes ahead of UTC; none = unknown
}

// readReal reads a set; the class of a track is made from its row.
func readReal(t *testing.T, name string, keep func(user string) bool, class func(row []string) string) realSet {
	t.Helper()
	root := filepath.Join(cmp.Or(os.Getenv("SEGUE_REAL_DATA"), "../../../shared/data"), name)
	s := realSet{class: map[string]string{}, offsets: map[string]int{}}
	for _, l := range csvRows(t, filepath.Join(root, "tracks.csv"), 13) {
		s.class[l[0]] = cmp.Or(class(l), schemas.Unknown)
	}
	for _, l := range csvRows(t, filepath.Join(root, "events.csv"), 10) {
		if keep(l[0]) {
			s.events = append(s.events, l[:3])
		}
	}
	return s
}

// duckdb returns what the plain query counts: by weekpart/hour/class its plays, listeners and share.
func (s realSet) duckdb(t *testing.T, python string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	file := func(name, header string, lines []string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(header+"\n"+strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	quote := func(v string) string { return `"` + strings.ReplaceAll(v, `"`, `""`) + `"` }
	var events, classes, offsets []string
	for _, l := range s.events {
		events = append(events, quote(l[0])+","+quote(l[1])+","+l[2])
	}
	for track, c := range s.class {
		classes = append(classes, quote(track)+","+quote(c))
	}
	for user, minutes := range s.offsets {
		offsets = append(offsets, quote(user)+","+fmt.Sprint(minutes))
	}
	args := []string{"../../local/readers/hours.py", file("events.csv", "user,track,ts", events), file("classes.csv", "track,class", classes), file("offsets.csv", "user,minutes", offsets)}
	var errors strings.Builder
	cmd := exec.Command(python, args...)
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("hours.py: %v\n%s", err, errors.String())
	}
	counts := map[string]string{}
	for _, line := range strings.Split(strings.TrimRight(string(out), "\n"), "\n") {
		f := strings.Split(line, "\t")
		share, err := strconv.ParseFloat(f[5], 64)
		if err != nil {
			t.Fatalf("hours.py printed %q", line)
		}
		counts[strings.Join(f[:3], "/")] = fmt.Sprintf("%s plays, %s listeners, share %.9f", f[3], f[4], share)
	}
	return counts
}

// segue returns the same from the table, made without decay, caps and minimum.
func (s realSet) segue(t *testing.T) map[string]string {
	t.Helper()
	var plays []schemas.Play
	last := int64(math.MinInt64)
	for _, l := range s.events {
		at, err := strconv.ParseInt(l[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		last = max(last, at)
		p := schemas.Play{UserID: l[0], SongID: l[1], StartedAt: time.Unix(at, 0).UTC(), Kind: schemas.KindPlay, Country: "US"}
		if minutes, ok := s.offsets[l[0]]; ok {
			m := int32(minutes)
			p.UTCOffsetMinutes = &m
		}
		plays = append(plays, p)
	}
	var songs []schemas.Song
	for track, c := range s.class {
		songs = append(songs, schemas.Song{SongID: track, Genres: []string{c}})
	}
	n := worktest.New(t, time.Unix(last, 0).UTC().Format(time.DateOnly))
	n.Landing[schemas.LandingSongs] = []lake.FileRef{write(t, n, "songs", songs)}
	n.Landing[schemas.LandingPlays] = []lake.FileRef{write(t, n, "plays", plays)}
	n.Landing[schemas.LandingPlaylists] = []lake.FileRef{write(t, n, "playlists", []schemas.Playlist{{PlaylistID: "p", Songs: []string{s.events[0][1]}}})}
	n.MustStage(clean.Stage(clean.Default(), 50))
	n.MustStage(listens.Stage())
	n.MustStage(Stage(Params{MinListeners: 1}))
	counts := map[string]string{}
	for _, r := range read(t, n).hours {
		at := ""
		switch {
		case r.Kind != KindGenre || r.Region != "US" || r.Device != schemas.All || r.Hour != nil && r.Weekpart == schemas.All:
			continue
		case r.Hour != nil:
			at = fmt.Sprint(r.Weekpart, "/", *r.Hour)
		default:
			at = "/"
		}
		counts[at+"/"+r.Value] = fmt.Sprintf("%d plays, %d listeners, share %.9f", *r.Plays, *r.Listeners, *r.Share)
	}
	return counts
}

// agree fails unless both sides count the same, and shows some of it side by side.
func agree(t *testing.T, s realSet, least int) {
	t.Helper()
	want, got := s.duckdb(t, python(t)), s.segue(t)
	agreed := 0
	for i, k := range slices.Sorted(maps.Keys(want)) {
		if got[k] != want[k] {
			t.Errorf("%s: %s, DuckDB counts %s", k, got[k], want[k])
			continue
		}
		if agreed++; i%(len(want)/10+1) == 0 {
			t.Logf("%-28s segue %s | duckdb %s", k, got[k], want[k])
		}
	}
	if len(got) != len(want) || len(want) < least {
		t.Errorf("%d rows, DuckDB has %d, want at least %d", len(got), len(want), least)
	}
	t.Logf("%d rows agree", agreed)
}

// Radio logs by the station's local hour, decades of release as classes, polled stations left out: plays, listeners and
// observed shares are those of a plain DuckDB query.
func TestClassicRockAgreesWithDuckDB(t *testing.T) {
	s := readReal(t, "classic_rock", func(user string) bool {
		for _, p := range polled {
			if p == user {
				return false
			}
		}
		return true
	}, func(row []string) string {
		if len(row[12]) < 4 {
			return ""
		}
		return row[12][:3] + "0s"
	})
	for _, l := range s.events { // the set does not say where a station stands: made up, four to seven hours behind UTC
		s.offsets[l[0]] = -240 - 60*(int(l[0][1])%4)
	}
	agree(t, s, 300)
}

// Concert programmes since 1842, composers as classes, no local time known: counts over all hours.
func TestNewYorkPhilharmonicAgreesWithDuckDB(t *testing.T) {
	agree(t, readReal(t, "nyphil", func(string) bool { return true }, func(row []string) string { return strings.Join(strings.Fields(row[2]), " ") }), 1000)
}
