package world_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"segue/local/world"
	"segue/schemas"
)

type playlist struct {
	Songs []string `json:"songs"`
}

type play struct {
	SongID    string    `json:"song_id"`
	StartedAt time.Time `json:"started_at"`
	Kind      string    `json:"kind"`
	Skipped   bool      `json:"skipped"`
	Offset    *int      `json:"utc_offset_minutes"`
}

func generate(t *testing.T, p world.Params) string {
	t.Helper()
	dir := t.TempDir()
	if err := world.Generate(t.Context(), dir, p); err != nil {
		t.Fatal(err)
	}
	return dir
}

func small() world.Params {
	p := world.Default()
	p.Songs, p.Playlists, p.Users, p.Days, p.Format = 2000, 1500, 200, 7, world.JSONL
	return p
}

func lines[T any](t *testing.T, path string) []T {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []T
	for in := json.NewDecoder(bufio.NewReader(f)); in.More(); {
		var row T
		if err := in.Decode(&row); err != nil {
			t.Fatal(err)
		}
		out = append(out, row)
	}
	return out
}

// The same seed gives the same bytes at any number of cores, another seed others.
func TestGenerateIsDeterministic(t *testing.T) {
	p := small()
	a := generate(t, p)
	cores := runtime.GOMAXPROCS(1)
	b := generate(t, p)
	runtime.GOMAXPROCS(cores)
	p.Seed++
	c := generate(t, p)
	for _, name := range []string{"songs.jsonl", "playlists.jsonl", "users.jsonl", "plays.jsonl", "truth.json"} {
		read := func(dir string) string {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		}
		if read(a) != read(b) {
			t.Errorf("%s differs between two worlds of one seed", name)
		}
		if read(a) == read(c) {
			t.Errorf("%s is the same for two seeds", name)
		}
	}
}

// Playlist lengths have the published median of 49 within 10 % and end at 376.
func TestPlaylistShape(t *testing.T) {
	rows := lines[playlist](t, filepath.Join(generate(t, small()), "playlists.jsonl"))
	lengths := make([]int, len(rows))
	for i, r := range rows {
		lengths[i] = len(r.Songs)
	}
	slices.Sort(lengths)
	if m := lengths[len(lengths)/2]; m < 44 || m > 54 {
		t.Errorf("median length %d, want 49 within 10 %%", m)
	}
	if most := lengths[len(lengths)-1]; most > 376 {
		t.Errorf("longest playlist has %d songs, want at most 376", most)
	}
}

// Planted moods are heard more at their local hours than outside.
func TestMoodsFollowLocalHours(t *testing.T) {
	dir := generate(t, small())
	var truth world.Truth
	data, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &truth); err != nil {
		t.Fatal(err)
	}
	var inPeak, outPeak, inAll, outAll map[string]float64 = map[string]float64{}, map[string]float64{}, map[string]float64{}, map[string]float64{}
	for _, e := range lines[play](t, filepath.Join(dir, "plays.jsonl")) {
		if e.Kind != schemas.KindPlay || e.Offset == nil {
			continue
		}
		hour := e.StartedAt.UTC().Add(time.Duration(*e.Offset) * time.Minute).Hour()
		for mood, peak := range truth.MoodPeaks {
			hit, all := outPeak, outAll
			if hour >= peak[0] && hour < peak[1] {
				hit, all = inPeak, inAll
			}
			all[mood]++
			if truth.Moods[e.SongID] == mood {
				hit[mood]++
			}
		}
	}
	for mood := range truth.MoodPeaks {
		if in, out := inPeak[mood]/inAll[mood], outPeak[mood]/outAll[mood]; in < 1.2*out {
			t.Errorf("mood %s has share %.3f at its hours and %.3f outside, want 1.2 times as much", mood, in, out)
		}
	}
}

// About as many plays come as are asked for.
func TestPlaysAskedFor(t *testing.T) {
	p := small()
	p.Users, p.Plays = 9000, 40_000 // more listeners than a block
	n := len(lines[play](t, filepath.Join(generate(t, p), "plays.jsonl")))
	if n < 36_000 || n > 44_000 {
		t.Errorf("%d plays, want 40,000 within a tenth", n)
	}
}

// Sizes that make no world are all reported.
func TestValidate(t *testing.T) {
	if err := (world.Params{Songs: 1, Days: 0, Format: "xml"}).Validate(); err == nil {
		t.Error("a world of one song and no days is accepted")
	}
}
