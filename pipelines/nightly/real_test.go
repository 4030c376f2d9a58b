package nightly_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/io/importer"
	"segue/transforms/io/lake"
	"segue/transforms/preferences"
)

// stationZones is where the stations of classic_rock stand: the set itself does not say.
var stationZones = map[string]string{
	"KCFX": "America/Chicago", "KGB": "America/Los_Angeles", "KGLK": "America/Chicago", "KGON": "America/Los_Angeles",
	"KLOS": "America/Los_Angeles", "KRFX": "America/Denver", "KSEG": "America/Los_Angeles", "KSHE": "America/Chicago",
	"KSLX": "America/Phoenix", "KUFX": "America/Los_Angeles", "KZEP": "America/Chicago", "KZOK": "America/Los_Angeles",
	"KZPS": "America/Chicago", "WAXQ": "America/New_York", "WBGG": "America/New_York", "WBIG": "America/New_York",
	"WCSX": "America/Detroit", "WDVE": "America/New_York", "WLUP": "America/Chicago", "WMGK": "America/New_York",
	"WNCX": "America/New_York", "WOFX": "America/New_York", "WRFX": "America/New_York", "WXGL": "America/New_York",
	"WZLX": "America/New_York",
}

// realSet returns the folder of a real data set, or skips.
func realSet(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("SEGUE_REAL_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir := filepath.Join(root, name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no real data at %s: name its folder in SEGUE_REAL_DATA", dir)
	}
	return dir
}

func realNight(t *testing.T, dir string, users []string) (lake.Store, string, nightly.Result) {
	t.Helper()
	s, err := lake.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	src := importer.Sources{
		From: "jsonl", Playlists: []string{filepath.Join(dir, "playlists.jsonl")}, Songs: []string{filepath.Join(dir, "tracks.csv")},
		Plays: []string{filepath.Join(dir, "events.csv")}, Users: users,
	}
	report, err := importer.Import(t.Context(), s, src, importer.Options{Today: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	p := nightly.Default()
	p.Neighbours.ArtistBonus = 0                        // the check below counts same artists: they must come from listening alone
	p.Preferences = preferences.Params{MinListeners: 1} // of all days, without decay and caps: plain counts
	r := mustRun(t, nightly.Options{Lake: s, Date: report.Date, Params: p, Seed: 1, Producer: "segue test"})
	return s, r.Run, r
}

// Radio logs: plays land in the local hour of their station, and neighbours share their artist more often than by chance.
func TestClassicRock(t *testing.T) {
	dir := realSet(t, "classic_rock")
	users := filepath.Join(t.TempDir(), "users.csv")
	text := "user_id,time_zone,country\n"
	for station, zone := range stationZones {
		text += station + "," + zone + ",US\n"
	}
	if err := os.WriteFile(users, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s, run, r := realNight(t, dir, []string{users})
	tables := rows(t, s, run)
	want := localHours(t, filepath.Join(dir, "events.csv"))
	got := map[int32]int64{}
	for _, row := range tables[schemas.TablePreferencesByHour] {
		p := row.(schemas.PreferenceByHour)
		if p.Region == "US" && p.Weekpart == schemas.All && p.Device == schemas.All && p.Kind == "genre" && p.Hour != nil {
			got[*p.Hour] += *p.Plays
		}
	}
	for hour := range int32(24) {
		if got[hour] != want[hour] {
			t.Errorf("hour %d has %d plays, the events file %d", hour, got[hour], want[hour])
		}
	}
	if c := r.Stages[0].Counters; c["clean/plays_in"] != c["clean/plays_out"]+c["clean/plays_rejected"] {
		t.Errorf("plays in %d, out %d, rejected %d", c["clean/plays_in"], c["clean/plays_out"], c["clean/plays_rejected"])
	}
	sameArtist(t, tables)
}

// Concert programmes since 1842: every table comes out, and neighbours share their composer more often than by chance.
func TestNewYorkPhilharmonic(t *testing.T) {
	dir := realSet(t, "nyphil")
	if testing.Short() {
		t.Skip("takes ten seconds: not in -short")
	}
	s, run, _ := realNight(t, dir, nil)
	sameArtist(t, rows(t, s, run))
}

// localHours counts the distinct plays of an events file by the local hour of their station.
func localHours(t *testing.T, path string) map[int32]int64 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	hours, seen := map[int32]int64{}, map[string]bool{}
	for _, l := range lines[1:] {
		id := fmt.Sprint(l[0], "/", l[1], "/", l[2])
		if seen[id] {
			continue
		}
		seen[id] = true
		zone, err := time.LoadLocation(stationZones[l[0]])
		if err != nil {
			t.Fatal(err)
		}
		at, err := strconv.ParseInt(l[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		hours[int32(time.Unix(at, 0).In(zone).Hour())]++
	}
	return hours
}

// sameArtist compares the share of ten nearest neighbours by the same artist with that of songs drawn at random.
func sameArtist(t *testing.T, tables map[string][]any) {
	t.Helper()
	count, total := map[string]float64{}, 0.0
	for _, row := range tables[schemas.TableSongs] {
		total++
		if a := row.(schemas.SongRow).ArtistIDs; len(a) > 0 {
			count[a[0]]++
		}
	}
	chance := 0.0
	for _, n := range count {
		chance += n / total * (n - 1) / (total - 1)
	}
	same, near := 0.0, 0.0
	for _, row := range tables[schemas.TableSongNeighbours] {
		n := row.(schemas.SongNeighbour)
		if n.Rank > 10 {
			continue
		}
		near++
		if n.SameArtist {
			same++
		}
	}
	t.Logf("same artist among the ten nearest: %.4f, by chance %.4f", same/near, chance)
	if same/near < 1.5*chance {
		t.Errorf("same artist among the ten nearest: %.4f, want 1.5 times the %.4f of chance", same/near, chance)
	}
}
