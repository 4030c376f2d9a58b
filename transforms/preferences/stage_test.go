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
	"segue/transforms/algo/tally"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

func ptr[T any](v T) *T { return &v }

var songs = []schemas.SongRow{
	{SongID: "a", Moods: []string{"calm", "happy", "calm"}, Genres: []string{"folk"}, Tempo: ptr[float32](80)},
	{SongID: "b", Genres: []string{"rock", ""}, Tempo: ptr[float32](120)},
	{SongID: "c", Moods: []string{"happy"}},
}

// randomPlays returns plays of listeners, sorted by listener and time.
func randomPlays(seed uint64, listeners int) []schemas.CleanPlay {
	r := rand.New(rand.NewPCG(seed, 5))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	var plays []schemas.CleanPlay
	for l := range listeners {
		at := time.Date(2026, 1, 1, r.IntN(24), 0, 0, 0, time.UTC)
		for i := range r.IntN(30) {
			at = at.Add(time.Duration(r.IntN(9)) * time.Hour)
			p := schemas.CleanPlay{
				UserID: fmt.Sprintf("u%03d", l), Song: int32(r.IntN(len(songs))), EventID: fmt.Sprint(i), StartedAt: at,
				Kind: pick(schemas.KindPlay, schemas.KindPlay, schemas.KindPlay, schemas.KindLike), Device: pick("phone", "speaker", schemas.Unknown),
				Country: pick("SE", "BR", ""),
			}
			if r.IntN(4) > 0 {
				p.LocalMin = ptr(int32(r.IntN(25)-12) * 60)
			}
			if r.IntN(3) == 0 {
				p.MsPlayed = ptr(int64(r.IntN(60_000)))
			}
			plays = append(plays, p)
		}
	}
	return plays
}

// naiveRows recounts the table the slow way: for every key seen, every play is looked at again.
func naiveRows(plays []schemas.CleanPlay) []schemas.PreferenceByHour {
	classes := newSongClasses()
	for _, s := range songs {
		classes.add(songTags{Genres: s.Genres, Moods: s.Moods, Tempo: s.Tempo})
	}
	matches := func(p schemas.CleanPlay, c cell) bool {
		if p.Kind != schemas.KindPlay || (c.Region != schemas.World && c.Region != p.Country) || (c.Device != schemas.All && c.Device != p.Device) {
			return false
		}
		if c.Hour == allHours {
			return c.Weekpart == schemas.All && (c.Device == schemas.All || c.Region == schemas.World)
		}
		if p.LocalMin == nil {
			return false
		}
		local := p.StartedAt.Add(time.Duration(*p.LocalMin) * time.Minute)
		part := schemas.Weekday
		if local.Weekday() == time.Saturday || local.Weekday() == time.Sunday {
			part = schemas.Weekend
		}
		fits := c.Weekpart == part || (c.Weekpart == schemas.All && c.Device == schemas.All)
		return fits && int32(local.Hour()) == c.Hour
	}
	counts := tally.New[key]()
	for _, region := range []string{"SE", "BR", schemas.World} {
		for _, part := range []string{schemas.Weekday, schemas.Weekend, schemas.All} {
			for hour := range allHours + 1 {
				for _, device := range []string{"phone", "speaker", schemas.Unknown, schemas.All} {
					c := cell{region, part, hour, device}
					for k, n := range naiveCell(plays, c, classes, matches) {
						counts.Add(key{c, k}, n)
					}
				}
			}
		}
	}
	return tableRows(counts)
}

func naiveCell(plays []schemas.CleanPlay, c cell, classes *songClasses, matches func(schemas.CleanPlay, cell) bool) map[class]tally.Counts {
	out, seen := map[class]tally.Counts{}, map[string]bool{}
	for _, p := range plays {
		if !matches(p, c) {
			continue
		}
		ids, _ := classes.of(p.Song)
		for _, id := range ids {
			k := classes.names[id]
			n := out[k]
			n.Plays++
			if p.MsPlayed != nil && *p.MsPlayed < 30_000 {
				n.Skips++
			}
			if who := fmt.Sprint(k, p.UserID); !seen[who] {
				seen[who] = true
				n.Listeners++
			}
			out[k] = n
		}
	}
	return out
}

// runStage cuts plays into buckets, runs the stage and returns the table in key order.
func runStage(t *testing.T, plays []schemas.CleanPlay, buckets int, runner string) ([]schemas.PreferenceByHour, *worktest.Night) {
	t.Helper()
	n := worktest.New(t, "2026-01-05")
	n.Runner = runner
	cut := make([][]schemas.CleanPlay, buckets)
	for _, p := range plays {
		b := schemas.Bucket(p.UserID, buckets)
		cut[b] = append(cut[b], p)
	}
	for i, part := range cut {
		n.Files[schemas.WorkPlays] = append(n.Files[schemas.WorkPlays], write(t, n, fmt.Sprintf("plays-%d", i), part))
	}
	n.Files[schemas.TableSongs] = []lake.FileRef{write(t, n, "songs-0", songs[:1]), write(t, n, "songs-1", songs[1:])}
	n.MustStage(Stage(Default()))
	return readTable(t, n), n
}

func write[T any](t *testing.T, n *worktest.Night, name string, rows []T) lake.FileRef {
	t.Helper()
	ref, err := parquetio.WriteAll(t.Context(), n.Lake, "test/"+t.Name()+"/"+name+".parquet", parquetio.Meta{Table: name}, rows)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func readTable(t *testing.T, n *worktest.Night) []schemas.PreferenceByHour {
	t.Helper()
	var rows []schemas.PreferenceByHour
	for _, ref := range n.Files[schemas.TablePreferencesByHour] {
		part, err := parquetio.ReadAll[schemas.PreferenceByHour](t.Context(), n.Lake, ref)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSortedFunc(part, func(a, b schemas.PreferenceByHour) int { return compareKeys(keyOf(a), keyOf(b)) }) {
			t.Errorf("rows of %s are not sorted", ref.Key)
		}
		rows = append(rows, part...)
	}
	slices.SortFunc(rows, func(a, b schemas.PreferenceByHour) int { return compareKeys(keyOf(a), keyOf(b)) })
	return rows
}

func keyOf(r schemas.PreferenceByHour) key {
	hour := allHours
	if r.Hour != nil {
		hour = *r.Hour
	}
	return key{cell{r.Region, r.Weekpart, hour, r.Device}, class{r.Kind, r.Value}}
}

// The table equals a recount of every cell from all plays, for any number of buckets and on both runners.
func TestTableEqualsRecount(t *testing.T) {
	plays := randomPlays(11, 12)
	want := naiveRows(plays)
	if len(want) < 500 {
		t.Fatalf("only %d rows to compare", len(want))
	}
	for _, c := range []struct {
		buckets int
		runner  string
	}{{1, "prism"}, {5, "prism"}, {3, "direct"}} {
		t.Run(fmt.Sprint(c.buckets, c.runner), func(t *testing.T) {
			got, n := runStage(t, plays, c.buckets, c.runner)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%d rows differ from the recount's %d", len(got), len(want))
			}
			if sum := n.Counts["preferences/plays"] + n.Counts["preferences/other_kinds"]; sum != int64(len(plays)) {
				t.Errorf("counted %d events of %d", sum, len(plays))
			}
		})
	}
}

// Cells: two plays of one listener on a Saturday evening local time (Friday 23:00 UTC), one of unknown time.
func TestSmall(t *testing.T) {
	at := time.Date(2026, 1, 2, 23, 0, 0, 0, time.UTC)
	play := schemas.CleanPlay{UserID: "u", Song: 0, StartedAt: at, Kind: schemas.KindPlay, Device: "phone", LocalMin: ptr[int32](60), Country: "SE"}
	late, lost := play, play
	late.Song, late.Skipped = 1, ptr(true)
	lost.LocalMin, lost.Country, lost.Song = nil, "", 2
	rows, n := runStage(t, []schemas.CleanPlay{play, late, lost}, 2, "prism")
	find := func(k key) schemas.PreferenceByHour {
		i, ok := slices.BinarySearchFunc(rows, k, func(r schemas.PreferenceByHour, k key) int { return compareKeys(keyOf(r), k) })
		if !ok {
			t.Fatalf("no row %v", k)
		}
		return rows[i]
	}
	fine := cell{"SE", schemas.Weekend, 0, "phone"}
	if r := find(key{fine, class{KindMood, "calm"}}); r.Plays != 1 || r.Listeners != 1 || r.Share != 1.0/3 {
		t.Errorf("calm: %+v, want 1 of 3 class plays", r)
	}
	if r := find(key{fine, class{KindMood, schemas.Unknown}}); r.Skips != 1 {
		t.Errorf("unknown: %+v, want the skip", r)
	}
	all := cell{schemas.World, schemas.All, allHours, "phone"}
	if r := find(key{all, class{KindMood, "happy"}}); r.Plays != 2 || r.Listeners != 1 || r.Share != 0.5 || r.Hour != nil {
		t.Errorf("world, happy: %+v, want 2 of 4 class plays", r)
	}
	if r := find(key{all, class{KindTempo, "slow"}}); r.Plays != 1 || r.Share != 1.0/3 {
		t.Errorf("world, slow: %+v", r)
	}
	if n.Counts["preferences/unknown_time"] != 1 || n.Counts["preferences/plays"] != 3 {
		t.Errorf("counters %v", n.Counts)
	}
	for _, r := range rows {
		if r.Region == "" || r.Share <= 0 || r.Share > 1 {
			t.Errorf("row %+v", r)
		}
	}
}

// Without plays, without rows of plays, and without anything the table is there and empty.
func TestEmpty(t *testing.T) {
	if rows, _ := runStage(t, nil, 2, "prism"); len(rows) != 0 {
		t.Errorf("%d rows of no plays", len(rows))
	}
	t.Run("no inputs", func(t *testing.T) {
		n := worktest.New(t, "2026-01-05")
		n.MustStage(Stage(Default()))
		if rows := readTable(t, n); len(rows) != 0 || len(n.Files[schemas.TablePreferencesByHour]) != 1 {
			t.Errorf("%d rows in %d files", len(rows), len(n.Files[schemas.TablePreferencesByHour]))
		}
	})
}

// A play of a song that is not in table songs fails the stage, naming the file.
func TestUnknownSong(t *testing.T) {
	n := worktest.New(t, "2026-01-05")
	n.Files[schemas.WorkPlays] = []lake.FileRef{write(t, n, "plays", []schemas.CleanPlay{{UserID: "u", Song: 7, Kind: schemas.KindPlay}})}
	n.Files[schemas.TableSongs] = []lake.FileRef{write(t, n, "songs", songs)}
	if err := n.Stage(Stage(Default())); err == nil {
		t.Error("no error")
	}
}

// Bands touch without gap; what is no tempo is unknown.
func TestTempoBand(t *testing.T) {
	for _, c := range []struct {
		bpm  float32
		want string
	}{{1, "slow"}, {89.9, "slow"}, {90, "moderate"}, {120, "fast"}, {150, "very_fast"}, {0, "unknown"}, {-3, "unknown"}, {4000, "unknown"}} {
		if got := TempoBand(&c.bpm); got != c.want {
			t.Errorf("%g: %s, want %s", c.bpm, got, c.want)
		}
	}
	if TempoBand(nil) != "unknown" {
		t.Error("nil is not unknown")
	}
}

// Cells of one play differ from each other, whatever is known of it.
func TestCellsOnce(t *testing.T) {
	for _, region := range []string{"", "SE", schemas.World} {
		for _, hour := range []int32{0, 23, allHours} {
			cells := cellsOf(region, schemas.Weekday, hour, "phone")
			seen := map[cell]bool{}
			for _, c := range cells {
				if seen[c] || cmp.Compare(c.Region, "") == 0 {
					t.Errorf("region %q, hour %d: cell %v", region, hour, c)
				}
				seen[c] = true
			}
		}
	}
}
