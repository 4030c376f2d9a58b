package parity

import (
	"context"
	"fmt"
	"hash/fnv"
	"testing"
	"time"

	"segue/local/traffic"
	"segue/schemas"
	"segue/transforms/algo/playjson"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/archive"
	"segue/transforms/io/lake"
)

const partitions = 3

// owner is a live job's hold on one partition. plant changes what its accumulators see, not what is archived.
type owner struct {
	t     *testing.T
	claim *archive.Owner
	out   *archive.Writer
	shard *sessions.Shard
	plant func(*sessions.Record) bool // false = the accumulators miss the record

	forget bool // finished sessions are not archived
}

func own(t *testing.T, s lake.Store, partition int32, p sessions.Params) *owner {
	t.Helper()
	o := &owner{t: t}
	var err error
	if o.claim, err = archive.Claim(t.Context(), s, partition, -1, archive.Lease{}); err != nil {
		t.Fatal(err)
	}
	if o.out, err = archive.NewWriter(t.Context(), s, partition, o.claim.State().Epoch, -1); err != nil {
		t.Fatal(err)
	}
	o.shard = sessions.NewShard(p, playjson.NewDecoder(playjson.Default()), -1)
	return o
}

func hash(key []byte) int {
	h := fnv.New32a()
	h.Write(key)
	return int(h.Sum32())
}

// take applies records that end at offset last, and archives and saves all of it.
func (o *owner) take(ctx context.Context, partition int32, recs []sessions.Record, watermark time.Time) {
	o.t.Helper()
	last := recs[len(recs)-1].Offset
	var seen []sessions.Record
	d := playjson.NewDecoder(playjson.Default())
	for _, r := range recs {
		var e playjson.Event
		if d.Decode(r.Key, r.Value, r.ProducedMs, &e) == "" {
			o.out.AddPlay(archive.Play(partition, &r, &e))
		}
		if o.plant == nil || o.plant(&r) {
			seen = append(seen, r)
		}
	}
	if err := o.shard.Apply(sessions.Batch{Previous: o.shard.Applied(), Last: last, Records: seen}, nil); err != nil {
		o.t.Fatal(err)
	}
	o.shard.Advance(watermark.UnixMicro())
	o.shard.Due(0, func(sessions.Due) {})
	for _, f := range o.shard.Drain() {
		if o.forget {
			continue
		}
		o.out.AddSession(archive.Session(partition, &f))
	}
	if err := o.out.Flush(ctx, last); err != nil {
		o.t.Fatal(err)
	}
	if err := o.claim.Save(ctx, last, watermark, o.shard.Snapshot(nil)); err != nil {
		o.t.Fatal(err)
	}
}

var day = traffic.Default().World.Start.AddDate(0, 0, 1)

// live plays three days of traffic through a live job and returns its lake, and what the traffic counts.
func live(t *testing.T, p sessions.Params, plant func(*sessions.Record) bool) (lake.Store, traffic.Counts) {
	t.Helper()
	q := traffic.Default()
	q.World.Songs, q.World.Playlists, q.World.Users, q.World.Days, q.Late, q.Disorder = 100, 0, 60, 3, .05, .1
	q.Start = q.World.Start
	plan, err := traffic.New(q)
	if err != nil {
		t.Fatal(err)
	}
	s, err := lake.Open(t.Context(), "mem://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var topic [partitions][]sessions.Record
	for _, r := range plan.Records {
		n := hash(r.Key) % partitions
		topic[n] = append(topic[n], sessions.Record{Offset: int64(len(topic[n])), ProducedMs: q.World.Start.Add(r.Due).UnixMilli(), Key: r.Key, Value: r.Value})
	}
	for n, recs := range topic {
		o := own(t, s, int32(n), p)
		o.plant = plant
		for len(recs) > 0 {
			k := min(len(recs), 150)
			o.take(t.Context(), int32(n), recs[:k], time.UnixMilli(recs[k-1].ProducedMs).Add(-traffic.Lateness))
			recs = recs[k:]
		}
	}
	return s, plan.Counts
}

func compared(t *testing.T, s lake.Store) Report {
	t.Helper()
	r, err := Run(t.Context(), s, day, sessions.Default())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What the live job left is what a replay of its archive gives, whatever came late, twice or broken.
func TestEqual(t *testing.T) {
	s, counts := live(t, sessions.Default(), nil)
	r := compared(t, s)
	if r.Share() != 1 || r.Partitions != partitions || r.Plays != int64(counts.Applied) || r.Late != int64(counts.Late) || r.Duplicates != int64(counts.Duplicates) {
		t.Errorf("report %+v, traffic %+v", r, counts)
	}
	if r.Tables[0].Equal < 50 || r.Tables[1].Equal < 50 || r.Late == 0 {
		t.Errorf("%d listeners and %d sessions equal, %d late", r.Tables[0].Equal, r.Tables[1].Equal, r.Late)
	}
}

// Errors planted in the live path alone are found in the fields they touch: a record its accumulators missed, another gap, a session
// written wrong.
func TestPlanted(t *testing.T) {
	missed := 0
	lost, _ := live(t, sessions.Default(), func(r *sessions.Record) bool {
		missed++
		return missed != 400
	})
	short := sessions.Default()
	short.Gap = 5 * time.Minute
	gap, _ := live(t, short, nil)
	for name, s := range map[string]lake.Store{"lost record": lost, "other gap": gap} {
		r := compared(t, s)
		if r.Share() == 1 || len(r.Tables[0].Examples)+len(r.Tables[1].Examples) == 0 {
			t.Errorf("%s: not found in %+v", name, r)
		}
		if f := field(r.Tables[0], "total_plays"); name == "lost record" && (f.Different == 0 || !(f.SMAPE > 0 && f.SMAPE < .1)) {
			t.Errorf("%s: field %+v", name, f)
		}
	}
}

// spoken is a lake whose live job heard a listener's plays at minutes of the day, and saved with a watermark; with forget, its
// sessions were lost.
func spoken(t *testing.T, minutes []int, watermark time.Duration, forget bool) lake.Store {
	t.Helper()
	s, err := lake.Open(t.Context(), "mem://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o := own(t, s, 0, sessions.Default())
	o.forget = forget
	var recs []sessions.Record
	for i, minute := range minutes {
		at := day.Add(time.Duration(minute) * time.Minute).UnixMilli()
		value := fmt.Sprintf(`{"event_id":"e%d","user_id":"u","song_id":"s","started_at":%d}`, i, at)
		recs = append(recs, sessions.Record{Offset: int64(i), ProducedMs: at, Key: []byte("u"), Value: []byte(value)})
	}
	o.take(t.Context(), 0, recs, day.Add(watermark))
	return s
}

// A session the live job cannot have ended yet is open, not missing: the listener's next plays may still be joined to it, and hold its
// timer back. One that the next session's first play ended, or time, is compared.
func TestOpen(t *testing.T) {
	for name, c := range map[string]struct {
		minutes              []int
		watermark            time.Duration
		forget               bool
		equal, missing, open int64
	}{
		"next session just began":        {minutes: []int{600, 633}, watermark: 660 * time.Minute, open: 2},
		"next session ends the one":      {minutes: []int{600, 900}, watermark: 900 * time.Minute, equal: 1, open: 1},
		"time ends both":                 {minutes: []int{600, 633}, watermark: 690 * time.Minute, equal: 2},
		"time ended both, and they left": {minutes: []int{600, 633}, watermark: 690 * time.Minute, forget: true, missing: 2},
		"next one ended it, and it left": {minutes: []int{600, 900}, watermark: 900 * time.Minute, forget: true, missing: 1, open: 1},
	} {
		r := compared(t, spoken(t, c.minutes, c.watermark, c.forget))
		if over := r.Tables[1]; over.Equal != c.equal || over.Missing != c.missing || over.Extra != 0 || r.Open != c.open {
			t.Errorf("%s: %d equal, %d missing, %d open, want %d, %d, %d", name, over.Equal, over.Missing, r.Open, c.equal, c.missing, c.open)
		}
	}
}

func field(t Table, name string) Field {
	for _, f := range t.Fields {
		if f.Name == name {
			return f
		}
	}
	return Field{}
}

// A lake without a live job compares nothing.
func TestEmpty(t *testing.T) {
	s, err := lake.Open(t.Context(), "mem://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if r := compared(t, s); r.Partitions != 0 || r.Share() != 1 || len(r.Tables) != 2 {
		t.Errorf("report %+v", r)
	}
}

// Counts of values, by hand: equal, different with |3-1| / 2 = 1, missing, extra; records alike.
func TestCompare(t *testing.T) {
	u := newTable("x")
	u.compare("a", map[string]any{"n": 1., "s": "x", "m": nil, "e": "y"}, map[string]any{"n": 3., "s": "x", "m": "z", "e": nil})
	u.compare("b", map[string]any{"n": 1., "s": "x"}, map[string]any{"n": 1., "s": "x"})
	u.compare("c", nil, map[string]any{})
	u.compare("d", sessionFields(schemas.LiveSession{}, true), sessionFields(schemas.LiveSession{}, false))
	got := u.done()
	if got.Equal != 1 || got.Different != 1 || got.Missing != 1 || got.Extra != 1 || len(got.Examples) != 5 {
		t.Errorf("%+v", got)
	}
	want := []Field{{Name: "e", Extra: 1}, {Name: "m", Missing: 1}, {Name: "n", Equal: 1, Different: 1, SMAPE: .5, numbers: 2}, {Name: "s", Equal: 2}}
	for _, w := range want {
		if f := field(got, w.Name); f != w {
			t.Errorf("%+v, want %+v", f, w)
		}
	}
}
