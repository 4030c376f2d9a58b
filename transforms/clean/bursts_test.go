package clean

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/listenio"
	"segue/transforms/io/work/worktest"
)

// naiveBursts says why each row is taken out, looking at all rows of the listener each time.
func naiveBursts(l limits, rows []placed[schemas.Play]) []string {
	out := make([]string, len(rows))
	for i, p := range rows {
		day, atOnce := 0, 0
		for j, q := range rows {
			if q.Row.UserID != p.Row.UserID {
				continue
			}
			if listenio.DayOf(q.Row.StartedAt) == listenio.DayOf(p.Row.StartedAt) {
				day++
			}
			if j < i && q.Row.Kind == schemas.KindPlay && q.Row.MsPlayed != nil {
				ms := min(*q.Row.MsPlayed, 6*3600*1000)
				if t := q.Row.TrackMs; t != nil && *t > 0 {
					ms = min(ms, *t)
				}
				if q.Row.StartedAt.Add(time.Duration(ms) * time.Millisecond).After(p.Row.StartedAt.Add(time.Minute)) {
					atOnce++
				}
			}
		}
		switch {
		case l.EventsADay > 0 && day > l.EventsADay:
			out[i] = schemas.ReasonTooMany
		case l.AtOnce > 0 && p.Row.Kind == schemas.KindPlay && atOnce >= l.AtOnce:
			out[i] = schemas.ReasonOverlap
		}
	}
	return out
}

func randomBursts(r *rand.Rand) []placed[schemas.Play] {
	var rows []placed[schemas.Play]
	for i := range r.IntN(120) {
		p := play(fmt.Sprint("u", r.IntN(3)), "a", "1969-12-30T22:00:00Z", func(p *schemas.Play) {
			p.EventID = fmt.Sprintf("%03d", i)
			p.StartedAt = p.StartedAt.Add(time.Duration(r.IntN(6*60)) * 30 * time.Second)
			p.Kind = []string{schemas.KindPlay, schemas.KindPlay, schemas.KindPlay, schemas.KindLike}[r.IntN(4)]
			if r.IntN(4) > 0 {
				p.MsPlayed = ptr(int64(r.IntN(40)) * 30_000)
			}
			switch r.IntN(20) {
			case 0:
				p.MsPlayed = ptr(int64(1) << 60)
			case 1, 2, 3:
				p.TrackMs = ptr(int64(r.IntN(2)) * 90_000)
			}
		})
		rows = append(rows, placed[schemas.Play]{p, "f", int64(i + 1)})
	}
	kept, _ := uniquePlays(addresses(rows))
	out := make([]placed[schemas.Play], len(kept))
	for i, p := range kept {
		out[i] = *p
	}
	return out
}

func addresses[T any](rows []T) []*T {
	out := make([]*T, len(rows))
	for i := range rows {
		out[i] = &rows[i]
	}
	return out
}

// The running judgement agrees with looking at all plays of the listener each time, before 1970 too.
func TestQuarantineIsTheNaive(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 2))
	met := map[string]int{}
	for range 300 {
		rows, l := randomBursts(r), limits{r.IntN(30), r.IntN(5)}
		var want []*placed[schemas.Play]
		lostWant := map[int64]string{}
		for i, reason := range naiveBursts(l, rows) {
			met[reason]++
			if reason == "" {
				want = append(want, &rows[i])
			} else {
				lostWant[rows[i].Position] = reason
			}
		}
		kept, lost := l.quarantine(addresses(rows))
		lostGot := map[int64]string{}
		for _, x := range lost {
			lostGot[x.Position] = x.Reason
		}
		if len(kept)+len(lost) != len(rows) || !reflect.DeepEqual(lostGot, lostWant) || len(kept) > 0 && !reflect.DeepEqual(kept, want) {
			t.Fatalf("seed %d, %+v: %d rows, kept %d, lost %v, want %d and %v", seed, l, len(rows), len(kept), lostGot, len(want), lostWant)
		}
	}
	if met[""] < 500 || met[schemas.ReasonTooMany] < 500 || met[schemas.ReasonOverlap] < 500 {
		t.Errorf("seed %d: the cases met are %v", seed, met)
	}
}

// A machine's day goes, its other days and everyone else stay; every play is accounted for, with where it stood.
func TestBursts(t *testing.T) {
	n := worktest.New(t, day)
	p := lenient()
	p.MaxEventsADay, p.MaxAtOnce = 5, 2
	var rows []schemas.Play
	at := func(user, start string) {
		rows = append(rows, play(user, "a", start, func(p *schemas.Play) { p.MsPlayed = ptr(int64(200_000)) }))
	}
	for i := range 6 {
		at("machine", fmt.Sprintf("2026-01-05T%02d:00:00Z", i))
	}
	at("machine", "2026-01-04T23:59:59Z")
	for _, start := range []string{"10:00:00", "10:00:10", "10:00:20", "10:03:00", "10:06:00"} { // the third beside two, the fourth in their last minute
		at("choir", "2026-01-05T"+start+"Z")
	}
	at("person", "2026-01-05T10:00:00Z")
	land(n, schemas.LandingPlays, 0, rows...)
	n.MustStage(Stage(p, 2))
	if got, want := reasons(n), map[string]int{schemas.ReasonTooMany: 6, schemas.ReasonOverlap: 1}; !reflect.DeepEqual(got, want) {
		t.Errorf("reasons %v, want %v", got, want)
	}
	for counter, want := range map[string]int64{"plays_in": 13, "plays_out": 6, "plays_rejected": 7, "rejected_overlapping_plays": 1} {
		if got := n.Counts["clean/"+counter]; got != want {
			t.Errorf("counter %s = %d, want %d", counter, got, want)
		}
	}
	for _, r := range out[schemas.Rejected](n, schemas.TableRejected) {
		if r.Reason == schemas.ReasonOverlap && (r.Position != 10 || r.Source != "landing/plays/date=2026-01-05/part-0000.parquet") {
			t.Errorf("rejected %+v", r)
		}
	}
}
