package clean

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
	"segue/transforms/io/work/worktest"
)

const day = "2026-01-05"

// land writes rows as landing files of at most per rows each; 0 = one file.
func land[T any](n *worktest.Night, folder string, per int, rows ...T) {
	n.T.Helper()
	if per == 0 {
		per = max(len(rows), 1)
	}
	for group := range slices.Chunk(rows, per) {
		key := fmt.Sprintf("%s/date=%s/part-%04d.parquet", folder, day, len(n.Landing[folder]))
		ref, err := parquetio.WriteAll(n.T.Context(), n.Lake, key, parquetio.Meta{Table: "landing", RowGroupRows: 11}, group)
		if err != nil {
			n.T.Fatal(err)
		}
		n.Landing[folder] = append(n.Landing[folder], lake.FileRef{Key: ref.Key, ETag: ref.ETag, Size: ref.Size})
	}
}

// out reads everything a stage handed on under a name.
func out[T any](n *worktest.Night, name string) []T {
	n.T.Helper()
	var all []T
	for _, r := range n.Files[name] {
		all = append(all, outOf[T](n, r)...)
	}
	return all
}

func outOf[T any](n *worktest.Night, r lake.FileRef) []T {
	n.T.Helper()
	rows, err := parquetio.ReadAll[T](n.T.Context(), n.Lake, r)
	if err != nil {
		n.T.Fatal(err)
	}
	return rows
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func ptr[T any](v T) *T { return &v }

func play(user, song, start string, edit ...func(*schemas.Play)) schemas.Play {
	p := schemas.Play{UserID: user, SongID: song, StartedAt: at(start), Kind: schemas.KindPlay}
	for _, e := range edit {
		e(&p)
	}
	return p
}

func lenient() Params {
	p := Default()
	p.MaxRejectedShare = 1
	return p
}

// reasons counts the rows of table rejected.
func reasons(n *worktest.Night) map[string]int {
	got := map[string]int{}
	for _, r := range out[schemas.Rejected](n, schemas.TableRejected) {
		got[r.Reason]++
	}
	return got
}

var tooLongID = strings.Repeat("i", schemas.MaxID+1)

// landBad lands at least one row for every reason, and a few good ones.
func landBad(n *worktest.Night) {
	n.T.Helper()
	land(n, schemas.LandingPlaylists, 0,
		schemas.Playlist{PlaylistID: "p1", Songs: []string{"a", "", "b", "a"}}, schemas.Playlist{Songs: []string{"a"}},
		schemas.Playlist{PlaylistID: "p2"}, schemas.Playlist{PlaylistID: "p3", Songs: []string{"", " "}},
		schemas.Playlist{PlaylistID: "p4", Name: "caf\xe9", Songs: []string{"a"}},
		schemas.Playlist{PlaylistID: "p5", Songs: []string{"c", "d", "e", "f"}}, schemas.Playlist{PlaylistID: "p1", Songs: []string{"z"}},
		schemas.Playlist{PlaylistID: "p6", Songs: []string{"a", tooLongID}}, schemas.Playlist{PlaylistID: tooLongID, Songs: []string{"a"}})
	land(n, schemas.LandingSongs, 0,
		schemas.Song{SongID: "a", Artists: []string{"Queen"}}, schemas.Song{Title: "nameless"}, schemas.Song{SongID: "b", DurationMs: ptr(int64(-1))},
		schemas.Song{SongID: "a"}, schemas.Song{SongID: "\xff"}, schemas.Song{SongID: tooLongID})
	land(n, schemas.LandingUsers, 0,
		schemas.Listener{UserID: "u"}, schemas.Listener{}, schemas.Listener{UserID: "u"}, schemas.Listener{UserID: "v", TimeZone: "\xfe"},
		schemas.Listener{UserID: tooLongID})
	land(n, schemas.LandingPlays, 0,
		play("u", "a", "2026-01-05T10:00:00Z"), play("", "a", "2026-01-05T10:00:00Z"), play("u", " ", "2026-01-05T10:00:00Z"),
		play("u", "a", "1799-12-31T23:59:59Z"), play("u", "a", "1842-12-07T20:00:00Z"),
		play("u", "a", "2026-01-06T00:00:00Z"), play("u", "a", "2026-01-06T23:59:59Z"), play("u", "a", "2027-03-01T00:00:00Z"),
		play("u", "a", "2026-01-05T10:00:01Z", func(p *schemas.Play) { p.Kind = "shout" }),
		play("u", "a", "2026-01-05T10:00:02Z", func(p *schemas.Play) { p.MsPlayed = ptr(int64(-5)) }),
		play("u", "a", "2026-01-05T10:00:03Z", func(p *schemas.Play) { p.TrackMs = ptr(int64(-5)) }),
		play("u", "a", "2026-01-05T10:00:04Z", func(p *schemas.Play) { p.UTCOffsetMinutes = ptr(int32(841)) }),
		play("u", "a", "2026-01-05T10:00:05Z", func(p *schemas.Play) { p.Place = "\xc0" }),
		play("u", tooLongID, "2026-01-05T10:00:06Z"), play(tooLongID, "a", "2026-01-05T10:00:07Z"),
		play("u", "a", "2026-01-05T10:00:08Z", func(p *schemas.Play) { p.EventID = tooLongID }),
		play("u", "a", "2026-01-05T10:00:00Z")) // the id made of listener, song, kind and instant repeats
	land(n, schemas.LandingRejected, 0,
		schemas.Rejected{Source: "z.jsonl", Position: 2, Reason: schemas.ReasonUnreadable, Record: "{"}, schemas.Rejected{Source: "a.csv", Position: 1, Reason: schemas.ReasonBadTime},
		schemas.Rejected{Source: "z.jsonl", Position: 2, Reason: schemas.ReasonUnreadable, Record: "{"})
}

// Every reason is found, the rest goes on, and a cut playlist stays.
func TestReasons(t *testing.T) {
	n := worktest.New(t, day)
	landBad(n)
	p := lenient()
	p.MaxPlaylistSongs = 3
	n.MustStage(Stage(p, 2))

	want := map[string]int{
		schemas.ReasonMissingID: 1, schemas.ReasonEmptyPlaylist: 2, schemas.ReasonInvalidUTF8: 4, schemas.ReasonTooLong: 1, schemas.ReasonDuplicateID: 3,
		schemas.ReasonMissingSong: 2, schemas.ReasonNegativeDuration: 3, schemas.ReasonMissingUser: 2, schemas.ReasonBadTime: 2, schemas.ReasonFutureTime: 1,
		schemas.ReasonUnknownKind: 1, schemas.ReasonBadOffset: 1, schemas.ReasonDuplicateEvent: 1, schemas.ReasonUnreadable: 1,
		schemas.ReasonLongID: 7,
	}
	if got := reasons(n); !reflect.DeepEqual(got, want) {
		t.Errorf("reasons %v, want %v", got, want)
	}
	checkBadCounts(t, n)
	rows := out[schemas.Rejected](n, schemas.TableRejected)
	if !slices.IsSortedFunc(rows, func(a, b schemas.Rejected) int { return byTableOrder(&a, &b) }) {
		t.Error("rejected is not sorted")
	}
	i := slices.IndexFunc(rows, func(r schemas.Rejected) bool { return r.Reason == schemas.ReasonTooLong })
	if r := rows[i]; r.Source != "landing/playlists/date=2026-01-05/part-0000.parquet" || r.Position != 6 || r.Record != `{"playlist_id":"p5","songs":["c","d","e","f"]}` {
		t.Errorf("cut row %+v", r)
	}
}

func checkBadCounts(t *testing.T, n *worktest.Night) {
	t.Helper()
	for counter, want := range map[string]int64{
		"playlists_in": 9, "playlists_out": 2, "playlists_rejected": 7, "playlists_cut": 1, "songs_empty": 1, "songs_in": 6, "songs_out": 1, "songs_rejected": 5,
		"users_in": 5, "users_out": 1, "users_rejected": 4, "plays_in": 17, "plays_out": 2, "plays_later": 2, "plays_rejected": 13, "rejected_import": 3, "rejected_bad_offset": 0,
		"rejected_offset_out_of_range": 1, "rejected_id_too_long": 7,
	} {
		if got := n.Counts["clean/"+counter]; got != want {
			t.Errorf("counter %s = %d, want %d", counter, got, want)
		}
	}
}

// The song index is the union by id; playlists hold each song once; of repeated ids the one modified last stays.
func TestPlaylistsAndSongs(t *testing.T) {
	n := worktest.New(t, day)
	land(n, schemas.LandingPlaylists, 0,
		schemas.Playlist{PlaylistID: "old", Songs: []string{"q", "c", "q"}, ModifiedAt: ptr(at("2026-01-01T00:00:00Z"))},
		schemas.Playlist{PlaylistID: "old", Songs: []string{"c", "a", "c"}, ModifiedAt: ptr(at("2026-01-02T00:00:00Z"))},
		schemas.Playlist{PlaylistID: "old", Songs: []string{"q"}}, schemas.Playlist{PlaylistID: "new", Songs: []string{"b", "c"}})
	land(n, schemas.LandingSongs, 0,
		schemas.Song{SongID: "c", Title: "C", Artists: []string{"Queen", "X"}, ArtistIDs: []string{"", "x1"}, VersionOf: "a", Countries: []string{"se", "zz"}, Tempo: ptr(float32(-1))},
		schemas.Song{SongID: "m", Title: "only metadata", VersionOf: "nowhere", DurationMs: ptr(int64(200_000)), ArtistCountry: "gbr"},
		schemas.Song{SongID: "b", VersionOf: "b"})
	land(n, schemas.LandingPlays, 0, play("u", "p", "2026-01-05T10:00:00Z"), play("u", "p", "2026-01-05T11:00:00Z"), play("v", "p", "2026-01-05T11:00:00Z"),
		play("u", "c", "2026-01-05T11:00:00Z", func(p *schemas.Play) { p.Kind = schemas.KindLike }))
	n.MustStage(Stage(lenient(), 2))

	var ids []string
	byID := map[string]schemas.SongRow{}
	for _, s := range out[schemas.SongRow](n, schemas.TableSongs) {
		ids, byID[s.SongID] = append(ids, s.SongID), s
	}
	if want := []string{"a", "b", "c", "m", "p", "q"}; !slices.Equal(ids, want) {
		t.Fatalf("songs %v, want %v", ids, want)
	}
	c := byID["c"]
	if c.Title != "C" || c.VersionOf != "a" || c.Playlists != 2 || c.Plays != 0 || c.Listeners != 0 || !slices.Equal(c.Countries, []string{"SE"}) || c.Tempo != nil ||
		!slices.Equal(c.ArtistIDs, []string{"name:a9c3c1f767450233", "x1"}) {
		t.Errorf("song c %+v", c)
	}
	if p := byID["p"]; p.Plays != 3 || p.Listeners != 2 || p.Playlists != 0 || p.Title != "" {
		t.Errorf("song p %+v", p)
	}
	if byID["m"].VersionOf != "" || byID["b"].VersionOf != "" || byID["m"].ArtistCountry != "GB" || byID["q"].Playlists != 0 {
		t.Errorf("songs %+v", byID)
	}
	checkLists(t, n)
}

func checkLists(t *testing.T, n *worktest.Night) {
	t.Helper()
	lists := out[schemas.CleanPlaylist](n, schemas.WorkPlaylists)
	want := []schemas.CleanPlaylist{
		{PlaylistID: "new", HeldOut: schemas.HeldOut("new", 2), Songs: []int32{1, 2}}, {PlaylistID: "old", HeldOut: schemas.HeldOut("old", 2), Songs: []int32{2, 0}},
	}
	if !reflect.DeepEqual(lists, want) {
		t.Errorf("playlists %+v, want %+v", lists, want)
	}
}

// playLines says each play as user, song, start, local minutes, country, length and device.
func playLines(n *worktest.Night) (got []string) {
	n.T.Helper()
	for _, p := range out[schemas.CleanPlay](n, schemas.WorkPlays) {
		minutes, length := "?", "?"
		if p.LocalMin != nil {
			minutes = fmt.Sprint(*p.LocalMin)
		}
		if p.TrackMs != nil {
			length = fmt.Sprint(*p.TrackMs)
		}
		got = append(got, strings.Join([]string{p.UserID, p.SongID, p.StartedAt.Format("0102 15:04"), minutes, p.Country, length, p.Device}, " "))
	}
	return got
}

// Local time comes from the best source; country and length are completed; plays are in order; listeners are united.
func TestPlays(t *testing.T) {
	n := worktest.New(t, day)
	land(n, schemas.LandingSongs, 0, schemas.Song{SongID: "a", DurationMs: ptr(int64(200_000))})
	land(n, schemas.LandingUsers, 0, schemas.Listener{UserID: "zoned", TimeZone: "Asia/Kathmandu", Country: "np"},
		schemas.Listener{UserID: "swede", Country: "SE", TimeZone: "Nowhere/Land"}, schemas.Listener{UserID: "silent"})
	const when = "2025-07-01T12:00:00Z"
	offset := func(p *schemas.Play) {
		p.UTCOffsetMinutes, p.TimeZone, p.Device = ptr(int32(-90)), "Europe/Stockholm", "iPhone 14"
	}
	zoned := func(p *schemas.Play) { p.TimeZone, p.TrackMs = "America/New_York", ptr(int64(7)) }
	country := func(p *schemas.Play) { p.Country = "de" }
	american := func(p *schemas.Play) { p.Country = "US" }
	land(n, schemas.LandingPlays, 0, play("zoned", "a", "2025-07-01T12:03:00Z"), play("zoned", "a", "2025-07-01T12:01:00Z", offset), play("zoned", "b", "2025-07-01T12:02:00Z", zoned),
		play("swede", "a", when), play("swede", "b", "2025-12-01T12:00:00Z", country), play("guest", "b", when, american), play("guest", "b", "2025-07-02T12:00:00Z"))
	odd := func(p *schemas.Play) { p.Device, p.Kind = "Toaster 3000", schemas.KindLike }
	land(n, schemas.LandingPlays, 0, play("guest", "b", "2025-07-03T12:00:00Z", odd), play("guest", "a", "2025-07-03T12:00:00Z", odd))
	n.MustStage(Stage(lenient(), 2))

	if n.Counts["clean/device_other/Toaster 3000"] != 2 {
		t.Errorf("counts %v", n.Counts)
	}
	got := playLines(n)
	want := []string{
		"guest b 0701 12:00 ? US ? unknown", "guest b 0702 12:00 ?  ? unknown", "guest a 0703 12:00 ?  200000 other", "guest b 0703 12:00 ?  ? other", "swede a 0701 12:00 120 SE 200000 unknown", "swede b 1201 12:00 60 DE ? unknown",
		"zoned a 0701 12:01 -90 NP 200000 phone", "zoned b 0701 12:02 -240 NP 7 unknown", "zoned a 0701 12:03 345 NP 200000 unknown",
	}
	if !slices.Equal(got, want) {
		t.Errorf("plays\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var users []string
	for _, l := range out[schemas.Listener](n, schemas.WorkListeners) {
		users = append(users, l.UserID+"/"+l.Country+"/"+l.TimeZone)
	}
	if want := []string{"guest//", "silent//", "swede/SE/", "zoned/NP/Asia/Kathmandu"}; !slices.Equal(users, want) {
		t.Errorf("listeners %v, want %v", users, want)
	}
}

// Nothing in gives empty files of every kind, not an error; so does each kind alone.
func TestEmpty(t *testing.T) {
	n := worktest.New(t, day)
	n.MustStage(Stage(Default(), 50))
	for _, name := range Stage(Default(), 50).Writes {
		if len(n.Files[name]) != 1 || n.Files[name][0].Rows != 0 {
			t.Errorf("%s: files %v", name, n.Files[name])
		}
	}
}

// A share of bad records over the bound fails the night with the gate's error and shows where to look; repeated ids do not.
func TestGate(t *testing.T) {
	for _, c := range []struct {
		bad, repeated, imported int
		fail                    bool
	}{{1, 0, 0, false}, {2, 0, 0, true}, {0, 19, 0, false}, {0, 0, 1, false}, {0, 0, 2, true}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			n := worktest.New(t, day)
			var lists []schemas.Playlist
			for i := range 20 - c.bad {
				lists = append(lists, schemas.Playlist{PlaylistID: fmt.Sprint("p", min(i, 19-c.repeated)), Songs: []string{"a"}})
			}
			for range c.bad {
				lists = append(lists, schemas.Playlist{PlaylistID: "empty"})
			}
			land(n, schemas.LandingPlaylists, 0, lists...)
			for i := range c.imported {
				land(n, schemas.LandingRejected, 0, schemas.Rejected{Source: "f", Position: int64(i + 1), Reason: schemas.ReasonUnreadable})
			}
			err := n.Stage(Stage(Default(), 50))
			if errors.Is(err, work.ErrGate) != c.fail || err != nil && !c.fail {
				t.Fatalf("error %v, want gate %v", err, c.fail)
			}
			if c.fail && !strings.Contains(err.Error(), "see segue inspect head "+n.Lake.URL()+"/runs/2026-01-05.1/tables/rejected/part-0000") {
				t.Errorf("error does not say where to look: %v", err)
			}
		})
	}
}

// Books that do not balance are an error.
func TestBalance(t *testing.T) {
	b := newBooks()
	b.add(plays, tally{In: 3, Out: 1, Later: 1})
	if err := b.balance(); err == nil || !strings.Contains(err.Error(), "3 records in, but 1 out, 0 rejected and 1 of later days") {
		t.Errorf("error %v", err)
	}
}

// A landing file with a column of another type fails the night and names the file.
func TestWrongType(t *testing.T) {
	type wrong struct {
		PlaylistID int64 `parquet:"playlist_id,plain"`
	}
	n := worktest.New(t, day)
	land(n, schemas.LandingPlaylists, 0, wrong{1})
	if err := n.Stage(Stage(Default(), 50)); err == nil || !strings.Contains(err.Error(), "landing/playlists/date=2026-01-05/part-0000.parquet") {
		t.Errorf("error %v", err)
	}
}

// Params are checked all at once.
func TestValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	err := Params{MaxRejectedShare: 2}.Validate()
	for _, name := range []string{"max_playlist_songs", "max_rejected_share"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v does not name %s", err, name)
		}
	}
}
