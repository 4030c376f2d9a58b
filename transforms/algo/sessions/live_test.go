package sessions

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"segue/transforms/algo/playjson"
)

func newTestShard() *Shard {
	return NewShard(testParams(), playjson.NewDecoder(playjson.Default()), -1)
}

// feed applies events one batch each, after what the shard has.
func feed(t *testing.T, s *Shard, events ...said) (seen []Seen) {
	t.Helper()
	for _, e := range events {
		at := s.Applied() + 1
		rec := e.record(at)
		if err := s.Apply(Batch{Previous: at - 1, Last: at, Records: []Record{rec}}, func(x Seen) { seen = append(seen, x) }); err != nil {
			t.Fatal(err)
		}
	}
	return seen
}

func at(user string, minute int64) said {
	return said{EventID: fmt.Sprint("m", minute), UserID: user, SongID: "s1", StartedAt: start + minute*60_000}
}

// A session that ends by a later play is what the night cuts, for any disorder within the lateness, once, a restart between or not.
func TestFinishedAsTheNight(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	defer func() { t.Log("seed", seed) }()
	r := rand.New(rand.NewPCG(seed, 4))
	for range 200 {
		events := disorder(r, listen(r, 1, 1+r.IntN(80)), 600_000)
		recs := records(events)
		s := whole(t, shelf{1}, recs[:len(recs)/2])
		live := s.Drain()
		s, err := Restore(testParams(), playjson.NewDecoder(playjson.Default()), s.Snapshot(nil))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Apply(Batch{Previous: s.Applied(), Last: int64(len(recs)) - 1, Records: recs[len(recs)/2:]}, nil); err != nil {
			t.Fatal(err)
		}
		s.Advance(1 << 60)
		live = append(live, s.Drain()...)
		night := Acc{Gap: 30 * time.Minute}
		for _, e := range events {
			if e.Kind == "" {
				p := Play{At: e.StartedAt * 1000, ID: e.EventID, Song: e.SongID, PlayedMs: Unknown}
				if e.MsPlayed != nil {
					p.PlayedMs = *e.MsPlayed
				}
				p.Skipped = val(e.Skipped)
				night.Add(p)
			}
		}
		if len(live) != len(night.All()) {
			t.Fatalf("%d sessions, the night has %d", len(live), len(night.All()))
		}
		for i, n := range night.All() {
			l := live[i]
			if l.StartedAt != n.StartedAt() || l.EndedAt != n.until || l.Plays != int64(len(n.Plays)) || l.Skips != n.Skips() || l.PlayedMs != n.PlayedMs() {
				t.Fatalf("session %+v, the night has %+v", l, n)
			}
		}
	}
}

// A session is given out by the record after which nothing can join it, however long its plays stay the newest that are settled: once,
// as it is after a restart, and whatever timers close behind it.
func TestFinishedByTheNextSession(t *testing.T) {
	s := newTestShard()
	feed(t, s, at("a", 0), at("a", 5), at("a", 40))
	if over := s.Drain(); len(over) != 0 {
		t.Fatalf("a play at minute 31 could join, but the session is over: %v", over)
	}
	feed(t, s, at("a", 46))
	over := s.Drain()
	if len(over) != 1 || over[0].Plays != 2 || over[0].Version != (Version{Offset: 3}) {
		t.Fatalf("sessions %v", over)
	}
	restored, err := Restore(testParams(), playjson.NewDecoder(playjson.Default()), s.Snapshot(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Shard{s, restored} {
		feed(t, s, at("a", 47))
		s.Advance((start + 200*60_000) * 1000)
		if over := s.Drain(); len(over) != 1 || over[0].StartedAt != (start+40*60_000)*1000 || over[0].Version.Timer != 1 {
			t.Fatalf("sessions %v", over)
		}
		feed(t, s, at("a", 300), at("a", 320), at("a", 400))
		if over := s.Drain(); len(over) != 1 || over[0].StartedAt != (start+300*60_000)*1000 || over[0].Plays != 2 {
			t.Fatalf("sessions %v", over)
		}
	}
}

// Records wait for the interval, come newest, once, in the order of change; without an interval at once.
func TestDue(t *testing.T) {
	s := newTestShard()
	s.params.Interval = time.Second
	due := func(now int64) (out []string, waiting int) {
		waiting = s.Due(now, func(d Due) {
			out = append(out, fmt.Sprint(d.User, "@", d.Version.Offset, "@", strings.Count(string(d.Value), `"s1"`)))
		})
		return out, waiting
	}
	expect := func(now int64, wait int, want ...string) {
		t.Helper()
		if got, w := due(now); !slices.Equal(got, want) || w != wait {
			t.Errorf("at %d: %v and %d wait, want %v and %d", now, got, w, want, wait)
		}
	}
	feed(t, s, at("b", 0), at("a", 0), at("b", 1))
	expect(5000, 0, "b@2@2", "a@1@1")
	expect(5001, 0)
	feed(t, s, at("a", 1), at("c", 0))
	expect(5500, 1, "c@4@1")
	feed(t, s, at("a", 2))
	expect(5999, 1)
	expect(6000, 0, "a@5@3")
	s.params.Interval = 0
	feed(t, s, at("a", 3))
	expect(6000, 0, "a@6@4")
}

// A timer ends a session after gap and lateness: once, with a higher version; a play that comes after all opens it again.
func TestAdvance(t *testing.T) {
	s := newTestShard()
	feed(t, s, at("a", 0), at("a", 5))
	give := func() (out []Due) {
		s.Due(0, func(d Due) { d.Value = bytes.Clone(d.Value); out = append(out, d) })
		return out
	}
	give()
	after := func(minutes int64) int64 { return (start + minutes*60_000) * 1000 }
	s.Advance(after(45))
	if len(give()) != 0 || len(s.Drain()) != 0 {
		t.Error("a session ended too early")
	}
	s.Advance(after(45) + 1)
	s.Advance(after(46))
	got, over := give(), s.Drain()
	if len(got) != 1 || got[0].Version != (Version{1, 0, 1}) || !strings.Contains(string(got[0].Value), `"session_open":false`) || len(over) != 1 || over[0].Plays != 2 {
		t.Fatalf("%v, sessions %v", got, over)
	}
	feed(t, s, at("a", 20))
	if got := give(); len(got) != 1 || got[0].Version != (Version{2, 0, 0}) || !strings.Contains(string(got[0].Value), `"session_open":true`) {
		t.Fatalf("%v", got)
	}
	s.Advance(after(100))
	if over := s.Drain(); len(over) != 1 || over[0].Plays != 3 || over[0].Version.Offset != 2 {
		t.Fatalf("sessions %v", over)
	}
	feed(t, s, at("a", 200), at("a", 300), at("a", 400)) // settles the session that a timer gave out
	if over := s.Drain(); len(over) != 2 || over[0].Plays != 1 || over[1].Plays != 1 {
		t.Fatalf("sessions %v", over)
	}
}

// A listener away for the idle time starts anew, whether the shard has dropped the state or not.
func TestIdle(t *testing.T) {
	records := func(drop bool) string {
		s := newTestShard()
		feed(t, s, at("a", 0))
		if drop {
			s.clockMs += 9 * 24 * 3_600_000
			s.Due(0, func(Due) {})
			s.Advance(0)
			if s.Listeners() != 0 {
				t.Fatal("an idle listener stays")
			}
		}
		rec := at("a", 60).record(1)
		rec.ProducedMs += 8 * 24 * 3_600_000
		if err := s.Apply(Batch{0, 1, []Record{rec}}, nil); err != nil {
			t.Fatal(err)
		}
		if over := s.Drain(); len(over) != 1 || s.Counts().Forgotten != 1 {
			t.Fatalf("sessions %v, counts %+v", over, s.Counts())
		}
		return final(t, s)["a"]
	}
	if a, b := records(false), records(true); a != b || !strings.Contains(a, `"total_plays":1`) {
		t.Errorf("%s\n%s", a, b)
	}
}

// A new release shows in the records of open sessions, and changes nothing else.
func TestUse(t *testing.T) {
	s := newTestShard()
	feed(t, s, at("gone", -6100), at("a", 5990), at("u1", 5990))
	s.Due(0, func(Due) {})
	before := final(t, s)
	s.Use(shelf{3})
	var got []string
	s.Due(0, func(d Due) { got = append(got, fmt.Sprint(d.User, d.Version.Generation)) })
	if !slices.Equal(got, []string{"a3", "u13"}) {
		t.Errorf("due %v", got)
	}
	var was, is map[string]any
	if err := errors.Join(json.Unmarshal([]byte(before["u1"]), &was), json.Unmarshal([]byte(final(t, s)["u1"]), &is)); err != nil {
		t.Fatal(err)
	}
	if is["artists"] != 1. || is["vector"] == nil || is["taste_distance"] == nil || is["release"] != "run3" {
		t.Errorf("record %v", is)
	}
	for k, v := range was {
		if k != "release" && k != "generation" && !reflect.DeepEqual(v, is[k]) {
			t.Errorf("%s was %v, is %v", k, v, is[k])
		}
	}
}

// Every record is counted once: applied, late, repeated or dead; dead ones say why and change nothing.
func TestCounts(t *testing.T) {
	s := newTestShard()
	seen := feed(t, s, at("a", 0), at("a", 20), at("a", 9), at("a", 20), at("a", 10))
	bad := Record{Offset: 5, Key: []byte("a"), Value: []byte("{")}
	if err := s.Apply(Batch{4, 7, []Record{bad}}, func(x Seen) { seen = append(seen, x) }); err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(Batch{4, 7, []Record{bad}}, nil); err != nil {
		t.Fatal(err)
	}
	var got []Outcome
	for _, x := range seen {
		got = append(got, x.Outcome)
	}
	if !slices.Equal(got, []Outcome{Applied, Applied, Late, Duplicate, Applied, Applied}) || seen[5].Reason != playjson.Unreadable || seen[5].Event != nil {
		t.Errorf("seen %v", seen)
	}
	if c := s.Counts(); c != (Counts{In: 6, Applied: 3, Late: 1, Duplicates: 1, Dead: 1, Again: 1}) || s.Applied() != 7 {
		t.Errorf("%+v, applied %d", c, s.Applied())
	}
}

// One listener's flood within the lateness is bounded; so are batches that wait.
func TestBounds(t *testing.T) {
	s := newTestShard()
	for i := range 1000 {
		e := at("a", 0)
		e.StartedAt += int64(i * 100)
		e.EventID = fmt.Sprint(i)
		feed(t, s, e)
	}
	if n := s.listeners["a"].history.pending; n > maxPending || s.Counts().Applied != 1000 {
		t.Errorf("%d events wait, %+v", n, s.Counts())
	}
	var err error
	for i := range maxParked + 1 {
		err = s.Apply(Batch{Previous: int64(2000 + i), Last: int64(2001 + i)}, nil)
	}
	if !errors.Is(err, ErrParked) || s.Waiting() != maxParked {
		t.Errorf("%v, %d wait", err, s.Waiting())
	}
}

// Songs and names of listeners who are gone leave too.
func TestCompact(t *testing.T) {
	s := newTestShard()
	s.Use(shelf{1})
	feed(t, s, at("a", 0), at("b", 0))
	for i := range 120_000 {
		s.songs.of(fmt.Appendf(nil, "gone%d", i))
	}
	s.tracks = append(s.tracks, make([]Track, 120_000)...)
	want := final(t, s)["b"]
	s.listeners["a"].dirty = false
	s.listeners["a"].seenMs = 1
	s.Advance(0)
	if got := final(t, s)["b"]; s.songs.len() > 10 || got != want {
		t.Errorf("%d songs, %s\nwant %s", s.songs.len(), got, want)
	}
}

// Every text has a number of its own, whatever must be escaped in it, and is found again; so it is after many.
func TestSymbols(t *testing.T) {
	table, numbers := newSymbols(), map[string]uint32{}
	texts := []string{`a`, `a\`, `a\\`, `\"`, `"`, "\n", `\u000a`, `null`, `ä`}
	for i := range 5000 {
		texts = append(texts, fmt.Sprint(i))
	}
	for range 2 {
		for _, text := range texts {
			n := table.of([]byte(text))
			if before, met := numbers[text]; met && before != n || table.text(n) != text || string(table.quoted(n)) != quote(text) {
				t.Fatalf("%q is number %d, then %d, and reads %q", text, before, n, table.text(n))
			}
			numbers[text] = n
		}
	}
	if table.len() != len(texts)+1 {
		t.Errorf("%d numbers, want %d", table.len(), len(texts)+1)
	}
}

// Snapshots that are cut, changed or newer are refused with their error, whatever the bytes.
func TestRestoreRefuses(t *testing.T) {
	s := whole(t, shelf{1}, records(listen(rand.New(rand.NewPCG(1, 1)), 3, 60)))
	good := s.Snapshot(nil)
	for i := range good {
		for _, b := range [][]byte{good[:i], append(append(bytes.Clone(good[:i]), good[i]^1), good[i+1:]...)} {
			if _, err := Restore(testParams(), nil, b); !errors.Is(err, ErrSnapshot) {
				t.Fatalf("byte %d: %v", i, err)
			}
		}
	}
}

// Bytes with a right checksum and nonsense inside are refused or restored, never a panic.
func FuzzRestore(f *testing.F) {
	s := newTestShard()
	f.Add(s.Snapshot(nil)[1:])
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Restore(testParams(), nil, sealed(b))
		if err != nil {
			return
		}
		for _, u := range s.Users() {
			s.Features(nil, u)
		}
		s.Advance(1 << 60)
		s.Snapshot(nil)
	})
}

// The snapshot kept from version 1 restores to the same records for ever. SEGUE_FREEZE=1 writes the files of a new version.
func TestFrozenSnapshot(t *testing.T) {
	const blob, text = "testdata/shard-v1.bin", "testdata/shard-v1.json"
	if os.Getenv("SEGUE_FREEZE") != "" {
		s := whole(t, shelf{1}, records(disorder(rand.New(rand.NewPCG(7, 7)), listen(rand.New(rand.NewPCG(8, 8)), 4, 60), 300_000)))
		freeze(t, blob, s.Snapshot(nil))
		freeze(t, text, []byte(lines(t, s)))
	}
	b, err := os.ReadFile(blob)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Restore(testParams(), playjson.NewDecoder(playjson.Default()), b)
	if err != nil {
		t.Fatal(err)
	}
	s.Use(shelf{1})
	if got := lines(t, s); got != string(want) {
		t.Errorf("records\n%s\nwant\n%s", got, want)
	}
}

func freeze(t *testing.T, path string, b []byte) {
	if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(path, b, 0o644)); err != nil {
		t.Fatal(err)
	}
}

func lines(t *testing.T, s *Shard) string {
	var b strings.Builder
	m := final(t, s)
	for _, u := range s.Users() {
		b.WriteString(m[u] + "\n")
	}
	return b.String()
}

// A listener with a day's plays costs less than 1 KB, map and names included; songs are shared, a tenth as many as listeners.
func TestMemory(t *testing.T) {
	const n = 10_000
	before := heap()
	s := newTestShard()
	recs := stream(n*25, n, n/10, n*25/86400)
	last := int64(len(recs)) - 1
	if err := s.Apply(Batch{-1, last, recs}, nil); err != nil {
		t.Fatal(err)
	}
	recs = nil
	s.Due(0, func(Due) {})
	s.Drain()
	got := float64(heap()-before) / float64(s.Listeners())
	t.Logf("%.0f bytes a listener, %d in the snapshot", got, len(s.Snapshot(nil))/s.Listeners())
	if got > 1024 {
		t.Errorf("%.0f bytes a listener, want at most 1024", got)
	}
	runtime.KeepAlive(s)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
