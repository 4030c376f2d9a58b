package sessions

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

func ptr[T any](v T) *T { return &v }

// put hands rows to the stage as if an earlier one had written them, one file a call.
func put[T any](n *worktest.Night, name string, rows ...T) {
	n.T.Helper()
	key := "work/" + name + "-" + string(rune('a'+len(n.Files[name]))) + ".parquet"
	ref, err := parquetio.WriteAll(n.T.Context(), n.Lake, key, parquetio.Meta{Table: name}, rows)
	if err != nil {
		n.T.Fatal(err)
	}
	n.Files[name] = append(n.Files[name], ref)
}

func table(n *worktest.Night) (rows []schemas.Session) {
	n.T.Helper()
	for _, f := range n.Files[schemas.TableSessions] {
		part, err := parquetio.ReadAll[schemas.Session](n.T.Context(), n.Lake, f)
		if err != nil {
			n.T.Fatal(err)
		}
		rows = append(rows, part...)
	}
	return rows
}

var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

func play(user string, song, minute int, edit ...func(*schemas.CleanPlay)) schemas.CleanPlay {
	at := noon.Add(time.Duration(minute) * time.Minute)
	p := schemas.CleanPlay{UserID: user, SongID: string(rune('a' + song)), EventID: at.Format("150405"), StartedAt: at, Kind: schemas.KindPlay, Device: schemas.Unknown}
	for _, e := range edit {
		e(&p)
	}
	return p
}

func night(t *testing.T) *worktest.Night {
	return worktest.New(t, "2026-01-05")
}

// Sessions end after the gap and with the listener; likes do not count; figures and songs are those of the plays.
func TestSessions(t *testing.T) {
	n := night(t)
	skipped := func(p *schemas.CleanPlay) { p.Skipped, p.MsPlayed = ptr(true), ptr(int64(60_000)) }
	phone := func(p *schemas.CleanPlay) { p.Device = "phone" }
	like := func(p *schemas.CleanPlay) { p.Kind = schemas.KindLike }
	put(n, schemas.WorkPlays, play("u", 0, 0, phone), play("u", 2, 30, skipped), play("u", 1, 61), play("u", 1, 85, like), play("u", 1, 92), play("v", 1, 93))
	put(n, schemas.WorkPlays, play("w", 2, 0))
	n.MustStage(Stage(Default()))
	at := func(minute int) time.Time { return noon.Add(time.Duration(minute) * time.Minute) }
	want := []schemas.Session{
		{UserID: "u", StartedAt: at(0), EndedAt: at(61), Plays: 3, Skips: 1, MsPlayed: 60_000, Device: "phone", Songs: []string{"a", "c", "b"}},
		{UserID: "u", StartedAt: at(92), EndedAt: at(92), Plays: 1, Songs: []string{"b"}},
		{UserID: "v", StartedAt: at(93), EndedAt: at(93), Plays: 1, Songs: []string{"b"}},
		{UserID: "w", StartedAt: at(0), EndedAt: at(0), Plays: 1, Songs: []string{"c"}},
	}
	if got := table(n); !reflect.DeepEqual(got, want) {
		t.Errorf("sessions\n%+v\nwant\n%+v", got, want)
	}
	if n.Counts["sessions/plays_in"] != 6 || n.Counts["sessions/rows"] != 4 || len(n.Files[schemas.TableSessions]) != 2 {
		t.Errorf("counters %v", n.Counts)
	}
}

// Settings change the gap and the shortest session.
func TestSettings(t *testing.T) {
	n := night(t)
	put(n, schemas.WorkPlays, play("u", 0, 0), play("u", 1, 30), play("u", 2, 35))
	n.MustStage(Stage(Params{GapMinutes: 29, MinSongs: 2}))
	if got := table(n); len(got) != 1 || got[0].Plays != 2 || n.Counts["sessions/short"] != 1 {
		t.Errorf("sessions %+v, counters %v", got, n.Counts)
	}
}

// No plays give an empty table.
func TestEmpty(t *testing.T) {
	n := night(t)
	put[schemas.CleanPlay](n, schemas.WorkPlays)
	n.MustStage(Stage(Default()))
	if len(table(n)) != 0 || len(n.Files[schemas.TableSessions]) != 1 {
		t.Errorf("files %v", n.Files[schemas.TableSessions])
	}
}

// Params are checked all at once.
func TestValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	if err := (Params{}).Validate(); err == nil || !strings.Contains(err.Error(), "gap_minutes") || !strings.Contains(err.Error(), "min_songs") {
		t.Errorf("error %v", err)
	}
}

// The columns that are read of clean plays order them as whole rows are ordered, so that files are merged in the order they have.
func TestCompareAsWholePlays(t *testing.T) {
	var plays []schemas.CleanPlay
	for _, user := range []string{"a", "b"} {
		for minute := range 2 {
			for _, event := range []string{"e", "f"} {
				plays = append(plays, schemas.CleanPlay{UserID: user, StartedAt: noon.Add(time.Duration(minute) * time.Minute), EventID: event})
			}
		}
	}
	part := func(p schemas.CleanPlay) *played {
		return &played{UserID: p.UserID, StartedAt: p.StartedAt, EventID: p.EventID}
	}
	for _, a := range plays {
		for _, b := range plays {
			if got, want := compare(part(a), part(b)), schemas.ComparePlays(&a, &b); got != want {
				t.Errorf("%+v and %+v: %d, want %d", a, b, got, want)
			}
		}
	}
}
