package evaluate

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/metrics"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

// publish writes rows as a file of a table of an earlier run and pins it.
func publish[T any](n *worktest.Night, pinned, run, table string, rows []T) {
	n.T.Helper()
	def, _ := schemas.FindTable(table)
	ref, err := parquetio.WriteAll(n.T.Context(), n.Lake, lake.RunKey(run, "tables", table, fmt.Sprintf("%d.parquet", len(n.Landing[pinned]))), parquetio.MetaFor(def, run), rows)
	if err != nil {
		n.T.Fatal(err)
	}
	n.Landing[pinned] = append(n.Landing[pinned], ref)
}

func lists(user string, byList map[string][]string) (out []schemas.Recommendation) {
	for _, name := range []string{"evening:phone", schemas.ListGeneral} {
		for k, s := range byList[name] {
			out = append(out, schemas.Recommendation{UserID: user, List: name, Rank: int32(k + 1), SongID: s, Tier: schemas.TierPersonal})
		}
	}
	return out
}

// dayNight is a night after one of the day before: u1 has a history, discovers s3 in the evening on the phone (twice) and s5
// without a context, skips s4, and plays the known s0; u2 is new and discovers s1; u3 discovers nothing; u4 has no list.
func dayNight(t *testing.T, files int) *worktest.Night {
	n := worktest.New(t, "2026-01-06")
	var songs []schemas.SongRow
	for i := range 8 {
		songs = append(songs, schemas.SongRow{SongID: fmt.Sprintf("s%d", i)})
	}
	put(n, schemas.TableSongs, songs)
	yes, utc := true, int32(60)
	play := func(user, when string, song int32) schemas.CleanPlay {
		return schemas.CleanPlay{UserID: user, EventID: user + when, StartedAt: at(when), Kind: schemas.KindPlay, SongID: fmt.Sprint("s", song), Country: "SE"}
	}
	var rows []schemas.CleanPlay
	for i := range 30 {
		rows = append(rows, play("u1", fmt.Sprintf("2026-01-05 10:%02d", i), int32(i%3)))
	}
	evening, skip := play("u1", "2026-01-06 17:30", 3), play("u1", "2026-01-06 18:00", 4) // 18:30 local
	evening.LocalMin, evening.Device, skip.Skipped = &utc, "phone", &yes
	again := evening
	again.EventID = "again"
	rows = append(rows, evening, again, skip, play("u1", "2026-01-06 19:00", 5), play("u1", "2026-01-06 20:00", 0))
	rows = append(rows, play("u2", "2026-01-06 01:00", 1), play("u3", "2026-01-05 01:00", 1), play("u3", "2026-01-06 01:00", 1), play("u4", "2026-01-06 01:00", 1))
	if files == 1 {
		put(n, schemas.WorkPlays, rows)
	} else {
		put(n, schemas.WorkPlays, rows[:35])
		put(n, schemas.WorkPlays, rows[35:])
	}
	pin := schemas.Previous(schemas.TableUserRecommendations)
	publish(n, pin, "2026-01-05.2", schemas.TableUserRecommendations, lists("u1", map[string][]string{
		schemas.ListGeneral: {"s6", "s3", "s4", "gone"}, "evening:phone": {"s3", "s7"},
	}))
	publish(n, pin, "2026-01-05.2", schemas.TableUserRecommendations, append(lists("u2", map[string][]string{schemas.ListGeneral: {"s7", "s1"}}),
		lists("u3", map[string][]string{schemas.ListGeneral: {"s1"}})...))
	publish(n, schemas.Previous(schemas.TableCharts), "2026-01-05.2", schemas.TableCharts, []schemas.Chart{
		{Region: "SE", WindowDays: 28, Rank: 1, SongID: "s0"},
		{Region: "SE", WindowDays: 28, Rank: 2, SongID: "s1"},
		{Region: "SE", WindowDays: 28, Rank: 3, SongID: "s3"},
		{Region: schemas.World, WindowDays: 7, Rank: 1, SongID: "s5"},
	})
	return n
}

// Lists of yesterday against the discoveries of the day: u1 is owed s3 and s5 and finds s3 at rank 2, u2 finds s1 at rank 2. The
// chart without what u1 knows begins with s3; for u2 it has s1 second. The context list has s3 first, the general list second.
func TestHeldOutDaysByHand(t *testing.T) {
	var want []schemas.Evaluation
	for _, files := range []int{1, 2} {
		n := dayNight(t, files)
		n.MustStage(Stage(Default(), localtime.UsualHours()))
		got := map[string]schemas.Evaluation{}
		rows := read(n)
		for _, r := range rows {
			got[r.Metric+" "+r.Stratum+" "+r.Method] = r
		}
		ideal2 := 1 + 1/math.Log2(3)
		for name, value := range map[string]float64{
			"recall@10 days=1 published":                                 (.5 + 1) / 2,
			"mrr days=1 published":                                       .5,
			"mrr days=1 popularity":                                      (1 + .5) / 2,
			"ndcg@100 days=1/history=heavy published":                    1 / math.Log2(3) / ideal2,
			"ndcg@100 days=1/history=cold published":                     1 / math.Log2(3),
			"ndcg@100 days=1/tier=personal published":                    (1/math.Log2(3)/ideal2 + 1/math.Log2(3)) / 2,
			"ndcg@30 days=1/lists=context context_lists":                 1,
			"ndcg@30 days=1/lists=context published":                     1 / math.Log2(3),
			"ndcg@30_ratio days=1/lists=context context_lists/published": math.Log2(3),
		} {
			if r, ok := got[name]; !ok || math.Abs(r.Value-value) > 1e-12 {
				t.Errorf("%d files: %s is %v (%v), want %v", files, name, r.Value, ok, value)
			}
		}
		if r := got["mrr days=1 published"]; r.Cases != 2 || n.Counts["evaluate/listeners_days_1"] != 2 {
			t.Errorf("%d listeners, counters %v", r.Cases, n.Counts)
		}
		if want == nil {
			want = rows
		} else if !reflect.DeepEqual(rows, want) {
			t.Error("another cut of the plays gives other rows")
		}
	}
}

// A limit takes the listeners of smallest hash, whatever files they are in.
func TestHeldOutDaysLimit(t *testing.T) {
	n := dayNight(t, 2)
	p := Default()
	p.Cases = 1
	n.MustStage(Stage(p, localtime.UsualHours()))
	for _, r := range read(n) {
		if r.Cases > 1 {
			t.Errorf("row %+v of more than one listener", r)
		}
	}
}

// A week-old release is measured on all plays since, under its own age; one that is last night's too is measured once.
func TestHeldOutWeek(t *testing.T) {
	n := dayNight(t, 1)
	publish(n, schemas.WeekBefore(schemas.TableUserRecommendations), "2025-12-30.1", schemas.TableUserRecommendations,
		lists("u1", map[string][]string{schemas.ListGeneral: {"s0", "s1", "s2"}}))
	n.MustStage(Stage(Default(), localtime.UsualHours()))
	found := map[string]float64{}
	for _, r := range read(n) {
		if r.Metric == MetricRecall10 && r.Method == MethodPublished {
			found[r.Stratum] = r.Value
		}
	}
	if found["days=7"] != 3.0/5 || found["days=7/history=cold"] != 3.0/5 { // s0 s1 s2 s3 s5 are new after 30 December
		t.Errorf("recall@10 by stratum: %v", found)
	}
	n = dayNight(t, 1)
	n.Landing[schemas.WeekBefore(schemas.TableUserRecommendations)] = n.Landing[schemas.Previous(schemas.TableUserRecommendations)]
	n.MustStage(Stage(Default(), localtime.UsualHours()))
	if rows := read(n); slices.IndexFunc(rows, func(r schemas.Evaluation) bool { return r.Stratum == "days=1" && r.Metric == MetricMRR }) < 0 {
		t.Error("a release that is pinned twice is not measured")
	}
}

// Without a release, or after one in which nobody listened, there are no rows of days and no error.
func TestNoHeldOutDays(t *testing.T) {
	n := dayNight(t, 1)
	n.Landing = map[string][]lake.FileRef{}
	n.MustStage(Stage(Default(), localtime.UsualHours()))
	if rows := read(n); len(rows) != 0 {
		t.Errorf("%d rows without a release", len(rows))
	}
	n = dayNight(t, 1)
	n.Files[schemas.WorkPlays] = nil
	put(n, schemas.WorkPlays, []schemas.CleanPlay{{UserID: "u1", SongID: "s0", StartedAt: at("2026-01-05 10:00"), Kind: schemas.KindPlay}})
	n.MustStage(Stage(Default(), localtime.UsualHours()))
	if rows := read(n); len(rows) != 0 {
		t.Errorf("%d rows without plays after the release", len(rows))
	}
}

// A stratum of a region needs enough listeners.
func TestDayRegions(t *testing.T) {
	var cases []dayCase
	for i := range 30 {
		region := "SE"
		if i < 10 {
			region = "NO"
		}
		cases = append(cases, dayCase{Region: region, General: make([]float64, 4), Popular: make([]float64, 4)})
	}
	seen := map[string]int64{}
	for _, r := range dayRows("days=1", cases, 1) {
		seen[r.Stratum] = r.Cases
	}
	if seen["days=1"] != 30 || seen["days=1/region=SE"] != 20 || seen["days=1/region=NO"] != 0 {
		t.Errorf("strata %v", seen)
	}
	if h := metrics.Hits([]int32{-1}, []int32{3}); h[0] {
		t.Error("a song that is gone is a hit")
	}
}
