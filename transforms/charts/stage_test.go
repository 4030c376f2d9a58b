package charts

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/algo/chart"
	"segue/transforms/algo/localtime"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
	"segue/transforms/io/work/worktest"
)

const night = "2026-01-30"

var day = time.Date(2026, 1, 30, 12, 0, 0, 0, time.UTC)

type madeTables struct {
	charts   []schemas.Chart
	genres   []schemas.PopularByGenre
	contexts []schemas.PopularByContext
	night    *worktest.Night
}

// put writes plays as listens, one file a bucket, and table songs.
func put(t *testing.T, n *worktest.Night, plays []heard, buckets int) {
	t.Helper()
	plays = slices.Clone(plays)
	slices.SortStableFunc(plays, func(a, b heard) int { return cmp.Or(cmp.Compare(a.user, b.user), cmp.Compare(b.age, a.age)) })
	for i := range buckets {
		b := listenio.NewBook()
		for _, p := range plays {
			if schemas.Bucket(p.user, buckets) == i {
				b.Add(listenio.Event{UserID: p.user, At: day.AddDate(0, 0, -p.age), Song: int32(slices.Index(songIDs, p.song)), Cell: p.cell, Play: true})
			}
		}
		ref, err := b.Write(t.Context(), n.Lake, fmt.Sprintf("test/listens-%d-%d.parquet", buckets, i), songIDs)
		if err != nil {
			t.Fatal(err)
		}
		n.Files[schemas.WorkListens] = append(n.Files[schemas.WorkListens], ref)
	}
	var songs []schemas.SongRow
	for _, id := range songIDs {
		songs = append(songs, schemas.SongRow{SongID: id, Genres: genresOf[id], VersionOf: versionOf[id]})
	}
	n.Files[schemas.TableSongs] = []lake.FileRef{write(t, n, "songs-0", songs[:3]), write(t, n, "songs-1", songs[3:])}
}

func write[T any](t *testing.T, n *worktest.Night, name string, rows []T) lake.FileRef {
	t.Helper()
	ref, err := parquetio.WriteAll(t.Context(), n.Lake, "test/"+name+".parquet", parquetio.Meta{Table: name}, rows)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func readTable[T any](t *testing.T, n *worktest.Night, table string) []T {
	t.Helper()
	rows, err := parquetio.ReadAll[T](t.Context(), n.Lake, n.Files[table][0])
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func run(t *testing.T, n *worktest.Night, st work.Stage) madeTables {
	t.Helper()
	n.MustStage(st)
	return madeTables{
		readTable[schemas.Chart](t, n, schemas.TableCharts), readTable[schemas.PopularByGenre](t, n, schemas.TablePopularByGenre),
		readTable[schemas.PopularByContext](t, n, schemas.TablePopularByContext), n,
	}
}

func runPlays(t *testing.T, plays []heard, p Params, buckets int) madeTables {
	t.Helper()
	n := worktest.New(t, night)
	put(t, n, plays, buckets)
	return run(t, n, Stage(p, localtime.UsualHours()))
}

// The tables equal a recount with sets of (listener, day), for any number of buckets and items, on both runners, with short
// lists, small regions, versions, genres and places; every listen is counted or outside.
func TestTablesEqualRecount(t *testing.T) {
	for i, c := range []struct {
		p       Params
		buckets int
		bytes   int64
		runner  string
	}{
		{Params{halfLife, 200, 10}, 1, 1 << 30, "prism"},
		{Params{halfLife, 4, 5}, 5, 1, "prism"},
		{Params{halfLife, 200, 0}, 3, 1, "direct"},
	} {
		seed := uint64(21 + i)
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			plays := randomPlays(seed, 25)
			n := worktest.New(t, night)
			n.Runner = c.runner
			put(t, n, plays, c.buckets)
			hours := localtime.UsualHours()
			if i == 1 {
				hours = localtime.DayHours{LateNight: 2, Morning: 5, Day: 12, Evening: 18, Night: 23}
			}
			got := run(t, n, stageOf(c.p, hours, c.bytes))
			same(t, "charts", got.charts, naiveCharts(plays, c.p))
			same(t, "genres", got.genres, naiveGenres(plays, c.p))
			want := naiveContexts(plays, c.p, hours)
			slices.SortFunc(want, func(a, b schemas.PopularByContext) int {
				return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.DayPart, b.DayPart), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Place, b.Place), cmp.Compare(a.Rank, b.Rank))
			})
			same(t, "contexts", got.contexts, want)
			if n.Counts["charts/outside"] == 0 || n.Counts["charts/listens"] == 0 || (c.p.MinListeners > 0) != (n.Counts["charts/backed_off"] > 0) {
				t.Errorf("counters %v", n.Counts)
			}
		})
	}
}

func same[T any](t *testing.T, what string, got, want []T) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("%s: row %d is %+v, want %+v", what, i, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
	}
}

// A month of steady listening, one fan who plays a new album all day, and a song that many start to like: the hit trends,
// the fan's songs do not, and the fan has one vote a day.
func TestAlbumFanDoesNotTrend(t *testing.T) {
	var plays []heard
	at := listenio.Cell{Region: "SE", Hour: 9, Weekpart: schemas.Weekday, Device: "phone"}
	for l := range 60 {
		for age := range 56 {
			plays = append(plays, heard{fmt.Sprint("u", l), age, "c", at})
		}
		if l < 30 {
			plays = append(plays, heard{fmt.Sprint("u", l), l % 7, "d", at}) // the hit: not there in the month before
		}
	}
	for age := range 7 {
		for _, song := range []string{"e", "f", "g"} {
			for range 200 {
				plays = append(plays, heard{"fan", age, song, at})
			}
		}
	}
	got := runPlays(t, plays, Params{halfLife, 200, 10}, 2)
	seen := map[string]bool{}
	for _, r := range got.charts {
		if r.WindowDays == 1 {
			continue
		}
		if seen[r.SongID] = true; r.Trending != (r.SongID == "d") {
			t.Errorf("%s over %d days trends: %v, at least %v", r.SongID, r.WindowDays, r.Trending, *r.GrowthLow)
		}
		if r.SongID == "e" && (r.Region != schemas.World && r.Level == r.Region || r.Listeners != 1 || r.DecayedPlays > 7) {
			t.Errorf("the fan's song counts %+v", r)
		}
	}
	if !seen["d"] || !seen["e"] {
		t.Errorf("songs of charts: %v", seen)
	}
}

// Ranks of last night's release stand beside tonight's; a song that was not in the list has none, and so has a first night.
func TestPreviousRank(t *testing.T) {
	plays := randomPlays(3, 30)
	first := runPlays(t, plays, Default(), 2)
	n := worktest.New(t, night)
	put(t, n, plays, 2)
	n.Landing[schemas.Previous(schemas.TableCharts)] = []lake.FileRef{write(t, n, "last", []schemas.Chart{
		{Region: "SE", WindowDays: 28, Rank: 5, SongID: "a"}, {Region: "BR", WindowDays: 28, Rank: 3, SongID: "c"}, {Region: schemas.World, WindowDays: 7, Rank: 9, SongID: "c"},
	})}
	got := map[string]int32{}
	for _, r := range run(t, n, Stage(Default(), localtime.UsualHours())).charts {
		if r.PreviousRank != nil {
			got[fmt.Sprint(r.Region, r.WindowDays, r.SongID)] = *r.PreviousRank
		}
	}
	if want := map[string]int32{"SE28a": 5, "BR28c": 3, "world7c": 9}; !reflect.DeepEqual(got, want) {
		t.Errorf("previous ranks %v, want %v", got, want)
	}
	for _, r := range first.charts {
		if r.PreviousRank != nil {
			t.Fatalf("row %+v of a first night", r)
		}
	}
}

// Events of 1969 and 2106, and songs that stand for a version nobody knows, break nothing and are counted as outside.
func TestFarDays(t *testing.T) {
	var plays []heard
	for i, age := range []int{20_483, -29_200, 3, 56, 57, 55} {
		plays = append(plays, heard{fmt.Sprint("u", i), age, "j", listenio.Cell{Region: "XK", Hour: 23, Device: "other"}})
	}
	got := runPlays(t, plays, Default(), 2)
	if len(got.charts) != 4 || got.night.Counts["charts/outside"] != 4 || got.charts[0].Level != schemas.World || got.charts[0].SongID != "j" {
		t.Errorf("charts %+v, counters %v", got.charts, got.night.Counts)
	}
}

// Without listens, without rows of listens, and without anything the tables are there and empty.
func TestEmpty(t *testing.T) {
	none := runPlays(t, nil, Default(), 2)
	if len(none.charts)+len(none.genres)+len(none.contexts) != 0 {
		t.Errorf("rows of no plays: %v", none)
	}
	t.Run("no inputs", func(t *testing.T) {
		got := run(t, worktest.New(t, night), Stage(Default(), localtime.UsualHours()))
		if len(got.charts)+len(got.genres)+len(got.contexts) != 0 {
			t.Errorf("rows of nothing: %v", got)
		}
	})
}

// Every bad parameter is named at once.
func TestValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	err := Params{HalfLifeDays: math.NaN(), Depth: 0, MinListeners: -1}.Validate()
	if e, ok := err.(interface{ Unwrap() []error }); !ok || len(e.Unwrap()) != 3 {
		t.Errorf("errors %v, want 3", err)
	}
}

// A list holds 100 songs as soon as its parents have them.
func TestFilledLists(t *testing.T) {
	b := &board{Params{1, 200, 2}, map[list][]entry{}, map[list]entry{}, map[list][]placed{}}
	world := list{ofChart, 28, whole(schemas.World), ""}
	for i := range int32(300) {
		b.own[world] = append(b.own[world], entry{i, 1000 - int64(i), 0, 0})
	}
	b.own[world] = b.own[world][:200]
	small := list{ofContext, 28, cell{"SE", schemas.DayParts[0], schemas.All, schemas.All}, ""}
	b.own[small], b.cells[small] = []entry{{7, 3, 0, 0}, {250, 2, 0, 0}}, entry{Listeners: 5}
	got := b.list(small)
	if len(got) != 100 || got[0].Song != 7 || got[1].Song != 250 || got[2].Song != 0 || got[9].Song != 8 || got[9].level != world.cell {
		t.Errorf("list of %d: %+v …", len(got), got[:min(len(got), 12)])
	}
	if got := b.list(list{ofChart, chart.Longest, whole("SE"), ""}); len(got) != 100 || got[0].level != world.cell {
		t.Errorf("list of %d of a country without listeners", len(got))
	}
}
