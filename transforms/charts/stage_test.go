package charts

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

func ptr[T any](v T) *T { return &v }

const night = "2026-01-30"

var (
	day   = time.Date(2026, 1, 30, 0, 0, 0, 0, time.UTC)
	songs = []schemas.SongRow{{SongID: "a"}, {SongID: "b"}, {SongID: "c"}, {SongID: "d"}, {SongID: "e"}, {SongID: "f"}, {SongID: "g"}, {SongID: "h"}, {SongID: "i"}, {SongID: "j"}}
)

// randomPlays returns plays of 70 days, sorted by listener and time.
func randomPlays(seed uint64, listeners int) []schemas.CleanPlay {
	r := rand.New(rand.NewPCG(seed, 9))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	var plays []schemas.CleanPlay
	for l := range listeners {
		at := day.AddDate(0, 0, -70)
		for i := range 20 {
			at = at.Add(time.Duration(r.IntN(170)) * time.Hour)
			p := schemas.CleanPlay{
				UserID: fmt.Sprintf("u%03d", l), Song: int32(r.IntN(len(songs))), EventID: fmt.Sprint(i), StartedAt: at,
				Kind: pick(schemas.KindPlay, schemas.KindPlay, schemas.KindPlay, schemas.KindSave), Device: pick("phone", "speaker"),
				Country: pick("SE", "SE", "SE", "BR", ""),
			}
			if r.IntN(4) > 0 {
				p.LocalMin = ptr(int32(r.IntN(25)-12) * 60)
			}
			plays = append(plays, p)
		}
	}
	return plays
}

type tables struct {
	charts  []schemas.Chart
	popular []schemas.PopularByContext
	night   *worktest.Night
}

func runStage(t *testing.T, plays []schemas.CleanPlay, p Params, buckets int, runner string) tables {
	t.Helper()
	n := worktest.New(t, night)
	n.Runner = runner
	cut := make([][]schemas.CleanPlay, buckets)
	for _, p := range plays {
		b := schemas.Bucket(p.UserID, buckets)
		cut[b] = append(cut[b], p)
	}
	for i, part := range cut {
		n.Files[schemas.WorkPlays] = append(n.Files[schemas.WorkPlays], write(t, n, fmt.Sprintf("plays-%d", i), part))
	}
	n.Files[schemas.TableSongs] = []lake.FileRef{write(t, n, "songs-0", songs[:3]), write(t, n, "songs-1", songs[3:])}
	n.MustStage(Stage(p))
	return read(t, n)
}

func write[T any](t *testing.T, n *worktest.Night, name string, rows []T) lake.FileRef {
	t.Helper()
	ref, err := parquetio.WriteAll(t.Context(), n.Lake, "test/"+t.Name()+"/"+name+".parquet", parquetio.Meta{Table: name}, rows)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func read(t *testing.T, n *worktest.Night) tables {
	t.Helper()
	charts, err := parquetio.ReadAll[schemas.Chart](t.Context(), n.Lake, n.Files[schemas.TableCharts][0])
	if err != nil {
		t.Fatal(err)
	}
	popular, err := parquetio.ReadAll[schemas.PopularByContext](t.Context(), n.Lake, n.Files[schemas.TablePopularByContext][0])
	if err != nil {
		t.Fatal(err)
	}
	return tables{charts, popular, n}
}

// score is what a song has in one list, counted with sets.
type score struct {
	song      string
	listeners int64
	plays     float64
}

// naiveList ranks the plays that match, the slow way, and returns the number of listeners of all of them.
func naiveList(plays []schemas.CleanPlay, matches func(schemas.CleanPlay) bool, worth func(schemas.CleanPlay) float64) (list []score, listeners int64) {
	who, bySong, sum := map[string]bool{}, map[string]map[string]bool{}, map[string]float64{}
	for _, p := range plays {
		if p.Kind != schemas.KindPlay || p.StartedAt.After(day.Add(24*time.Hour-1)) || !matches(p) {
			continue
		}
		id := songs[p.Song].SongID
		if bySong[id] == nil {
			bySong[id] = map[string]bool{}
		}
		who[p.UserID], bySong[id][p.UserID] = true, true
		sum[id] += worth(p)
	}
	for _, id := range slices.Sorted(maps.Keys(bySong)) {
		list = append(list, score{id, int64(len(bySong[id])), sum[id]})
	}
	slices.SortStableFunc(list, func(a, b score) int {
		return cmp.Or(cmp.Compare(b.listeners, a.listeners), cmp.Compare(b.plays, a.plays))
	})
	return list, int64(len(who))
}

func ageOf(p schemas.CleanPlay) int {
	return int(day.Sub(p.StartedAt.Truncate(24*time.Hour)) / (24 * time.Hour))
}

func naiveCharts(plays []schemas.CleanPlay, p Params) []schemas.Chart {
	var rows []schemas.Chart
	for _, region := range []string{"BR", "SE", schemas.World} {
		for _, w := range []int{0, 1, 7, 28} {
			in := func(from, to int) func(schemas.CleanPlay) bool {
				return func(p schemas.CleanPlay) bool {
					return (region == schemas.World || p.Country == region) && (w == 0 || ageOf(p) >= from && ageOf(p) < to)
				}
			}
			list, listeners := naiveList(plays, in(0, w), func(q schemas.CleanPlay) float64 {
				if w == 0 {
					return 1
				}
				const one = 1 << 20
				return math.Round(one*math.Pow(2, -float64(ageOf(q))/p.HalfLifeDays)) / one
			})
			if region != schemas.World && listeners < p.MinListeners {
				continue
			}
			before, _ := naiveList(plays, in(w, 2*w), func(schemas.CleanPlay) float64 { return 0 })
			for i, s := range list[:min(p.Depth, len(list))] {
				row := schemas.Chart{Region: region, WindowDays: int32(w), Rank: int32(i + 1), SongID: s.song, Listeners: s.listeners, DecayedPlays: s.plays}
				for _, b := range before {
					if w > 0 && b.song == s.song {
						row.Growth = ptr(float64(s.listeners)/float64(b.listeners) - 1)
					}
				}
				rows = append(rows, row)
			}
		}
	}
	return rows
}

func naivePopular(plays []schemas.CleanPlay, p Params, days int) []schemas.PopularByContext {
	var rows []schemas.PopularByContext
	for _, region := range []string{"BR", "SE", schemas.World} {
		for _, part := range append([]string{schemas.All}, slices.Sorted(slices.Values(schemas.DayParts))...) {
			for _, device := range []string{schemas.All, "phone", "speaker"} {
				if region != schemas.World && (part == schemas.All) != (device == schemas.All) {
					continue
				}
				list, listeners := naiveList(plays, func(p schemas.CleanPlay) bool {
					if days > 0 && ageOf(p) >= days || region != schemas.World && p.Country != region || device != schemas.All && p.Device != device {
						return false
					}
					return part == schemas.All || p.LocalMin != nil && schemas.DayPart(p.StartedAt.Add(time.Duration(*p.LocalMin)*time.Minute).Hour()) == part
				}, func(schemas.CleanPlay) float64 { return 1 })
				if region != schemas.World && listeners < p.MinListeners {
					continue
				}
				for i, s := range list[:min(p.Depth, len(list))] {
					rows = append(rows, schemas.PopularByContext{Region: region, DayPart: part, Device: device, Rank: int32(i + 1), SongID: s.song, Listeners: s.listeners, Plays: int64(s.plays)})
				}
			}
		}
	}
	return rows
}

func sortedPopular(rows []schemas.PopularByContext) []schemas.PopularByContext {
	slices.SortFunc(rows, func(a, b schemas.PopularByContext) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.DayPart, b.DayPart), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Rank, b.Rank))
	})
	return rows
}

// Both tables equal a recount with sets, for any number of buckets, on both runners, with small lists and small regions.
func TestTablesEqualRecount(t *testing.T) {
	plays := randomPlays(21, 15)
	for _, c := range []struct {
		name    string
		p       Params
		buckets int
		runner  string
	}{
		{"one bucket", Default(), 1, "prism"},
		{"short lists", Params{HalfLifeDays: 3, Depth: 4, MinListeners: 9}, 5, "prism"},
		{"direct", Default(), 3, "direct"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := runStage(t, plays, c.p, c.buckets, c.runner)
			if want := naiveCharts(plays, c.p); !reflect.DeepEqual(got.charts, want) {
				t.Errorf("charts: %d rows differ from the recount's %d", len(got.charts), len(want))
			}
			if want := sortedPopular(naivePopular(plays, c.p, 28)); !reflect.DeepEqual(got.popular, want) {
				t.Errorf("popular: %d rows differ from the recount's %d", len(got.popular), len(want))
			}
			counts := got.night.Counts
			if sum := counts["charts/plays"] + counts["charts/other_kinds"] + counts["charts/after_night"]; sum != int64(len(plays)) {
				t.Errorf("counted %d events of %d", sum, len(plays))
			}
			if counts["charts/after_night"] == 0 || c.p.MinListeners > 5 && counts["charts/small_cells"] == 0 {
				t.Errorf("nothing to leave out: %v", counts)
			}
		})
	}
}

// Plays of long ago make charts of all time and contexts of all time.
func TestOldPlays(t *testing.T) {
	plays := randomPlays(4, 8)
	for i := range plays {
		plays[i].StartedAt = plays[i].StartedAt.AddDate(-10, 0, 0)
	}
	got := runStage(t, plays, Default(), 2, "prism")
	for _, r := range got.charts {
		if r.WindowDays != 0 || r.DecayedPlays < 1 || r.Growth != nil {
			t.Fatalf("row %+v", r)
		}
	}
	if want := sortedPopular(naivePopular(plays, Default(), 0)); len(got.charts) == 0 || !reflect.DeepEqual(got.popular, want) {
		t.Errorf("%d chart rows; popular: %d rows differ from the recount's %d", len(got.charts), len(got.popular), len(want))
	}
}

// Without plays, without rows of plays, and without anything both tables are there and empty.
func TestEmpty(t *testing.T) {
	none := runStage(t, nil, Default(), 2, "prism")
	if len(none.charts)+len(none.popular) != 0 {
		t.Errorf("rows of no plays: %v %v", none.charts, none.popular)
	}
	t.Run("no inputs", func(t *testing.T) {
		n := worktest.New(t, night)
		n.MustStage(Stage(Default()))
		if got := read(t, n); len(got.charts)+len(got.popular) != 0 {
			t.Errorf("rows of nothing: %v %v", got.charts, got.popular)
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
