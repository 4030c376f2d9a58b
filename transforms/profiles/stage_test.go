package profiles

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
	"segue/transforms/listens"
)

func ptr[T any](v T) *T { return &v }

var (
	start = time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC)
	songs = []schemas.SongRow{
		{SongID: "a", Moods: []string{"calm", "happy", "calm"}, ArtistIDs: []string{"x", "y"}},
		{SongID: "b", Genres: []string{"rock"}, ArtistIDs: []string{"x"}},
		{SongID: "c", Moods: []string{"happy"}},
	}
	vectors = []float32{1, 0, 0, 1, 0, 0} // a, b; c has none
)

// world is the input of a test.
type world struct {
	listeners []schemas.Listener
	plays     []schemas.CleanPlay // sorted by listener and time
	vectors   bool
	noPlays   bool // no play files at all
}

func (w world) run(t *testing.T, buckets int) []schemas.UserProfile {
	t.Helper()
	n := w.night(t, buckets)
	n.MustStage(Stage(Default(), localtime.UsualHours()))
	var rows []schemas.UserProfile
	for _, ref := range n.Files[schemas.TableUserProfiles] {
		part, err := parquetio.ReadAll[schemas.UserProfile](t.Context(), n.Lake, ref)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, part...)
	}
	if len(w.listeners) > 0 && len(n.Files[schemas.TableUserProfiles]) != buckets {
		t.Errorf("%d files, want one a bucket", len(n.Files[schemas.TableUserProfiles]))
	}
	slices.SortFunc(rows, func(a, b schemas.UserProfile) int { return compare(a.UserID, b.UserID) })
	return rows
}

func compare(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

func (w world) night(t *testing.T, buckets int) *worktest.Night {
	t.Helper()
	n := worktest.New(t, "2026-02-01")
	listeners, plays := make([][]schemas.Listener, buckets), make([][]schemas.CleanPlay, buckets)
	for _, l := range w.listeners {
		b := schemas.Bucket(l.UserID, buckets)
		listeners[b] = append(listeners[b], l)
	}
	for _, p := range w.plays {
		b := schemas.Bucket(p.UserID, buckets)
		plays[b] = append(plays[b], p)
	}
	for i := range buckets {
		n.Files[schemas.WorkListeners] = append(n.Files[schemas.WorkListeners], write(t, n, fmt.Sprintf("listeners-%d", i), listeners[i]))
		if !w.noPlays {
			n.Files[schemas.WorkPlays] = append(n.Files[schemas.WorkPlays], write(t, n, fmt.Sprintf("plays-%d", i), plays[i]))
		}
	}
	n.Files[schemas.TableSongs] = []lake.FileRef{write(t, n, "songs-0", songs[:1]), write(t, n, "songs-1", songs[1:])}
	n.Files[schemas.TableSongMoods] = []lake.FileRef{write(t, n, "moods", moodsOf(songs))}
	if !w.noPlays {
		n.MustStage(listens.Stage())
	}
	if w.vectors {
		ref, err := npy.Write(t.Context(), n.Lake, "test/"+t.Name()+"/vectors.npy", vectors, len(songs), 2)
		if err != nil {
			t.Fatal(err)
		}
		n.Files[schemas.WorkVectors] = []lake.FileRef{ref}
	}
	return n
}

// moodsOf returns the moods of songs as they were tagged.
func moodsOf(songs []schemas.SongRow) (out []schemas.SongMood) {
	for _, s := range songs {
		for _, m := range s.Moods {
			out = append(out, schemas.SongMood{SongID: s.SongID, Mood: m, MoodSource: "tag", Confidence: 1})
		}
	}
	return out
}

func write[T any](t *testing.T, n *worktest.Night, name string, rows []T) lake.FileRef {
	t.Helper()
	ref, err := parquetio.WriteAll(t.Context(), n.Lake, "test/"+t.Name()+"/"+name+".parquet", parquetio.Meta{Table: name}, rows)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func listen(user string, song, hours int, kind string) schemas.CleanPlay {
	return schemas.CleanPlay{
		UserID: user, SongID: songs[song].SongID, EventID: fmt.Sprint(hours), StartedAt: start.Add(time.Duration(hours) * time.Hour),
		Kind: kind, Device: "phone", LocalMin: ptr[int32](60), Country: "SE", Place: "gym",
	}
}

// One listener by hand: a liked (2) and heard whole (1), c heard half (0.5), b skipped early (−0.5) on an unknown device.
func TestByHand(t *testing.T) {
	half, skip, night := listen("u", 2, 1, schemas.KindPlay), listen("u", 1, 2, schemas.KindPlay), listen("u", 0, 13, schemas.KindPlay)
	half.MsPlayed, half.TrackMs = ptr[int64](100_000), ptr[int64](200_000)
	skip.MsPlayed, skip.TrackMs, skip.Device, skip.Country = ptr[int64](3_000), ptr[int64](200_000), schemas.Unknown, "BR"
	night.LocalMin = nil
	w := world{
		listeners: []schemas.Listener{{UserID: "t", Country: "JP"}, {UserID: "u", Country: "JP"}}, vectors: true,
		plays: []schemas.CleanPlay{listen("u", 0, 0, schemas.KindLike), half, skip, night},
	}
	rows := w.run(t, 1)
	one := float32(1)
	want := schemas.UserProfile{
		UserID: "u", Region: "SE", History: schemas.HistoryFew, Plays: 3, Songs: 3, Likes: 1, Skips: 1, Days: 1,
		FirstPlayAt: &half.StartedAt, LastPlayAt: &night.StartedAt,
		Taste: []float32{1, 0}, Recent: []float32{1, 0}, ClusterWeights: []float32{1}, ClusterVectors: []float32{},
		Favourites: []schemas.Seed{{SongID: "a", Weight: 3}, {SongID: "c", Weight: 0.5}}, Artists: []schemas.NamedShare{{Name: "x", Share: 1}},
		Devices:     []schemas.NamedCount{{Name: "phone", Count: 2}, {Name: schemas.Unknown, Count: 1}},
		Places:      []schemas.NamedCount{{Name: "gym", Count: 3}},
		Moods:       []schemas.ClassShare{{DayPart: "morning", Class: "happy", Share: 1}, {DayPart: "day", Class: schemas.Unknown, Share: 1}},
		Genres:      []schemas.ClassShare{{DayPart: "morning", Class: schemas.Unknown, Share: 1}, {DayPart: "day", Class: "rock", Share: 1}},
		Contexts:    []schemas.ContextShare{{Weekpart: schemas.Weekday, DayPart: "day", Device: schemas.Unknown, Share: one / 2}, {Weekpart: schemas.Weekday, DayPart: "morning", Device: "phone", Share: one / 2}},
		MainDayPart: "morning", MainDevice: "phone",
	}
	if len(rows) != 2 || !reflect.DeepEqual(rows[1], want) {
		t.Errorf("got  %+v\nwant %+v", rows[1], want)
	}
	idle := rows[0]
	if idle.UserID != "t" || idle.Region != "JP" || idle.Plays != 0 || idle.FirstPlayAt != nil || len(idle.Taste)+len(idle.Favourites) != 0 {
		t.Errorf("idle listener %+v", idle)
	}
}

// An unlike takes the like back; a listener of likes alone has favourites and no plays.
func TestLikes(t *testing.T) {
	w := world{listeners: []schemas.Listener{{UserID: "u"}}, vectors: true, plays: []schemas.CleanPlay{
		listen("u", 0, 0, schemas.KindLike), listen("u", 1, 1, schemas.KindLike), listen("u", 0, 2, schemas.KindUnlike), listen("u", 2, 3, schemas.KindSave),
	}}
	r := w.run(t, 1)[0]
	if r.Likes != 1 || r.Plays != 0 || r.Songs != 0 || r.MainDayPart != "" || r.MainDevice != "" || r.Region != "SE" {
		t.Errorf("row %+v", r)
	}
	if want := []schemas.Seed{{SongID: "b", Weight: 2}, {SongID: "c", Weight: 2}}; !reflect.DeepEqual(r.Favourites, want) {
		t.Errorf("favourites %v, want %v", r.Favourites, want)
	}
	if want := []float32{0, 1}; !slices.Equal(r.Taste, want) {
		t.Errorf("taste %v, want %v", r.Taste, want)
	}
}

// Every listener has one row, the number of buckets changes none, tastes have unit length, shares of a day part sum to 1.
func TestBucketsChangeNothing(t *testing.T) {
	const seed = 3
	r := rand.New(rand.NewPCG(seed, 8))
	w := world{vectors: true}
	for l := range 40 {
		user := fmt.Sprintf("u%03d", l)
		w.listeners = append(w.listeners, schemas.Listener{UserID: user})
		for i := range r.IntN(12) {
			p := listen(user, r.IntN(len(songs)), i*r.IntN(100), schemas.KindPlay)
			p.StartedAt = start.Add(time.Duration(i*37+r.IntN(37)) * time.Hour)
			w.plays = append(w.plays, p)
		}
	}
	one := w.run(t, 1)
	t.Run("four", func(t *testing.T) {
		if got := w.run(t, 4); len(one) != 40 || !reflect.DeepEqual(got, one) {
			t.Errorf("%d rows in four buckets differ from %d in one", len(got), len(one))
		}
	})
	for _, row := range one {
		length, shares := 0.0, map[string]float64{}
		for _, x := range row.Taste {
			length += float64(x) * float64(x)
		}
		for _, m := range row.Moods {
			shares[m.DayPart] += float64(m.Share)
		}
		if len(row.Taste) > 0 && math.Abs(length-1) > 1e-6 {
			t.Errorf("seed %d: taste of %s has length² %g", seed, row.UserID, length)
		}
		for part, s := range shares {
			if math.Abs(s-1) > 1e-5 {
				t.Errorf("seed %d: shares of %s sum to %g in the %s", seed, row.UserID, s, part)
			}
		}
	}
}

// A history of long ago keeps its favourites: weights decay from the listener's last event.
func TestOldHistory(t *testing.T) {
	old := listen("u", 0, 0, schemas.KindPlay)
	old.StartedAt = old.StartedAt.AddDate(-20, 0, 0)
	r := world{listeners: []schemas.Listener{{UserID: "u"}}, plays: []schemas.CleanPlay{old}}.run(t, 1)[0]
	if want := []schemas.Seed{{SongID: "a", Weight: 1}}; !reflect.DeepEqual(r.Favourites, want) || len(r.Taste) != 0 {
		t.Errorf("favourites %v, taste %v", r.Favourites, r.Taste)
	}
}

// Without plays every listener still has a row; without listeners the table is there and empty.
func TestMissingInputs(t *testing.T) {
	if rows := (world{listeners: []schemas.Listener{{UserID: "u"}}, noPlays: true}).run(t, 1); len(rows) != 1 {
		t.Errorf("%d rows, want 1", len(rows))
	}
	n := worktest.New(t, "2026-02-01")
	n.MustStage(Stage(Default(), localtime.UsualHours()))
	if refs := n.Files[schemas.TableUserProfiles]; len(refs) != 1 || refs[0].Rows != 0 {
		t.Errorf("files %v, want one without rows", refs)
	}
}

// A play of nobody is a bug upstream and fails the stage.
func TestInconsistentInputs(t *testing.T) {
	w := world{listeners: []schemas.Listener{{UserID: "u"}}, plays: []schemas.CleanPlay{listen("x", 0, 0, schemas.KindPlay)}}
	if err := w.night(t, 1).Stage(Stage(Default(), localtime.UsualHours())); err == nil {
		t.Error("no error")
	}
}
