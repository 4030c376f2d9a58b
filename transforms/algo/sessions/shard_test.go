package sessions

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"segue/transforms/algo/playjson"
)

// said is one event as a client says it.
type said struct {
	EventID   string `json:"event_id"`
	UserID    string `json:"user_id"`
	SongID    string `json:"song_id"`
	StartedAt int64  `json:"started_at"` // milliseconds
	Kind      string `json:"kind,omitempty"`
	MsPlayed  *int64 `json:"ms_played,omitempty"`
	TrackMs   *int64 `json:"track_ms,omitempty"`
	Skipped   *bool  `json:"skipped,omitempty"`
	Device    string `json:"device,omitempty"`
	Offset    *int64 `json:"utc_offset_minutes,omitempty"`
	Place     string `json:"place,omitempty"`
	Country   string `json:"country,omitempty"`
	Context   string `json:"context,omitempty"`
}

const start = int64(1_772_368_496_000) // 2026-03-01, a Sunday

func (e said) record(offset int64) Record {
	v, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return Record{Offset: offset, ProducedMs: start + 3_600_000*100 + offset, Key: []byte(e.UserID), Value: v}
}

func testParams() Params {
	p := Default()
	p.Interval = 0
	for h := range p.DayParts {
		p.DayParts[h] = fmt.Sprint("part", h/6)
	}
	return p
}

// shelf is a small release: song s<i> has an artist, a mood and a vector; s0 is unknown.
type shelf struct{ gen int64 }

func (c shelf) Generation() int64 { return c.gen }
func (c shelf) Release() string   { return fmt.Sprint("run", c.gen) }
func (c shelf) Track(song string) Track {
	var i int
	if n, _ := fmt.Sscanf(song, "s%d", &i); n == 0 || i == 0 {
		return Track{}
	}
	return Track{
		Artist: fmt.Sprint("a", i%5), Mood: []string{"calm", "happy", ""}[i%3], Genre: fmt.Sprint("g", i%2), Tempo: "slow", Known: true,
		Vector: []float32{float32(i), float32(int64(i) * c.gen), 1},
	}
}

func (c shelf) Taste(user string) []float32 {
	if user == "u1" {
		return []float32{1, 2, 3}
	}
	return nil
}

// listen draws the plays of a few listeners in order of time: sessions, skips, likes, equal instants.
func listen(r *rand.Rand, users, n int) []said {
	var out []said
	clock := make([]int64, users)
	for i := range n {
		u := r.IntN(users)
		clock[u] += r.Int64N(6) * 60_000
		if r.IntN(8) == 0 {
			clock[u] += r.Int64N(90) * 60_000
		}
		e := said{EventID: fmt.Sprintf("e%02d", i), UserID: fmt.Sprint("u", u), SongID: fmt.Sprint("s", r.IntN(9)), StartedAt: start + clock[u]}
		if r.IntN(10) == 0 {
			e.Kind = []string{"like", "unlike", "save"}[r.IntN(3)]
		} else {
			e.MsPlayed, e.TrackMs, e.Skipped = maybe(r, r.Int64N(300_000)), maybe(r, int64(200_000)), maybe(r, r.IntN(3) == 0)
		}
		e.Device, e.Place = []string{"", "iPhone", "speaker", "tv"}[r.IntN(4)], []string{"", "home", "gy\"m"}[r.IntN(3)]
		e.Country, e.Context, e.Offset = []string{"", "se", "DE"}[r.IntN(3)], []string{"", "playlist:p1", "album"}[r.IntN(3)], maybe(r, r.Int64N(1600)-800)
		out = append(out, e)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].StartedAt < out[j].StartedAt })
	return out
}

func maybe[T any](r *rand.Rand, v T) *T {
	if r.IntN(4) == 0 {
		return nil
	}
	return &v
}

// disorder moves each event later in the topic by up to the given milliseconds of event time.
func disorder(r *rand.Rand, events []said, by int64) []said {
	type sent struct {
		e  said
		at int64
	}
	all := make([]sent, len(events))
	for i, e := range events {
		all[i] = sent{e, e.StartedAt + r.Int64N(by+1)}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].at < all[j].at })
	out := make([]said, len(all))
	for i := range all {
		out[i] = all[i].e
	}
	return out
}

func records(events []said) []Record {
	out := make([]Record, len(events))
	for i, e := range events {
		out[i] = e.record(int64(i))
	}
	return out
}

// whole feeds all records as one batch.
func whole(t *testing.T, c Catalogue, recs []Record) *Shard {
	t.Helper()
	s := NewShard(testParams(), playjson.NewDecoder(playjson.Default()), -1)
	s.Use(c)
	if err := s.Apply(Batch{Previous: -1, Last: int64(len(recs)) - 1, Records: recs}, nil); err != nil {
		t.Fatal(err)
	}
	return s
}

func final(t *testing.T, s *Shard) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, u := range s.Users() {
		b, ok := s.Features(nil, u)
		if !ok {
			t.Fatalf("listener %s is not known", u)
		}
		out[u] = string(b)
	}
	return out
}

// naiveFeatures recomputes the record of one listener from all events in order of offset: which are late or repeated, then the
// whole history sorted and cut from scratch.
func naiveFeatures(user string, events []said, c Catalogue) map[string]any {
	type kept struct {
		said
		offset int
	}
	var in []kept
	newest := int64(math.MinInt64)
	for i, e := range events {
		if e.UserID != user {
			continue
		}
		late := newest != math.MinInt64 && e.StartedAt < newest-600_000
		again := slices.ContainsFunc(in, func(k kept) bool { return k.EventID == e.EventID })
		if late || again {
			continue
		}
		in = append(in, kept{e, i})
		newest = max(newest, e.StartedAt)
	}
	last := in[len(in)-1].offset
	sort.Slice(in, func(i, j int) bool {
		return in[i].StartedAt < in[j].StartedAt || in[i].StartedAt == in[j].StartedAt && in[i].EventID < in[j].EventID
	})
	out := map[string]any{
		"v": 1., "user_id": user, "event_id": in[len(in)-1].EventID, "offset": float64(last), "timer": 0., "generation": float64(c.Generation()),
		"in_ts": float64(events[last].record(int64(last)).ProducedMs), "release": c.Release(),
	}
	var plays, all []said
	for _, k := range in {
		all = append(all, k.said)
		if k.Kind == "" {
			plays = append(plays, k.said)
		}
	}
	naiveSession(out, plays, all)
	naiveRecent(out, plays, c, user)
	return out
}

func val[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func naiveOutcome(e said) string {
	switch {
	case e.Skipped != nil && *e.Skipped:
		return "skip"
	case e.MsPlayed != nil && e.TrackMs != nil && float64(*e.MsPlayed) >= .8*float64(*e.TrackMs):
		return "complete"
	case e.MsPlayed != nil && e.TrackMs != nil:
		return "part"
	case e.Skipped != nil:
		return "complete"
	}
	return "unknown"
}

// naiveSession fills in what is of the last session. likes needs all events.
func naiveSession(out map[string]any, plays, all []said) {
	first, until, silence := 0, int64(math.MinInt64), any(nil)
	for i, p := range plays {
		if i > 0 && p.StartedAt-until > 30*60_000 {
			first, silence = i, float64(p.StartedAt-until)
		}
		until = max(until, p.StartedAt+val(p.MsPlayed))
		if i == first {
			until = p.StartedAt + val(p.MsPlayed)
		}
	}
	counts := map[string]int{}
	total := 0
	var ms int64
	for i, p := range plays {
		if naiveOutcome(p) == "skip" {
			total++
		}
		if i >= first {
			counts[naiveOutcome(p)]++
			ms += val(p.MsPlayed)
		}
	}
	n := len(plays) - first
	likes := naiveLikes(plays, all, first)
	out["session_open"], out["session_start"], out["session_end"], out["last_play"] = n > 0, 0., 0., 0.
	out["session_plays"], out["session_completes"], out["session_skips"], out["session_likes"] = float64(n), float64(counts["complete"]), float64(counts["skip"]), float64(likes)
	out["session_ms"], out["since_last_session_ms"], out["total_plays"], out["total_skips"], out["skip_rate"] = float64(ms), silence, float64(len(plays)), float64(total), 0.
	for _, k := range []string{"device", "place", "country", "source", "local_hour", "local_day", "day_part"} {
		out[k] = nil
	}
	if n == 0 {
		return
	}
	p := plays[len(plays)-1]
	out["session_start"], out["session_end"], out["last_play"] = float64(plays[first].StartedAt), float64(until), float64(p.StartedAt)
	out["skip_rate"] = float64(counts["skip"]) / float64(n)
	for k, v := range map[string]string{
		"device": map[string]string{"iPhone": "phone", "speaker": "speaker", "tv": "tv"}[p.Device], "place": p.Place,
		"country": strings.ToUpper(p.Country), "source": strings.Split(p.Context, ":")[0],
	} {
		if v != "" {
			out[k] = v
		}
	}
	if p.Offset != nil {
		local := time.UnixMilli(p.StartedAt).UTC().Add(time.Duration(*p.Offset) * time.Minute)
		out["local_hour"], out["local_day"], out["day_part"] = float64(local.Hour()), strings.ToLower(local.Weekday().String()), fmt.Sprint("part", local.Hour()/6)
	}
}

// naiveLikes walks over all events: a like counts while the last session it can see has not been silent for over the gap.
func naiveLikes(plays, all []said, first int) (likes int) {
	seen, until := 0, int64(math.MinInt64)
	for _, e := range all {
		if e.Kind == "" {
			if seen == first {
				likes, until = 0, math.MinInt64
			}
			seen++
			until = max(until, e.StartedAt+val(e.MsPlayed))
			continue
		}
		if seen <= first || e.StartedAt-until > 30*60_000 {
			continue
		}
		switch e.Kind {
		case "like":
			likes++
		case "unlike":
			likes = max(likes-1, 0)
		}
	}
	return likes
}

// naiveRecent fills in what follows from the last songs.
func naiveRecent(out map[string]any, plays []said, c Catalogue, user string) {
	tail := plays[max(len(plays)-20, 0):]
	recent, outcomes := []any{}, []any{}
	for _, p := range tail {
		recent, outcomes = append(recent, p.SongID), append(outcomes, naiveOutcome(p))
	}
	out["recent"], out["outcomes"] = recent, outcomes
	n := min(int(out["session_plays"].(float64)), 20)
	tail = tail[len(tail)-n:]
	mixes := map[string]map[string]float64{"moods": {}, "genres": {}, "tempos": {}}
	artists, songs := map[string]bool{}, map[string]bool{}
	repeats, unknown := 0, 0
	sum := make([]float64, 3)
	for i, p := range tail {
		if songs[p.SongID] {
			repeats++
		}
		songs[p.SongID] = true
		t := c.Track(p.SongID)
		if !t.Known {
			unknown++
			continue
		}
		artists[t.Artist] = true
		if naiveOutcome(p) == "skip" {
			continue
		}
		w := math.Pow(.9, float64(n-1-i))
		for k, v := range map[string]string{"moods": t.Mood, "genres": t.Genre, "tempos": t.Tempo} {
			if v != "" {
				mixes[k][v] += w
			}
		}
		for j := range sum {
			sum[j] += float64(t.Vector[j])
		}
	}
	out["repeat_rate"], out["artists"], out["unknown_songs"] = 0., float64(len(artists)), float64(unknown)
	if n > 0 {
		out["repeat_rate"] = float64(repeats) / float64(n)
	}
	for k, mix := range mixes {
		all, m := 0., map[string]any{}
		for _, w := range mix {
			all += w
		}
		for name, w := range mix {
			m[name] = w / all
		}
		out[k] = m
	}
	naiveVector(out, sum, c.Taste(user))
}

func naiveVector(out map[string]any, sum []float64, taste []float32) {
	out["vector"], out["taste_distance"] = nil, nil
	length := math.Sqrt(sum[0]*sum[0] + sum[1]*sum[1] + sum[2]*sum[2])
	if length == 0 {
		return
	}
	var b []byte
	dot, norm := 0., 0.
	for j := range sum {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(sum[j]/length)))
		if taste != nil {
			dot += sum[j] / length * float64(taste[j])
			norm += float64(taste[j]) * float64(taste[j])
		}
	}
	out["vector"] = base64.StdEncoding.EncodeToString(b)
	if taste != nil {
		out["taste_distance"] = 1 - dot/math.Sqrt(norm)
	}
}

// near compares parsed JSON; numbers may differ by the four digits shares are cut to.
func near(a, b any) bool {
	switch x := a.(type) {
	case float64:
		y, ok := b.(float64)
		return ok && math.Abs(x-y) <= 5.1e-5
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k, v := range x {
			if w, ok := y[k]; !ok || !near(v, w) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

func checkNaive(t *testing.T, got map[string]string, events []said, c Catalogue) {
	t.Helper()
	users := map[string]bool{}
	for _, e := range events {
		users[e.UserID] = true
	}
	if len(users) != len(got) {
		t.Fatalf("%d listeners, want %d", len(got), len(users))
	}
	for u, text := range got {
		var rec map[string]any
		if err := json.Unmarshal([]byte(text), &rec); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		want := naiveFeatures(u, events, c)
		for k, v := range want {
			if !near(v, rec[k]) {
				t.Fatalf("listener %s, %s: %v, want %v in\n%s", u, k, rec[k], v, text)
			}
		}
		for k := range rec {
			if _, ok := want[k]; !ok {
				t.Fatalf("field %s is not expected", k)
			}
		}
	}
}

// Records are those of recomputing everything from all events, late and repeated ones among them.
func TestFeaturesAgainstNaive(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	defer func() { t.Log("seed", seed) }()
	r := rand.New(rand.NewPCG(seed, 1))
	for range 300 {
		events := listen(r, 1+r.IntN(3), 1+r.IntN(80))
		events = disorder(r, events, r.Int64N(1_800_000))
		events = append(events, events[r.IntN(len(events)):]...)
		if r.IntN(2) == 0 { // repetitions right behind
			i := r.IntN(len(events))
			events = slices.Insert(events, i, events[i])
		}
		checkNaive(t, final(t, whole(t, shelf{1}, records(events))), events, shelf{1})
	}
}

// Disorder within the lateness changes nothing but which record came last.
func TestOrder(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	defer func() { t.Log("seed", seed) }()
	r := rand.New(rand.NewPCG(seed, 2))
	same := func(m map[string]string) map[string]string {
		for u, text := range m {
			m[u] = text[:strings.Index(text, `,"offset":`)]
		}
		return m
	}
	for range 300 {
		events := listen(r, 1+r.IntN(3), 1+r.IntN(60))
		a, b := whole(t, shelf{1}, records(events)), whole(t, shelf{1}, records(disorder(r, events, 600_000)))
		if got, want := same(final(t, b)), same(final(t, a)); !reflect.DeepEqual(got, want) || b.Counts().Late != 0 {
			t.Fatalf("%v\nwant\n%v", got, want)
		}
	}
}

// However the records are cut into batches, in whatever order these arrive, whichever come twice, and wherever the shard is
// restored from a snapshot: records, finished sessions and the next snapshot are the same bytes.
func TestBatchesAndRestarts(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	defer func() { t.Log("seed", seed) }()
	r := rand.New(rand.NewPCG(seed, 3))
	for range 300 {
		recs := records(disorder(r, listen(r, 1+r.IntN(4), 1+r.IntN(80)), 900_000))
		want := whole(t, shelf{1}, recs)
		over := want.Drain()
		got := NewShard(testParams(), playjson.NewDecoder(playjson.Default()), -1)
		got.Use(shelf{1})
		var done []Finished
		batches := cutUp(r, recs)
		for i := 0; got.Applied() < int64(len(recs))-1; i++ {
			if err := got.Apply(batches[i%len(batches)], nil); err != nil {
				t.Fatal(err)
			}
			done = append(done, got.Drain()...)
			if r.IntN(6) == 0 { // what waited is lost and comes again
				got = restored(t, got)
				r.Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
			}
		}
		if !reflect.DeepEqual(final(t, got), final(t, want)) || !reflect.DeepEqual(done, over) || !bytes.Equal(got.Snapshot(nil), dirtyAs(want, got).Snapshot(nil)) {
			t.Fatalf("records\n%v\nwant\n%v\nsessions %v\nwant %v", final(t, got), final(t, want), done, over)
		}
	}
}

// dirtyAs makes the listeners of s due as in the other: when records were given out is not compared.
func dirtyAs(s, other *Shard) *Shard {
	for i, l := range s.order {
		l.dirty = other.order[i].dirty
	}
	return s
}

func restored(t *testing.T, s *Shard) *Shard {
	t.Helper()
	b := s.Snapshot(nil)
	out, err := Restore(testParams(), playjson.NewDecoder(playjson.Default()), b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Snapshot(nil), b) {
		t.Fatal("a restored shard has another snapshot")
	}
	out.Use(s.catalogue)
	return out
}

// cutUp returns batches that cover all records, overlapping, shuffled, with empty ones.
func cutUp(r *rand.Rand, recs []Record) []Batch {
	var out []Batch
	for from := 0; from < len(recs); {
		to := min(from+1+r.IntN(10), len(recs))
		back := max(from-r.IntN(4), 0)
		out = append(out, Batch{Previous: int64(back) - 1, Last: int64(to) - 1, Records: recs[back:to]}, Batch{Previous: int64(to) - 1, Last: int64(to) - 1})
		from = to
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}
