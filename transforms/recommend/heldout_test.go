package recommend_test

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"segue/local/world"
	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/importer"
	"segue/transforms/io/lake"
	"segue/transforms/recommend"
)

// heldOut is a night and what its listeners did in the week after.
type heldOut struct {
	replay *recommend.Replay
	index  map[string]int32
	before map[string]map[int32]bool // songs of each listener's plays up to the night
	after  map[string][]heard        // plays that were not skipped, in the week after
	truth  world.Truth               // of a generated world
}

// heard is one play of the week after; list is the context list that should have its song, "" = unknown.
type heard struct {
	song int32
	list string
}

// playLine is what is read of one line of plays.
type playLine struct {
	UserID    string    `json:"user_id"`
	SongID    string    `json:"song_id"`
	StartedAt time.Time `json:"started_at"`
	Kind      string    `json:"kind"`
	Skipped   bool      `json:"skipped"`
	Device    string    `json:"device"`
	Country   string    `json:"country"`
	Offset    *int      `json:"utc_offset_minutes"`
}

// cut says how many of a listener's last plays before the night are kept; below 0 = all.
type cut func(user string) int

const trainDays, testDays = 14, 7

// weeks returns a world of three weeks, as lines of JSON.
func weeks(p world.Params) world.Params {
	p.Days, p.Format, p.Start = trainDays+testDays, world.JSONL, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	return p
}

// newHeldOut generates a world of three weeks, runs the night of the second and keeps the third to measure.
func newHeldOut(t *testing.T, p world.Params, keep cut) *heldOut {
	t.Helper()
	dir := t.TempDir()
	p = weeks(p)
	if err := world.Generate(t.Context(), dir, p); err != nil {
		t.Fatal(err)
	}
	night := p.Start.AddDate(0, 0, trainDays)
	plays := readPlays(t, filepath.Join(dir, "plays.jsonl"), night, keep)
	s, err := lake.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	in := func(kind string) []string { return []string{filepath.Join(dir, kind+".jsonl")} }
	src := importer.Sources{From: importer.JSONL, Playlists: in("playlists"), Songs: in("songs"), Plays: in("plays"), Users: in("users")}
	if _, err := importer.Import(t.Context(), s, src, importer.Options{Date: night.AddDate(0, 0, -1)}); err != nil {
		t.Fatal(err)
	}
	h := heldOutOf(t, nightly.Options{Lake: s, Date: night.AddDate(0, 0, -1), Seed: p.Seed}, plays, night)
	text, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &h.truth); err != nil {
		t.Fatal(err)
	}
	return h
}

// heldOutOf runs a night at the defaults and takes the plays from split on as those that follow it.
func heldOutOf(t *testing.T, o nightly.Options, plays []playLine, split time.Time) *heldOut {
	t.Helper()
	o.Params, o.Runner, o.Producer = nightly.Default(), "direct", "test"
	result, err := nightly.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	h := &heldOut{index: map[string]int32{}, before: map[string]map[int32]bool{}, after: map[string][]heard{}}
	if h.replay, err = recommend.OpenReplay(t.Context(), o.Lake, result.Run); err != nil {
		t.Fatal(err)
	}
	for i, id := range h.replay.IDs {
		h.index[id] = int32(i)
	}
	for _, play := range plays {
		h.add(play, split)
	}
	return h
}

// readPlays reads the plays, by time, and writes the file again with those up to the night that are kept.
func readPlays(t *testing.T, path string, night time.Time, keep cut) []playLine {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]byte
	var plays []playLine
	left := map[string]int{}
	for line := range bytesLines(text) {
		var p playLine
		if err := json.Unmarshal(line, &p); err != nil {
			t.Fatal(err)
		}
		if lines, plays = append(lines, line), append(plays, p); p.Kind == schemas.KindPlay && p.StartedAt.Before(night) {
			left[p.UserID]++
		}
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	var kept []playLine
	for i, p := range plays {
		if n := keep(p.UserID); p.StartedAt.Before(night) && n >= 0 {
			if p.Kind != schemas.KindPlay {
				continue
			}
			if left[p.UserID]--; left[p.UserID] >= n {
				continue
			}
		}
		if kept = append(kept, p); p.StartedAt.Before(night) {
			w.Write(append(lines[i], '\n'))
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return kept
}

func (h *heldOut) add(p playLine, night time.Time) {
	song, ok := h.index[p.SongID]
	switch {
	case !ok:
	case p.StartedAt.Before(night):
		if h.before[p.UserID] == nil {
			h.before[p.UserID] = map[int32]bool{}
		}
		h.before[p.UserID][song] = true
	case p.Kind == schemas.KindPlay && !p.Skipped:
		list := ""
		if p.Offset != nil {
			local := p.StartedAt.Add(time.Duration(*p.Offset) * time.Minute).UTC()
			list = schemas.ContextList(schemas.DayPart(local.Hour()), p.Device)
		}
		h.after[p.UserID] = append(h.after[p.UserID], heard{song, list})
	}
}

// found returns the songs of the week after that were new to a listener, ascending, and those by context list.
func (h *heldOut) found(user string, l *scoring.Listener) ([]int32, map[string][]int32) {
	all, byList := map[int32]bool{}, map[string][]int32{}
	for _, x := range h.after[user] {
		if h.known(l, x.song) {
			continue
		}
		all[x.song] = true
		if !slices.Contains(byList[x.list], x.song) {
			byList[x.list] = append(byList[x.list], x.song)
		}
	}
	delete(byList, "")
	return slices.Sorted(maps.Keys(all)), byList
}

// known reports whether a listener knows a song or the song that stands for its recording.
func (h *heldOut) known(l *scoring.Listener, song int32) bool {
	_, itself := slices.BinarySearch(l.Known, song)
	_, group := slices.BinarySearch(l.Known, h.replay.Made.Catalogue.Group[song])
	return itself || group
}
