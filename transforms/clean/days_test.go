package clean

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

// landDay lands plays in the folder of a date, some rows a file, and names the files as those of the night.
func landDay(n *worktest.Night, date string, rows []schemas.Play) {
	n.T.Helper()
	for i := 0; i < len(rows); i += 40 {
		key := fmt.Sprintf("%s/date=%s/part-%04d.parquet", schemas.LandingPlays, date, i)
		ref, err := parquetio.WriteAll(n.T.Context(), n.Lake, key, parquetio.Meta{Table: "landing"}, rows[i:min(i+40, len(rows))])
		if err != nil {
			n.T.Fatal(err)
		}
		n.Landing[schemas.LandingPlays] = append(n.Landing[schemas.LandingPlays], lake.FileRef{Key: ref.Key, ETag: ref.ETag, Size: ref.Size})
	}
}

// playDays are random plays by landing folder: ids repeat across days, and some plays started on other days than the folder's.
// Whatever the seed, each day has a play twice and one that starts on the day after.
func playDays(r *rand.Rand, dates []string) map[string][]schemas.Play {
	days := map[string][]schemas.Play{}
	for _, date := range dates {
		twice := play("u0", "s0", date+"T12:00:00Z", func(p *schemas.Play) { p.EventID = "twice" })
		later := play("u0", "s0", date+"T12:00:00Z", func(p *schemas.Play) { p.StartedAt = p.StartedAt.AddDate(0, 0, 1) })
		days[date] = []schemas.Play{twice, twice, later}
		for i, p := range randomWorld(r).plays[:150] {
			p.StartedAt = at(date + "T00:00:00Z").Add(time.Duration(r.IntN(30*60)) * time.Minute)
			if p.EventID = ""; i%3 == 0 {
				p.EventID = fmt.Sprint("e", r.IntN(3))
			}
			days[date] = append(days[date], p)
		}
	}
	return days
}

// handed is all a night handed on.
func handed(n *worktest.Night) []any {
	n.T.Helper()
	return []any{
		out[schemas.CleanPlay](n, schemas.WorkPlays), out[schemas.Listener](n, schemas.WorkListeners), out[schemas.SongRow](n, schemas.TableSongs),
		out[schemas.Rejected](n, schemas.TableRejected), len(n.Files[schemas.WorkPlays]),
	}
}

const smallBytes = 64 << 10

// nightOf runs a night of date over the folders up to it; the first try lands its folder.
func nightOf(n *worktest.Night, date string, days map[string][]schemas.Play, try int) {
	n.T.Helper()
	if try == 1 {
		landDay(n, date, days[date])
	}
	n.Run, n.Counts = fmt.Sprintf("%s.%d", date, try), map[string]int64{}
	n.Date = at(date + "T00:00:00Z")
	n.MustStage(stageOf(lenient(), 2, smallBytes))
}

// A night after others reads the landing plays of its new folder alone, not even those before may be left, and has what a
// night in an empty lake has; a corrected day alone is read again.
func TestNightAfterNight(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	dates := []string{"2026-01-03", "2026-01-04", "2026-01-05"}
	days := playDays(rand.New(rand.NewPCG(seed, 3)), dates)
	step := worktest.New(t, dates[0])
	for i, date := range dates {
		nightOf(step, date, days, 1)
		if hits, made := step.Counts["work/kept_hits"], step.Counts["work/kept_made"]; hits != max(3*int64(i)-1, 0) || made != int64(min(3+i, 4)) {
			t.Errorf("seed %d: night %s takes up %d kept items and makes %d: want a split, a head and the plays of its day, and the plays that were later than last night", seed, date, hits, made)
		}
		whole := worktest.New(t, date)
		for _, d := range dates[:i] {
			landDay(whole, d, days[d])
		}
		nightOf(whole, date, days, 1)
		if whole.Counts["clean/plays_later"] == 0 || whole.Counts["clean/rejected_"+schemas.ReasonDuplicateEvent] == 0 {
			t.Errorf("seed %d: night %s: the counts %v show nothing", seed, date, whole.Counts)
		}
		if got, want := handed(step), handed(whole); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: night %s after others differs from one alone", seed, date)
		}
		for _, ref := range step.Landing[schemas.LandingPlays] {
			if err := step.Lake.Delete(t.Context(), ref.Key); err != nil {
				t.Fatal(err)
			}
		}
	}
	correct(t, seed, step, dates, days)
}

// correct replaces the first day and runs the last night again.
func correct(t *testing.T, seed uint64, step *worktest.Night, dates []string, days map[string][]schemas.Play) {
	t.Helper()
	days[dates[0]] = days[dates[0]][:70]
	kept := step.Landing[schemas.LandingPlays]
	step.Landing[schemas.LandingPlays] = nil
	landDay(step, dates[0], days[dates[0]])
	for _, ref := range kept {
		if dateOf(ref.Key) != dates[0] {
			step.Landing[schemas.LandingPlays] = append(step.Landing[schemas.LandingPlays], ref)
		}
	}
	last := dates[len(dates)-1]
	nightOf(step, last, days, 2)
	if hits, made := step.Counts["work/kept_hits"], step.Counts["work/kept_made"]; hits < 4 || made < 3 || hits+made != 9 {
		t.Errorf("seed %d: after a correction %d kept items are taken up and %d made, want nine in all, a split, a head and the plays of the corrected day new", seed, hits, made)
	}
	whole := worktest.New(t, last)
	for _, d := range dates[:len(dates)-1] {
		landDay(whole, d, days[d])
	}
	nightOf(whole, last, days, 1)
	if got, want := handed(step), handed(whole); !reflect.DeepEqual(got, want) {
		t.Errorf("seed %d: the corrected night differs from one alone", seed)
	}
}
