package preferences

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/algo/worth"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

func ptr[T any](v T) *T { return &v }

var songs = []schemas.SongRow{
	{SongID: "a", Moods: []string{"calm", "happy", "calm"}, Genres: []string{"folk"}, Tempo: ptr[float32](80)},
	{SongID: "b", Genres: []string{"rock", ""}, Tempo: ptr[float32](120)},
	{SongID: "c", Moods: []string{"happy"}},
}

var night = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// randomEvents returns events of listeners by listener, then time.
func randomEvents(seed uint64, listeners int) []listenio.Event {
	r := rand.New(rand.NewPCG(seed, 5))
	var out []listenio.Event
	for l := range listeners {
		at := night.AddDate(0, 0, -3).Add(time.Duration(r.IntN(24)) * time.Hour)
		for range r.IntN(30) {
			at = at.Add(time.Duration(r.IntN(4)) * time.Hour)
			e := listenio.Event{
				UserID: fmt.Sprintf("u%03d", l), At: at, Song: int32(r.IntN(len(songs))), Play: r.IntN(5) > 0, Weight: r.Int64N(3*worth.One) - worth.One/2,
				Cell: listenio.Cell{
					Region: []string{"SE", "BR", ""}[r.IntN(3)], Weekpart: []string{schemas.Weekday, schemas.Weekend}[r.IntN(2)], Hour: int32(r.IntN(3)),
					Device: []string{"phone", "speaker", schemas.Unknown}[r.IntN(3)], Place: []string{"", "gym", "home"}[r.IntN(3)],
				},
			}
			e.Skipped = e.Play && r.IntN(4) == 0
			if r.IntN(4) == 0 {
				e.Cell.Weekpart, e.Cell.Hour = "", listenio.UnknownHour
			}
			out = append(out, e)
		}
	}
	return out
}

func table() *songTable {
	b := newBuilder()
	for _, s := range songs {
		b.add(songTags{s.SongID, s.Genres, s.Tempo}, s.Moods)
	}
	return b.finish()
}

// listensOf writes events as files cut by f, in the order their names came first.
func listensOf(t *testing.T, n *worktest.Night, events []listenio.Event, f func(listenio.Event) string) []lake.FileRef {
	t.Helper()
	books, names := map[string]*listenio.Book{}, []string{}
	for _, e := range events {
		name := f(e)
		if books[name] == nil {
			books[name], names = listenio.NewBook(), append(names, name)
		}
		books[name].Add(e)
	}
	var out []lake.FileRef
	for _, name := range names {
		ref, err := books[name].Write(t.Context(), n.Lake, t.Name()+"/"+name, table().ids)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, ref)
	}
	return out
}

func byBucket(buckets int) func(listenio.Event) string {
	return func(e listenio.Event) string { return fmt.Sprint("bucket-", schemas.Bucket(e.UserID, buckets)) }
}

// output is both tables in key order.
type output struct {
	hours  []schemas.PreferenceByHour
	places []schemas.DevicePreference
}

func runStage(t *testing.T, n *worktest.Night, p Params, listens []lake.FileRef) output {
	t.Helper()
	n.Files[schemas.WorkListens] = listens
	n.Files[schemas.TableSongs] = []lake.FileRef{write(t, n, "songs-0", songs[:1]), write(t, n, "songs-1", songs[1:])}
	var moods []schemas.SongMood
	for _, s := range songs {
		for _, m := range s.Moods {
			moods = append(moods, schemas.SongMood{SongID: s.SongID, Mood: m})
		}
	}
	n.Files[schemas.TableSongMoods] = []lake.FileRef{write(t, n, "moods", moods)}
	n.MustStage(stageOf(p, 2000)) // several items
	return read(t, n)
}

// key is a row's place in the table.
type key struct {
	cell
	class
}

func compareKeys(a, b key) int {
	return cmp.Or(compareCells(a.cell, b.cell), compareClasses(a.class, b.class))
}

func keyOf(r schemas.PreferenceByHour) key {
	hour := allHours
	if r.Hour != nil {
		hour = *r.Hour
	}
	return key{cell{r.Region, r.Weekpart, hour, r.Device}, class{r.Kind, r.Value}}
}

func write[T any](t *testing.T, n *worktest.Night, name string, rows []T) lake.FileRef {
	t.Helper()
	ref, err := parquetio.WriteAll(t.Context(), n.Lake, "test/"+t.Name()+"/"+name+".parquet", parquetio.Meta{Table: name}, rows)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func read(t *testing.T, n *worktest.Night) output {
	t.Helper()
	var out output
	for _, ref := range n.Files[schemas.TablePreferencesByHour] {
		part, err := parquetio.ReadAll[schemas.PreferenceByHour](t.Context(), n.Lake, ref)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSortedFunc(part, func(a, b schemas.PreferenceByHour) int { return compareKeys(keyOf(a), keyOf(b)) }) {
			t.Errorf("rows of %s are not sorted", ref.Key)
		}
		out.hours = append(out.hours, part...)
	}
	slices.SortFunc(out.hours, func(a, b schemas.PreferenceByHour) int { return compareKeys(keyOf(a), keyOf(b)) })
	for _, ref := range n.Files[schemas.TableDevicePreferences] {
		part, err := parquetio.ReadAll[schemas.DevicePreference](t.Context(), n.Lake, ref)
		if err != nil {
			t.Fatal(err)
		}
		out.places = append(out.places, part...)
	}
	return out
}

// figure is what the oracle counts of one row.
type figure struct{ plays, skips, listeners int64 }

// naive counts one row by looking at every event again.
func naive(events []listenio.Event, songs *songTable, k key) figure {
	var f figure
	seen := map[string]bool{}
	for _, e := range events {
		in := e.Play && (k.Region == schemas.World || k.Region == e.Cell.Region) && (k.Device == schemas.All || k.Device == e.Cell.Device) &&
			(k.Weekpart == schemas.All || k.Weekpart == e.Cell.Weekpart) && (k.Hour == allHours || k.Hour == e.Cell.Hour)
		if !in || !slices.ContainsFunc(songs.of(e.Song), func(c int32) bool { return songs.names[c] == k.class }) {
			continue
		}
		f.plays++
		if e.Skipped {
			f.skips++
		}
		if !seen[e.UserID] {
			seen[e.UserID] = true
			f.listeners++
		}
	}
	return f
}

// Counts equal a recount of every cell of the ladder from all events; shares of a cell and estimates add up to one.
func TestCountsEqualRecount(t *testing.T) {
	events, songs := randomEvents(11, 14), table()
	n := worktest.New(t, "2026-01-05")
	p := Default()
	p.MinListeners = 1
	rows := map[key]schemas.PreferenceByHour{}
	for _, r := range runStage(t, n, p, listensOf(t, n, events, byBucket(3))).hours {
		rows[keyOf(r)] = r
	}
	found := 0
	for _, region := range []string{"SE", "BR", schemas.World} {
		for _, at := range [][2]any{{schemas.Weekday, int32(0)}, {schemas.Weekday, int32(2)}, {schemas.Weekend, int32(1)}, {schemas.All, int32(1)}, {schemas.All, allHours}} {
			for _, device := range []string{"phone", "speaker", schemas.Unknown, schemas.All} {
				c := cell{region, at[0].(string), at[1].(int32), device}
				if c.Weekpart == schemas.All && c.Hour != allHours && device != schemas.All {
					continue // not in the ladder
				}
				shares := map[string]float64{}
				for _, k := range songs.names {
					want, r := naive(events, songs, key{c, k}), rows[key{c, k}]
					if want == (figure{}) {
						if r.Region != "" {
							t.Errorf("%v %v: a row of nobody", c, k)
						}
						continue
					}
					found++
					if got := (figure{*r.Plays, *r.Skips, *r.Listeners}); got != want {
						t.Errorf("%v %v: %+v, want %+v", c, k, got, want)
					}
					if r.Share != nil {
						shares[k.Kind] += *r.Share
					}
					if !(r.Low <= r.ShrunkShare && r.ShrunkShare <= r.High) || *r.EffectiveN > 14 {
						t.Errorf("%v %v: %+v", c, k, r)
					}
				}
				for kind, s := range shares {
					if s < 1-1e-9 || s > 1+1e-9 {
						t.Errorf("%v: shares of %s add up to %g", c, kind, s)
					}
				}
			}
		}
	}
	if found < 200 {
		t.Errorf("only %d rows compared", found)
	}
	if n.Counts["preferences/listens"] == 0 || n.Counts["preferences/unknown_time"] == 0 {
		t.Errorf("counters %v", n.Counts)
	}
}

// The tables do not depend on how listeners are cut into buckets and items, nor on the runner.
func TestCutsAndRunners(t *testing.T) {
	events := randomEvents(12, 40)
	p := Default()
	p.MinListeners = 3
	var want output
	for i, c := range []struct {
		buckets int
		runner  string
	}{{1, "prism"}, {7, "prism"}, {4, "direct"}} {
		n := worktest.New(t, "2026-01-05")
		n.Runner = c.runner
		got := runStage(t, n, p, listensOf(t, n, events, byBucket(c.buckets)))
		if i == 0 {
			want = got
		}
		if len(got.hours) < 200 || len(got.places) < 20 || !reflect.DeepEqual(got, want) {
			t.Errorf("%d buckets on %s: %d and %d rows differ from %d and %d", c.buckets, c.runner, len(got.hours), len(got.places), len(want.hours), len(want.places))
		}
	}
}

// Listens kept a day each give the same sums as those of all days in one file; a corrected day changes what it should.
func TestDaysEqualWhole(t *testing.T) {
	events := randomEvents(13, 30)
	n := worktest.New(t, "2026-01-05")
	count := func(refs []lake.FileRef) *counter {
		c := newCounter(Default(), listenio.DayOf(night), table())
		if err := c.read(t.Context(), n.Lake, refs); err != nil {
			t.Fatal(err)
		}
		c.finish()
		return c
	}
	day := func(e listenio.Event) string { return e.At.Format(time.DateOnly) }
	whole := count(listensOf(t, n, events, func(listenio.Event) string { return "whole" }))
	days := listensOf(t, n, events, day)
	slices.Reverse(days)
	parts := count(days)
	if !reflect.DeepEqual(sortedHours(whole), sortedHours(parts)) || whole.fates != parts.fates {
		t.Error("sums over files by day differ from those of the whole")
	}
	late := slices.DeleteFunc(slices.Clone(events), func(e listenio.Event) bool { return e.At.Day() == 3 && e.Song == 1 })
	corrected := listensOf(t, n, late, func(e listenio.Event) string { return "corrected" + day(e) })
	for i, name := range daysOf(late) { // only the corrected day is another file
		if name != "2026-01-03" {
			corrected[i] = listensOf(t, n, events, func(e listenio.Event) string { return "kept" + name + "/" + day(e) })[slices.Index(daysOf(events), name)]
		}
	}
	again := count(corrected)
	if full := count(listensOf(t, n, late, func(listenio.Event) string { return "full" })); !reflect.DeepEqual(sortedHours(again), sortedHours(full)) {
		t.Error("one corrected day among kept ones differs from a full recompute")
	}
	if reflect.DeepEqual(sortedHours(again), sortedHours(whole)) {
		t.Error("the corrected day changed nothing")
	}
}

// daysOf returns the days of events in the order they came first.
func daysOf(events []listenio.Event) []string {
	var out []string
	for _, e := range events {
		if d := e.At.Format(time.DateOnly); !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}

// sortedHours names the sums of a counter, whatever its numbers.
func sortedHours(c *counter) map[string]any {
	out := map[string]any{}
	for _, r := range c.sums.Rows() {
		out[fmt.Sprint(c.index.Values()[r.Key.Cell()], r.Key.Member())] = r.Value
	}
	for _, r := range c.where.sums.Rows() {
		out[fmt.Sprint(c.where.index.Values()[r.Key.Cell()], r.Key.Member())] = r.Value
	}
	return out
}

// Days outside the window do not count; without window and decay they do.
func TestWindow(t *testing.T) {
	at := listenio.Cell{Region: "SE", Weekpart: schemas.Weekday, Hour: 3, Device: "phone"}
	var events []listenio.Event
	for _, age := range []int{400, 28, 27, 0} {
		events = append(events, listenio.Event{UserID: "u", At: night.AddDate(0, 0, -age), Song: 0, Cell: at, Play: true, Weight: worth.One})
	}
	for days, want := range map[int32]int64{28: 2, 29: 3, 0: 4} {
		n := worktest.New(t, "2026-01-05")
		rows := runStage(t, n, Params{Days: days, MinListeners: 1}, listensOf(t, n, events, byBucket(1))).hours
		if got := *rows[0].Plays; got != want || n.Counts["preferences/outside"] != 4-want {
			t.Errorf("%d days: %d plays, %d outside, want %d", days, got, n.Counts["preferences/outside"], want)
		}
	}
}

// Without listens, without rows of listens, and without anything both tables are there and empty.
func TestEmpty(t *testing.T) {
	n := worktest.New(t, "2026-01-05")
	var b listenio.Book
	ref, err := b.Write(t.Context(), n.Lake, "none", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := runStage(t, n, Default(), []lake.FileRef{ref}); len(got.hours)+len(got.places) != 0 {
		t.Errorf("rows of nobody: %+v", got)
	}
	n = worktest.New(t, "2026-01-05")
	n.MustStage(Stage(Default()))
	if got := read(t, n); len(got.hours)+len(got.places) != 0 || len(n.Files[schemas.TablePreferencesByHour]) != 1 {
		t.Errorf("rows of nothing: %+v", got)
	}
}

// A listen of a song that is not in table songs fails the stage.
func TestUnknownSong(t *testing.T) {
	n := worktest.New(t, "2026-01-05")
	b := listenio.NewBook()
	b.Add(listenio.Event{UserID: "u", At: night, Song: 0, Play: true})
	ref, err := b.Write(t.Context(), n.Lake, "strange", []string{"zzz"})
	if err != nil {
		t.Fatal(err)
	}
	n.Files[schemas.WorkListens], n.Files[schemas.TableSongs] = []lake.FileRef{ref}, []lake.FileRef{write(t, n, "songs", songs)}
	if err := n.Stage(Stage(Default())); err == nil {
		t.Error("no error")
	}
}
