package traffic

import (
	"bytes"
	"context"
	"errors"
	"math"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"segue/local/world"
	"segue/schemas"
	"segue/transforms/algo/playjson"
	"segue/transforms/algo/sessions"
)

func small() Params {
	p := Default()
	p.World.Songs, p.World.Playlists, p.World.Users, p.World.Days = 100, 0, 40, 7
	p.Disorder, p.Duplicates, p.Late, p.Broken = .05, .05, .05, .05
	return p
}

func plan(t *testing.T, p Params) *Plan {
	t.Helper()
	out, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A shard counts of the records what the plan says: in = applied + late + duplicates + dead, by each of them.
func TestCountsAreTheShards(t *testing.T) {
	p := plan(t, small())
	s := sessions.NewShard(sessions.Default(), playjson.NewDecoder(playjson.Default()), -1)
	produced := small().World.Start.AddDate(0, 0, 30).UnixMilli()
	recs := make([]sessions.Record, len(p.Records))
	for i, r := range p.Records {
		recs[i] = sessions.Record{Offset: int64(i), ProducedMs: produced, Key: r.Key, Value: r.Value}
	}
	reasons := map[playjson.Reason]int{}
	err := s.Apply(sessions.Batch{Previous: -1, Last: int64(len(recs)) - 1, Records: recs}, func(x sessions.Seen) { reasons[x.Reason]++ })
	if err != nil {
		t.Fatal(err)
	}
	c, got := p.Counts, s.Counts()
	if got != (sessions.Counts{In: int64(c.Sent), Applied: int64(c.Applied), Late: int64(c.Late), Duplicates: int64(c.Duplicates), Dead: int64(c.Dead)}) {
		t.Errorf("shard %+v, plan %+v", got, c)
	}
	if c.Sent != c.Applied+c.Late+c.Duplicates+c.Dead || c.Late == 0 || c.Duplicates == 0 || c.Dead != c.Damaged || len(reasons) < 9 {
		t.Errorf("plan %+v, reasons %v", c, reasons)
	}
}

// Each share is near what was asked for: within five standard deviations.
func TestShares(t *testing.T) {
	p := plan(t, small())
	events := float64(p.Counts.Sent - p.Counts.Repeated)
	for name, x := range map[string][2]float64{"delayed": {float64(p.Counts.Delayed), .1}, "repeated": {float64(p.Counts.Repeated), .05}, "broken": {float64(p.Counts.Damaged), .05}} {
		if d := math.Abs(x[0]-events*x[1]) / math.Sqrt(events*x[1]); d > 5 {
			t.Errorf("%s: %g of %g events, %g deviations off", name, x[0], events, d)
		}
	}
}

// Every damage is a dead letter of a shard, under a reason of its own kind.
func TestDamages(t *testing.T) {
	p := small()
	p.Duplicates = 0
	sound := plan(t, p)
	play := sending{play: firstPlay(t, p)}
	want := []playjson.Reason{
		playjson.Tombstone, playjson.NullKey, playjson.TooLarge, playjson.Unreadable, playjson.Unreadable, playjson.MissingUser,
		playjson.BadTime, playjson.FutureTime, playjson.NegativeDuration, playjson.WrongType, playjson.UnknownKind,
	}
	for d := range damages {
		play.damage = d
		r := play.record()
		var e playjson.Event
		if got := playjson.NewDecoder(playjson.Default()).Decode(r.Key, r.Value, time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC).UnixMilli(), &e); got != want[d] {
			t.Errorf("damage %d is %q, want %q: %.200s", d, got, want[d], r.Value)
		}
	}
	if len(sound.Records) == 0 {
		t.Error("no records")
	}
}

// The same seed gives the same records; a start moves events and nothing else.
func TestDeterministic(t *testing.T) {
	a, b := plan(t, small()), plan(t, small())
	if !reflect.DeepEqual(a, b) {
		t.Error("two plans of one seed differ")
	}
	p := small()
	p.Start = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	moved := plan(t, p)
	if moved.Counts != a.Counts || len(moved.Records) != len(a.Records) || !bytes.Contains(moved.Records[0].Value, []byte(`"started_at":"2027-01-01T00:00:00Z"`)) {
		t.Errorf("moved plan %+v begins with %s", moved.Counts, moved.Records[0].Value)
	}
}

// Records go in order, at the rate and the speed asked for.
func TestSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Plan{Records: make([]Record, 3000)}
		for i := range p.Records {
			p.Records[i].Due = time.Duration(i) * time.Second
		}
		for _, c := range []struct {
			pace Pace
			want time.Duration
		}{{Pace{Rate: 1000}, 3 * time.Second}, {Pace{Rate: 1000, Speed: 100}, 30 * time.Second}, {Pace{}, 0}} {
			start, next := time.Now(), 0
			n, err := p.Send(t.Context(), c.pace, func(_ context.Context, set []Record) error {
				if &set[0] != &p.Records[next] || len(set) > maxSet {
					t.Errorf("a set of %d at %d", len(set), next)
				}
				next += len(set)
				return nil
			})
			if took := time.Since(start); err != nil || n != 3000 || took > c.want || took < c.want-2*time.Second && c.want > 0 {
				t.Errorf("%+v: %d sent in %v, %v; want %v", c.pace, n, took, err, c.want)
			}
		}
		boom := errors.New("boom")
		if n, err := p.Send(t.Context(), Pace{}, func(context.Context, []Record) error { return boom }); n != 0 || !errors.Is(err, boom) {
			t.Errorf("%d sent, %v", n, err)
		}
	})
}

func firstPlay(t *testing.T, p Params) *schemas.Play {
	t.Helper()
	plays, err := world.Plays(p.World)
	if err != nil {
		t.Fatal(err)
	}
	return &plays[0]
}
