package sessions

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"segue/transforms/algo/playjson"
)

// wordy is a release whose names have no end.
type wordy struct{ shelf }

func (wordy) Track(song string) Track {
	name := strings.Repeat(song[:1]+"\x01", 100_000)
	return Track{Artist: name, Mood: name, Genre: name, Tempo: name, Known: true}
}

// frank lets ids of any length through, as programs did before ids had a bound.
type frank struct{ songs int }

func (d *frank) Decode(key, _ []byte, producedMs int64, e *playjson.Event) playjson.Reason {
	d.songs++
	*e = playjson.Event{
		EventID: fmt.Appendf(nil, "e%d", d.songs), UserID: key, SongID: []byte(fmt.Sprint(d.songs) + strings.Repeat("x", 60_000)),
		StartedAt: producedMs * 1000, MsPlayed: Unknown, TrackMs: Unknown,
	}
	return ""
}

// The largest record any plays and any release can make is one that brokers take, by far.
func TestLargestRecord(t *testing.T) {
	const odd = "\x01" // six bytes of JSON
	s := newTestShard()
	s.Use(wordy{})
	user := strings.Repeat(odd, playjson.MaxID)
	for i := range 2 * RecentSongs {
		name := string(rune('A'+i)) + strings.Repeat(odd, playjson.MaxID-1)
		seen := feed(t, s, said{EventID: name, UserID: user, SongID: name, StartedAt: start + int64(i), Place: strings.Repeat(name, 9), Context: strings.Repeat(name, 9)})
		if seen[0].Reason != "" {
			t.Fatal(seen[0].Reason)
		}
	}
	value, ok := s.Features(nil, user)
	if !ok || !json.Valid(value) || len(value) < 20*6*1000 || len(value) > 200_000 {
		t.Errorf("a record of %d bytes: %.200s", len(value), value)
	}
}

// Song ids that an older program let in, and its snapshots hold, are null in records, the rest of which is as ever.
func TestLongSongsOfSnapshots(t *testing.T) {
	before := NewShard(testParams(), &frank{}, -1)
	for i := range int64(RecentSongs) {
		if err := before.Apply(Batch{Previous: i - 1, Last: i, Records: []Record{{Offset: i, ProducedMs: start + i, Key: []byte("u")}}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Restore(testParams(), playjson.NewDecoder(playjson.Default()), before.Snapshot(nil))
	if err != nil {
		t.Fatal(err)
	}
	feed(t, s, said{EventID: "new", UserID: "u", SongID: "s1", StartedAt: start + 100})
	value, _ := s.Features(nil, "u")
	if want := `"recent":[` + strings.Repeat("null,", RecentSongs-1) + `"s1"]`; len(value) > 10_000 || !strings.Contains(string(value), want) {
		t.Errorf("a record of %d bytes: %.600s", len(value), value)
	}
}

// Nonsense in ms_played adds at most LongestPlay to the time played, for the night and live alike, and is a complete play.
func TestNonsenseLengths(t *testing.T) {
	s, night := newTestShard(), Acc{Gap: testParams().Gap}
	most, track := int64(math.MaxInt64), int64(200_000)
	for i := range int64(3) {
		e := said{EventID: fmt.Sprint(i), UserID: "u", SongID: "s1", StartedAt: start + i, MsPlayed: &most, TrackMs: &track}
		feed(t, s, e)
		night.Add(Play{At: e.StartedAt * 1000, ID: e.EventID, PlayedMs: most})
	}
	whole, longest := night.All()[0], LongestPlay.Milliseconds()
	if whole.PlayedMs() != 3*longest || whole.EndedAt() != (start+2+longest)*1000 {
		t.Errorf("the night: %d ms, until %d", whole.PlayedMs(), whole.EndedAt())
	}
	value, _ := s.Features(nil, "u")
	if !strings.Contains(string(value), fmt.Sprintf(`"session_ms":%d,`, 3*longest)) || !strings.Contains(string(value), `["complete","complete","complete"]`) {
		t.Errorf("live: %s", value)
	}
	s.Advance(1 << 60)
	if over := s.Drain(); len(over) != 1 || over[0].PlayedMs != whole.PlayedMs() || over[0].EndedAt != whole.EndedAt() {
		t.Errorf("finished: %+v", over)
	}
}

// Complete is four fifths of the song or more, for lengths small and large.
func TestFourFifths(t *testing.T) {
	for _, c := range []struct {
		played, track int64
		want          uint8
	}{
		{0, 1, outcomePart},
		{1, 1, outcomeComplete},
		{3, 4, outcomePart},
		{4, 4, outcomeComplete},
		{3, 5, outcomePart},
		{4, 5, outcomeComplete},
		{4, 6, outcomePart},
		{5, 6, outcomeComplete},
		{159_999, 200_000, outcomePart},
		{160_000, 200_000, outcomeComplete},
		{math.MaxInt64, math.MaxInt64, outcomeComplete},
		{1, math.MaxInt64, outcomePart},
		{math.MaxInt64, 1, outcomeComplete},
	} {
		if got := outcomeOf(&playjson.Event{MsPlayed: c.played, TrackMs: c.track}); got != c.want {
			t.Errorf("%+v: outcome %d", c, got)
		}
	}
}
