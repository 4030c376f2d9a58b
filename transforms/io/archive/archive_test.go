package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/algo/playjson"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) lake.Store {
	t.Helper()
	s, err := lake.Open(t.Context(), "mem://"+t.Name()+fmt.Sprint(time.Now().UnixNano()))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// topic draws n records of a partition, some broken, over two days with disorder.
func topic(r *rand.Rand, n int) []sessions.Record {
	out := make([]sessions.Record, n)
	at := noon
	for i := range out {
		at = at.Add(time.Duration(r.IntN(20)) * time.Minute)
		user := fmt.Sprint("u", r.IntN(3))
		value := fmt.Sprintf(`{"event_id":"e%d","user_id":"%s","song_id":"s%d","started_at":"%s","ms_played":%d,"skipped":%t,"device":"iPhone","utc_offset_minutes":60,"time_zone":"Europe/Rome","place":"gym","context":"album:x","country":"it","kind":"%s"}`,
			i, user, r.IntN(9), at.Add(-time.Duration(r.IntN(15))*time.Minute).Format(time.RFC3339Nano), r.IntN(200_000), r.IntN(2) == 0, []string{"play", "play", "play", "like"}[r.IntN(4)])
		if r.IntN(10) == 0 {
			value = "broken"
		}
		out[i] = sessions.Record{Offset: int64(i), ProducedMs: at.UnixMilli(), Key: []byte(user), Value: []byte(value)}
	}
	return out
}

func newShard() *sessions.Shard {
	return sessions.NewShard(sessions.Default(), playjson.NewDecoder(playjson.Default()), -1)
}

// live is one process that owns partition 0 from its claim on until an error of the store, which stands for a crash.
func live(ctx context.Context, s lake.Store, recs []sessions.Record, step int) (*sessions.Shard, error) {
	o, err := Claim(ctx, s, 0, -1, Lease{})
	if err != nil {
		return nil, err
	}
	blob, err := o.Load(ctx)
	if err != nil {
		return nil, err
	}
	shard := newShard()
	if blob != nil {
		if shard, err = sessions.Restore(sessions.Default(), playjson.NewDecoder(playjson.Default()), blob); err != nil {
			return nil, err
		}
	}
	w, err := NewWriter(ctx, s, 0, o.State().Epoch, -1)
	if err != nil {
		return nil, err
	}
	for from := shard.Applied() + 1; from < int64(len(recs)); from = shard.Applied() + 1 {
		to := min(from+int64(step), int64(len(recs)))
		err := shard.Apply(sessions.Batch{Previous: from - 1, Last: to - 1, Records: recs[from:to]}, func(x sessions.Seen) {
			if x.Reason == "" {
				w.AddPlay(Play(0, x.Record, x.Event))
			}
		})
		if err != nil {
			return nil, err
		}
		for _, f := range shard.Drain() {
			w.AddSession(Session(0, &f))
		}
		if err := w.Flush(ctx, shard.Applied()); err != nil {
			return nil, err
		}
		if err := o.Save(ctx, shard.Applied(), noon, shard.Snapshot(nil)); err != nil {
			return nil, err
		}
	}
	return shard, nil
}

// wanted returns what an undisturbed process sees: the rows of sound records, and the finished sessions.
func wanted(t *testing.T, recs []sessions.Record) (plays []schemas.ArchivedPlay, over []schemas.LiveSession, shard *sessions.Shard) {
	t.Helper()
	shard = newShard()
	err := shard.Apply(sessions.Batch{Previous: -1, Last: int64(len(recs)) - 1, Records: recs}, func(x sessions.Seen) {
		if x.Reason == "" {
			plays = append(plays, Play(0, x.Record, x.Event))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range shard.Drain() {
		over = append(over, Session(0, &f))
	}
	return plays, Newest(over), shard
}

func read(t *testing.T, s lake.Store) (plays []schemas.ArchivedPlay, over []schemas.LiveSession) {
	t.Helper()
	log, err := Log(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range Plays(t.Context(), s, log, 0, -1) {
		if err != nil {
			t.Fatal(err)
		}
		plays = append(plays, row)
	}
	for day := range 60 {
		part, err := Sessions(t.Context(), s, log, noon.Truncate(24*time.Hour).AddDate(0, 0, day-1))
		if err != nil {
			t.Fatal(err)
		}
		over = append(over, part...)
	}
	return plays, Newest(over)
}

// crashing fails its n-th change of the store, before or after it took effect, and everything after.
type crashing struct {
	lake.Store
	left  int
	after bool
}

var errCrash = errors.New("crashed")

func (c *crashing) step(do func() (lake.Info, error)) (lake.Info, error) {
	c.left--
	switch {
	case c.left < 0 || c.left == 0 && !c.after:
		return lake.Info{}, errCrash
	case c.left == 0:
		_, err := do()
		return lake.Info{}, errors.Join(errCrash, err)
	}
	return do()
}

func (c *crashing) Create(ctx context.Context, key string, r io.Reader, size int64) (lake.Info, error) {
	return c.step(func() (lake.Info, error) { return c.Store.Create(ctx, key, r, size) })
}

func (c *crashing) Swap(ctx context.Context, key string, data []byte, etag string) (lake.Info, error) {
	return c.step(func() (lake.Info, error) { return c.Store.Swap(ctx, key, data, etag) })
}

func (c *crashing) Delete(ctx context.Context, key string) error {
	_, err := c.step(func() (lake.Info, error) { return lake.Info{}, c.Store.Delete(ctx, key) })
	return err
}

// Wherever processes crash, and however each cuts the records, the archive holds every play and session once, and the last
// process ends in the state of an undisturbed one.
func TestCrashes(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	defer func() { t.Log("seed", seed) }()
	r := rand.New(rand.NewPCG(seed, 1))
	for range 15 {
		recs := topic(r, 60)
		s := open(t)
		crashes := 0
		var shard *sessions.Shard
		for shard == nil {
			var err error
			store := &crashing{Store: s, left: 1 + r.IntN(30), after: r.IntN(2) == 0}
			if crashes > 50 {
				store.left = 1 << 30
			}
			if shard, err = live(t.Context(), store, recs, 1+r.IntN(20)); err != nil {
				if !errors.Is(err, errCrash) {
					t.Fatal(err)
				}
				crashes++
			}
		}
		plays, over, want := wanted(t, recs)
		gotPlays, gotOver := read(t, s)
		if !reflect.DeepEqual(gotPlays, plays) || !reflect.DeepEqual(gotOver, over) {
			t.Fatalf("after %d crashes %d plays, want %d; sessions\n%+v\nwant\n%+v", crashes, len(gotPlays), len(plays), gotOver, over)
		}
		if !bytes.Equal(shard.Snapshot(nil), want.Snapshot(nil)) {
			t.Fatalf("after %d crashes another state", crashes)
		}
	}
}

// A process whose partition was claimed by another can neither archive nor save.
func TestFenced(t *testing.T) {
	s := open(t)
	recs := topic(rand.New(rand.NewPCG(1, 1)), 40)
	old, err := Claim(t.Context(), s, 0, -1, Lease{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWriter(t.Context(), s, 0, old.State().Epoch, -1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := live(t.Context(), s, recs, 7); err != nil {
		t.Fatal(err)
	}
	plays, _, shard := wanted(t, recs)
	w.AddPlay(plays[0])
	if err := w.Flush(t.Context(), 30); !errors.Is(err, ErrFenced) {
		t.Errorf("Flush: %v", err)
	}
	if err := old.Save(t.Context(), 30, noon, shard.Snapshot(nil)); !errors.Is(err, ErrFenced) {
		t.Errorf("Save: %v", err)
	}
	if got, _ := read(t, s); !reflect.DeepEqual(got, plays) {
		t.Errorf("%d plays, want %d", len(got), len(plays))
	}
	state, err := ReadState(t.Context(), s, 0)
	if err != nil || state.Epoch != 2 || state.Offset != 39 {
		t.Errorf("state %+v, %v", state, err)
	}
}

// Files lie by hour of started_at, their names hold partition and offsets, and they read as landing plays of their day.
func TestFiles(t *testing.T) {
	s := open(t)
	w, err := NewWriter(t.Context(), s, 3, 2, 99)
	if err != nil {
		t.Fatal(err)
	}
	row := func(offset int64, at time.Time) schemas.ArchivedPlay {
		return schemas.ArchivedPlay{EventID: fmt.Sprint(offset), UserID: "u", SongID: "s", StartedAt: at, Kind: schemas.KindPlay, Partition: 3, Offset: offset, ProducedAt: noon}
	}
	for i, at := range []time.Time{noon, noon.Add(13 * time.Hour), noon.Add(time.Minute)} {
		w.AddPlay(row(int64(100+i), at))
		w.AddPlay(row(int64(100+i), at)) // again
	}
	w.AddPlay(row(99, noon)) // before the start
	if err := w.Flush(t.Context(), 105); err != nil {
		t.Fatal(err)
	}
	log, err := Log(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	files := PlayFiles(log, noon.Truncate(24*time.Hour))
	const key = "live/plays/date=2026-03-01/hour=12/p0003-0000000000000000100-0000000000000000105-e2.1.parquet"
	if len(files) != 1 || files[0].Key != key {
		t.Fatalf("files %v", files)
	}
	plays, err := parquetio.ReadAll[schemas.Play](t.Context(), s, files[0])
	if err != nil || len(plays) != 2 || plays[0].EventID != "100" || plays[1].EventID != "102" {
		t.Errorf("plays %v, %v", plays, err)
	}
	if len(PlayFiles(log, noon.AddDate(0, 0, 1).Truncate(24*time.Hour))) != 2 || w.Last() != 105 || w.Buffered() != 0 {
		t.Errorf("last %d, %d wait", w.Last(), w.Buffered())
	}
}

// A log with a hole is an error that says where.
func TestGap(t *testing.T) {
	s := open(t)
	for _, e := range []Entry{{Previous: -1, Last: 5}, {Number: 1, Previous: 7, Last: 9}} {
		if _, err := lake.CreateJSON(t.Context(), s, entryKey(0, e.Number), e); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Log(t.Context(), s); !errors.Is(err, ErrGap) {
		t.Errorf("error %v", err)
	}
}

// A replay of the archive is the state the live process had, for any cut.
func TestReplay(t *testing.T) {
	recs := topic(rand.New(rand.NewPCG(5, 5)), 200)
	plays, _, want := wanted(t, recs)
	d := &Replay{}
	got := sessions.NewShard(sessions.Default(), d, -1)
	for rows := range slices.Chunk(plays, 17) {
		last := rows[len(rows)-1].Offset
		if err := got.Apply(sessions.Batch{Previous: got.Applied(), Last: last, Records: d.Records(rows)}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, u := range want.Users() {
		a, _ := want.Features(nil, u)
		b, ok := got.Features(nil, u)
		if !ok || !bytes.Equal(a, b) {
			t.Errorf("%s\nwant\n%s", b, a)
		}
	}
}

// Of sessions that overlap the highest version counts, others stay.
func TestNewest(t *testing.T) {
	row := func(user string, from, to int, offset, timer int64) schemas.LiveSession {
		return schemas.LiveSession{UserID: user, StartedAt: noon.Add(time.Duration(from) * time.Minute), EndedAt: noon.Add(time.Duration(to) * time.Minute), Offset: offset, Timer: timer}
	}
	got := Newest([]schemas.LiveSession{row("b", 0, 5, 1, 0), row("a", 60, 70, 9, 0), row("a", 0, 5, 3, 1), row("a", -1, 8, 4, 0), row("a", 0, 5, 3, 0)})
	if want := []schemas.LiveSession{row("a", -1, 8, 4, 0), row("a", 60, 70, 9, 0), row("b", 0, 5, 1, 0)}; !reflect.DeepEqual(got, want) {
		t.Errorf("sessions %v", got)
	}
}

// Reasons of dead letters are named as in package schemas.
func TestReasons(t *testing.T) {
	for reason, want := range map[playjson.Reason]string{
		playjson.Tombstone: schemas.ReasonTombstone, playjson.TooLarge: schemas.ReasonTooLarge, playjson.NullKey: schemas.ReasonMissingKey,
		playjson.InvalidUTF8: schemas.ReasonInvalidUTF8, playjson.Unreadable: schemas.ReasonUnreadable, playjson.WrongType: schemas.ReasonWrongType,
		playjson.UnknownVersion: schemas.ReasonUnknownVersion, playjson.MissingUser: schemas.ReasonMissingUser, playjson.KeyMismatch: schemas.ReasonKeyMismatch,
		playjson.MissingSong: schemas.ReasonMissingSong, playjson.MissingID: schemas.ReasonMissingEventID, playjson.BadTime: schemas.ReasonBadTime,
		playjson.FutureTime: schemas.ReasonClockAhead, playjson.UnknownKind: schemas.ReasonUnknownKind, playjson.NegativeDuration: schemas.ReasonNegativeDuration,
		playjson.BadOffset: schemas.ReasonBadOffset, playjson.LongID: schemas.ReasonLongID,
	} {
		if string(reason) != want {
			t.Errorf("%s is %s in package schemas", reason, want)
		}
	}
	if schemas.EventVersion != playjson.Version {
		t.Error("versions of the contract differ")
	}
	if schemas.MaxID != playjson.MaxID {
		t.Error("bounds of ids differ")
	}
}
