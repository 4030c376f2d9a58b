package playjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var produced = time.Date(2026, 3, 1, 12, 40, 0, 0, time.UTC).UnixMilli()

// reference is the contract for encoding/json.
type reference struct {
	V         *int64          `json:"v"`
	EventID   *string         `json:"event_id"`
	UserID    *string         `json:"user_id"`
	SongID    *string         `json:"song_id"`
	TrackID   *string         `json:"track_id"`
	StartedAt json.RawMessage `json:"started_at"`
	Kind      *string         `json:"kind"`
	MsPlayed  *int64          `json:"ms_played"`
	TrackMs   *int64          `json:"track_ms"`
	Skipped   *bool           `json:"skipped"`
	Device    *string         `json:"device"`
	Offset    *int64          `json:"utc_offset_minutes"`
	TimeZone  *string         `json:"time_zone"`
	Country   *string         `json:"country"`
	Place     *string         `json:"place"`
	Context   *string         `json:"context"`
}

var contract = strings.Fields("v event_id user_id song_id track_id started_at kind ms_played track_ms skipped device utc_offset_minutes time_zone country place context")

// oracle decodes by encoding/json: reason Unreadable, InvalidUTF8, WrongType or "", and the fields.
func oracle(value []byte) (r reference, unknown int, reason Reason) {
	if !utf8.Valid(value) {
		return r, 0, InvalidUTF8
	}
	if !json.Valid(value) {
		return r, 0, Unreadable
	}
	dec := json.NewDecoder(bytes.NewReader(value))
	if t, _ := dec.Token(); t != json.Delim('{') {
		return r, 0, WrongType
	}
	for dec.More() {
		key, _ := dec.Token()
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return r, 0, Unreadable
		}
		if !contains(key.(string)) {
			unknown++
			continue
		}
		name, _ := json.Marshal(key)
		if raw[0] == 'n' { // null leaves what was before
			continue
		}
		one := fmt.Appendf(nil, "{%s:%s}", name, raw)
		if json.Unmarshal(one, &r) != nil {
			reason = WrongType
		}
		if key == "started_at" && raw[0] != '"' {
			var n int64
			if json.Unmarshal(raw, &n) != nil {
				reason = WrongType
			}
		}
	}
	return r, unknown, reason
}

func contains(key string) bool {
	for _, k := range contract {
		if k == key {
			return true
		}
	}
	return false
}

// compare fails when decoder and oracle differ on a value.
func compare(t *testing.T, value []byte) {
	t.Helper()
	want, unknown, reason := oracle(value)
	d := NewDecoder(Rules{MaxBytes: 1 << 20, MaxAhead: 100_000 * time.Hour})
	var e Event
	got := d.Decode([]byte("k"), value, produced, &e)
	if len(value) == 0 {
		return
	}
	switch got {
	case Unreadable, InvalidUTF8, WrongType:
		if got != reason {
			t.Fatalf("%q: %q, encoding/json says %q", value, got, reason)
		}
		return
	}
	if reason != "" {
		t.Fatalf("%q: %q, encoding/json says %q", value, got, reason)
	}
	texts := map[string][2]string{
		"event_id": {string(e.EventID), str(want.EventID)}, "user_id": {string(e.UserID), str(want.UserID)},
		"device": {string(e.Device), str(want.Device)}, "time_zone": {string(e.TimeZone), str(want.TimeZone)},
		"country": {string(e.Country), str(want.Country)}, "place": {string(e.Place), str(want.Place)}, "context": {string(e.Context), str(want.Context)},
	}
	for name, v := range texts {
		if v[0] != v[1] {
			t.Fatalf("%q: %s is %q, want %q", value, name, v[0], v[1])
		}
	}
	song := str(want.SongID)
	if song == "" {
		song = str(want.TrackID)
	}
	if string(e.SongID) != song || e.MsPlayed != num(want.MsPlayed) || e.TrackMs != num(want.TrackMs) || e.UnknownFields != unknown {
		t.Fatalf("%q: %+v, want song %q of %+v", value, e, song, want)
	}
	if want.Skipped != nil && (e.Skipped == Yes) != *want.Skipped || want.Skipped == nil && e.Skipped != FlagUnknown {
		t.Fatalf("%q: skipped %v", value, e.Skipped)
	}
}

func str(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func num(n *int64) int64 {
	if n == nil {
		return Unknown
	}
	return *n
}

const good = `{"event_id":"a-17","user_id":"u123","track_id":"t456","started_at":"2026-03-01T12:34:56.789Z","ms_played":123000,"track_ms":200000,"device":"mobile","utc_offset_minutes":60,"country":"SE","context":"playlist:xyz","skipped":false}`

var seeds = []string{
	good, "", "{}", " { } ", "null", "[1]", "{", `{"a":}`, `{"user_id":1}`, `{"user_id":null,"user_id":"x","user_id":null}`,
	`{"user_id":"\u00e9\ud83d\ude00\ud800\ud800\u0041\n\"\\\/"}`, `{"device":"é"}`, "{\"device\":\"\xff\"}", "{\"device\":\"a\tb\"}",
	"{\n\t\"ms_played\": -0 ,\r\"track_ms\":9223372036854775807}", `{"ms_played":9223372036854775808}`, `{"ms_played":-9223372036854775808}`,
	`{"ms_played":1.5}`, `{"ms_played":1e3}`, `{"ms_played":01}`, `{"ms_played":-}`, `{"ms_played":"5"}`, `{"skipped":"no"}`, `{"skipped":tru}`,
	`{"x":{"y":[1,2.5e-3,"z",{}],"n":null},"X":[]}`, `{"\u0075ser_id":"u"}`, `{"started_at":1772368496789}`, `{"started_at":true}`,
	`{"v":2}`, `{"song_id":"s","track_id":"t"}`, `{"a":1,}`, `{"a":1} x`, `{"x":[}`, `{"x":[1,]}`, `{"utc_offset_minutes":99999999999}`, `{"a" 1}`,
}

// The decoder says of any bytes what encoding/json says.
func FuzzDecode(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, value []byte) { compare(t, value) })
}

// Good events damaged at random, and random compositions of JSON's pieces, decode as encoding/json says.
func TestDamaged(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	defer func() {
		if t.Failed() {
			t.Log("seed", seed)
		}
	}()
	r := rand.New(rand.NewPCG(seed, 1))
	pieces := strings.Fields(`{ } [ ] , : "user_id": "x" "ms_played": 12 -3 1.5 null true false "\u00e9" "é" "skipped": "y":`)
	for range 20_000 {
		v := []byte(seeds[r.IntN(len(seeds))])
		for range r.IntN(4) {
			i := r.IntN(len(v) + 1)
			switch r.IntN(3) {
			case 0:
				v = append(v[:i:i], append([]byte(pieces[r.IntN(len(pieces))]), v[i:]...)...)
			case 1:
				v = append(v[:i:i], v[min(i+1+r.IntN(5), len(v)):]...)
			default:
				if i < len(v) {
					v[i] = byte(r.IntN(256))
				}
			}
		}
		compare(t, v)
	}
}

// Every field of an event arrives; strings lie in the record.
func TestFields(t *testing.T) {
	var e Event
	d := NewDecoder(Default())
	if r := d.Decode([]byte("u123"), []byte(good), produced, &e); r != "" {
		t.Fatal(r)
	}
	at := time.Date(2026, 3, 1, 12, 34, 56, 789e6, time.UTC).UnixMicro()
	if string(e.EventID) != "a-17" || string(e.UserID) != "u123" || string(e.SongID) != "t456" || e.StartedAt != at || e.MsPlayed != 123000 ||
		e.TrackMs != 200000 || string(e.Device) != "mobile" || !e.HasOffset || e.OffsetMinutes != 60 || string(e.Country) != "SE" ||
		string(e.Context) != "playlist:xyz" || e.Skipped != No || string(e.Kind) != "play" || e.UnknownFields != 0 {
		t.Errorf("%+v", e)
	}
	if n := testing.AllocsPerRun(100, func() { d.Decode([]byte("u123"), []byte(good), produced, &e) }); n > 1 { // 1: the conversion of good
		t.Errorf("%v allocations", n)
	}
}

// Every way an event can be bad has its own name.
func TestReasons(t *testing.T) {
	set := func(field, value string) string {
		var m map[string]json.RawMessage
		if err := json.Unmarshal([]byte(good), &m); err != nil {
			t.Fatal(err)
		}
		delete(m, field)
		if value != "" {
			m[field] = json.RawMessage(value)
		}
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	long := func(n int) string { return `"` + strings.Repeat("x", n) + `"` }
	for _, c := range []struct {
		key, value string
		want       Reason
	}{
		{"u123", good, ""},
		{"u123", "", Tombstone},
		{"u123", `{"x":"` + strings.Repeat("x", 1<<20) + `"}`, TooLarge},
		{"", good, NullKey},
		{"u123", "{\"x\":\"\xff\"}", InvalidUTF8},
		{"u123", "hello", Unreadable},
		{"u123", good[:100], Unreadable},
		{"u123", `"a"`, WrongType},
		{"u123", set("ms_played", `"long"`), WrongType},
		{"u123", set("user_id", "7"), WrongType},
		{"u123", set("v", "2"), UnknownVersion},
		{"u123", set("v", "0"), UnknownVersion},
		{"u123", set("v", "1"), ""},
		{"u123", set("user_id", ""), MissingUser},
		{"u123", set("user_id", `" "`), MissingUser},
		{"u1", good, KeyMismatch},
		{"u123", set("track_id", ""), MissingSong},
		{"u123", set("event_id", ""), MissingID},
		{"u123", set("event_id", long(MaxID)), ""},
		{"u123", set("event_id", long(MaxID+1)), LongID},
		{"u123", set("track_id", long(MaxID)), ""},
		{"u123", set("track_id", long(MaxID+1)), LongID},
		{strings.Repeat("x", MaxID), set("user_id", long(MaxID)), ""},
		{strings.Repeat("x", MaxID+1), set("user_id", long(MaxID+1)), LongID},
		{"u123", set("started_at", ""), BadTime},
		{"u123", set("started_at", `"yesterday"`), BadTime},
		{"u123", set("started_at", `"0001-01-01T00:00:00Z"`), BadTime},
		{"u123", set("started_at", `"3000-01-01T00:00:00Z"`), FutureTime},
		{"u123", set("started_at", fmt.Sprint(produced+600_001)), FutureTime},
		{"u123", set("started_at", fmt.Sprint(produced+600_000)), ""},
		{"u123", set("started_at", fmt.Sprint(math.MaxInt64)), BadTime},
		{"u123", set("kind", `"hum"`), UnknownKind},
		{"u123", set("kind", `"like"`), ""},
		{"u123", set("ms_played", "-1"), NegativeDuration},
		{"u123", set("track_ms", "-5"), NegativeDuration},
		{"u123", set("ms_played", "0"), ""},
		{"u123", set("utc_offset_minutes", "3000"), BadOffset},
		{"u123", set("utc_offset_minutes", "-9999999999"), BadOffset},
	} {
		var e Event
		if got := NewDecoder(Default()).Decode([]byte(c.key), []byte(c.value), produced, &e); got != c.want {
			t.Errorf("key %q, %.200s: %q, want %q", c.key, c.value, got, c.want)
		}
	}
}

// An offset written with the time counts unless the event has its own, whichever comes first.
func TestOffsets(t *testing.T) {
	for _, c := range []struct {
		fields string
		want   int32
		has    bool
	}{
		{`"started_at":"2026-03-01T10:00:00+05:30"`, 330, true},
		{`"started_at":"2026-03-01T10:00:00Z"`, 0, false},
		{`"started_at":"2026-03-01T10:00:00+05:30","utc_offset_minutes":60`, 60, true},
		{`"utc_offset_minutes":60,"started_at":"2026-03-01T01:00:00-08:00"`, 60, true},
	} {
		var e Event
		if r := NewDecoder(Default()).Decode([]byte("u"), []byte(`{"user_id":"u","event_id":"e","song_id":"s",`+c.fields+`}`), produced, &e); r != "" || e.HasOffset != c.has || e.OffsetMinutes != c.want {
			t.Errorf("%s: %q %v %d", c.fields, r, e.HasOffset, e.OffsetMinutes)
		}
	}
}

// Instants agree with package time, over the centuries and with any fraction; what is accepted is what time accepts.
func TestInstants(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 2))
	for range 20_000 {
		at := time.Unix(r.Int64N(8e11)-62167219200+86400, r.Int64N(1e9)).In(time.FixedZone("", (r.IntN(2879)-1439)*60))
		if at.Year() < 0 || at.Year() > 9999 {
			continue
		}
		text := at.Format(time.RFC3339Nano)
		got, _, _, ok := parseInstant([]byte(text))
		if !ok || got != at.UnixMicro() {
			t.Fatalf("seed %d: %s is %d %v, want %d", seed, text, got, ok, at.UnixMicro())
		}
		b := []byte(text)
		b[r.IntN(len(b))] = "0123456789-+:.TZ "[r.IntN(17)]
		got, _, _, ok = parseInstant(b)
		if want, err := time.Parse(time.RFC3339Nano, string(b)); ok && (err != nil || want.UnixMicro() != got) {
			t.Fatalf("seed %d: %s is %d, want %v %v", seed, b, got, want, err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	d := NewDecoder(Default())
	key, value := []byte("u123"), []byte(good)
	var e Event
	b.ReportAllocs()
	b.SetBytes(int64(len(value)))
	for b.Loop() {
		if r := d.Decode(key, value, produced, &e); r != "" {
			b.Fatal(r)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkEncodingJSON(b *testing.B) {
	value := []byte(good)
	for b.Loop() {
		var r reference
		if err := json.Unmarshal(value, &r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
