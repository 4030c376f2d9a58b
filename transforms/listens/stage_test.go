package listens

import (
	"fmt"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/algo/worth"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

func ptr[T any](v T) *T { return &v }

func put[T any](t *testing.T, n *worktest.Night, key string, rows []T) lake.FileRef {
	t.Helper()
	ref, err := parquetio.WriteAll(t.Context(), n.Lake, key, parquetio.Meta{Table: "test"}, rows)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// Every bucket of plays becomes a file of listens, in order: kinds, worth, local time and its absence, replays summed.
func TestStage(t *testing.T) {
	n := worktest.New(t, "2026-01-04")
	at := time.Date(2026, 1, 2, 23, 30, 0, 0, time.UTC) // a Friday
	play := schemas.CleanPlay{UserID: "u", SongID: "b", StartedAt: at, Kind: schemas.KindPlay, Device: "phone", Country: "SE", Place: "gym", LocalMin: ptr[int32](60)}
	half, like, unlike, unknown := play, play, play, play
	half.EventID, half.MsPlayed, half.TrackMs = "2", ptr[int64](60_000), ptr[int64](120_000)
	like.EventID, like.Kind, like.StartedAt = "3", schemas.KindLike, at.Add(time.Minute)
	unlike.EventID, unlike.Kind, unlike.StartedAt = "4", schemas.KindUnlike, at.Add(2*time.Minute)
	unknown.UserID, unknown.LocalMin, unknown.Skipped, unknown.Country, unknown.Place = "v", nil, ptr(true), "", ""
	n.Files[schemas.WorkPlays] = []lake.FileRef{put(t, n, "p0", []schemas.CleanPlay{play, half, like, unlike}), put(t, n, "p1", []schemas.CleanPlay{unknown})}
	n.Files[schemas.TableSongs] = []lake.FileRef{put(t, n, "s0", []schemas.SongRow{{SongID: "a"}}), put(t, n, "s1", []schemas.SongRow{{SongID: "b"}})}
	n.MustStage(Stage())
	want := []struct {
		user string
		cell listenio.Cell
		l    listenio.Listen
	}{
		{"u", listenio.Cell{Region: "SE", Weekpart: schemas.Weekend, Hour: 0, Device: "phone", Place: "gym"}, listenio.Listen{Song: 1, Plays: 2, Verdict: -1, Weight: worth.One + worth.One/2}},
		{"v", listenio.Cell{Hour: listenio.UnknownHour, Device: "phone"}, listenio.Listen{Song: 1, Plays: 1, Skips: 1, Weight: -worth.One / 2}},
	}
	for i, w := range want {
		r := listenio.NewReader([]string{"a", "b"})
		for l, err := range r.Listeners(t.Context(), n.Lake, n.Files[schemas.WorkListens][i:i+1]) {
			if err != nil {
				t.Fatal(err)
			}
			if l.UserID != w.user || len(l.Days) != 1 || l.Days[0].Day != 20455 || len(l.Days[0].Listens) != 1 || l.Days[0].Listens[0] != w.l || r.Cells()[0] != w.cell {
				t.Errorf("file %d: %+v in %+v, want %+v", i, l, r.Cells(), w)
			}
		}
	}
	for counter, want := range map[string]int64{"listens/events": 5, "listens/unknown_time": 1, "listens/rows": 2} {
		if n.Counts[counter] != want {
			t.Errorf("%s is %d, want %d", counter, n.Counts[counter], want)
		}
	}
}

// Of a day that comes to every bucket the files of plays are counted, the others taken up, wherever they stand now; the listens are
// those of a night in an empty lake.
func TestNightAfterNight(t *testing.T) {
	plays := func(n *worktest.Night, days ...int) {
		n.Files = map[string][]lake.FileRef{schemas.TableSongs: {put(t, n, fmt.Sprint("songs", days), []schemas.SongRow{{SongID: "a"}, {SongID: "b"}})}}
		for _, user := range []string{"u", "v", "w"} {
			n.Files[schemas.WorkListeners] = append(n.Files[schemas.WorkListeners], put(t, n, fmt.Sprint(user, days), []schemas.Listener{{UserID: user}}))
			for _, day := range days {
				at := time.Date(2026, 1, day, 12, 0, 0, 0, time.UTC)
				rows := []schemas.CleanPlay{{UserID: user, SongID: "ab"[day%2 : day%2+1], StartedAt: at, Kind: schemas.KindPlay}}
				n.Files[schemas.WorkPlays] = append(n.Files[schemas.WorkPlays], put(t, n, fmt.Sprint(user, days, day), rows))
			}
		}
	}
	step, whole := worktest.New(t, "2026-01-04"), worktest.New(t, "2026-01-04")
	plays(step, 1, 3)
	step.MustStage(Stage())
	step.Counts = map[string]int64{}
	for _, n := range []*worktest.Night{step, whole} {
		n.Run = "2026-01-04.2"
		plays(n, 1, 2, 3)
		n.MustStage(Stage())
	}
	if hits, made := step.Counts["work/kept_hits"], step.Counts["work/kept_made"]; hits != 6 || made != 3 {
		t.Errorf("%d files were taken up and %d counted, want 6 and 3", hits, made)
	}
	got, want := step.Files[schemas.WorkListens], whole.Files[schemas.WorkListens]
	if len(got) != 3 || len(want) != 3 {
		t.Fatalf("%d and %d files of listens of three buckets", len(got), len(want))
	}
	for i := range got {
		if got[i].SHA256 != want[i].SHA256 {
			t.Errorf("bucket %d differs from that of a night alone", i)
		}
	}
	if step.Counts["listens/events"] != 9 || step.Counts["listens/rows"] != 9 {
		t.Errorf("counts %v, want nine events on nine days of listeners", step.Counts)
	}
}

// No plays, no listens; a song that table songs does not know fails the stage.
func TestNoPlays(t *testing.T) {
	n := worktest.New(t, "2026-01-04")
	n.MustStage(Stage())
	if len(n.Files[schemas.WorkListens]) != 0 {
		t.Errorf("listens %v of no plays", n.Files[schemas.WorkListens])
	}
	n.Files[schemas.WorkPlays] = []lake.FileRef{put(t, n, "p0", []schemas.CleanPlay{{UserID: "u", SongID: "c", Kind: schemas.KindPlay}})}
	n.Files[schemas.TableSongs] = []lake.FileRef{put(t, n, "s0", []schemas.SongRow{{SongID: "a"}})}
	if err := n.Stage(Stage()); err == nil {
		t.Error("a song without a row was taken")
	}
}
