package listenio

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

func store(t testing.TB) lake.Store {
	t.Helper()
	s, err := lake.Open(t.Context(), "mem://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var ids = []string{"a", "b", "c", "d", "e", "f"}

// randomEvents returns events of some listeners by listener, then time, from before 1970 on.
func randomEvents(r *rand.Rand) []Event {
	var out []Event
	for l := range 1 + r.IntN(6) {
		at := time.Date(1969, 12, 30, 22, 0, 0, 0, time.UTC)
		for range 1 + r.IntN(40) {
			at = at.Add(time.Duration(r.IntN(300)) * time.Minute)
			e := Event{
				UserID: fmt.Sprint("u", l), At: at, Song: int32(r.IntN(len(ids))), Play: r.IntN(4) > 0, Weight: r.Int64N(1<<21) - 1<<20,
				Cell: Cell{Region: []string{"SE", "BR", ""}[r.IntN(3)], Weekpart: "weekday", Hour: int32(r.IntN(3)) - 1, Device: "phone", Place: []string{"", "gym"}[r.IntN(2)]},
			}
			if e.Play {
				e.Skipped = r.IntN(3) == 0
			} else {
				e.Verdict = int8(r.IntN(3) - 1)
			}
			out = append(out, e)
		}
	}
	return out
}

// figure is a listen as the oracle counts it.
type figure struct {
	plays, skips int32
	verdict      int8
	weight       int64
}

func naive(events []Event) map[string]figure {
	out := map[string]figure{}
	for _, e := range events {
		day := e.At.Truncate(24 * time.Hour).Format(time.DateOnly)
		k := fmt.Sprint(e.UserID, "|", day, "|", ids[e.Song], "|", e.Cell)
		f := out[k]
		if e.Play {
			f.plays++
		}
		if e.Skipped {
			f.skips++
		}
		if e.Verdict != 0 {
			f.verdict = e.Verdict
		}
		f.weight += e.Weight
		out[k] = f
	}
	return out
}

func write(t testing.TB, s lake.Store, name string, events []Event, ids []string) lake.FileRef {
	t.Helper()
	b := NewBook()
	for _, e := range events {
		b.Add(e)
	}
	ref, err := b.Write(t.Context(), s, name, ids)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// read returns listens by (listener, day, song id, cell) under an index of songs, and the bounds of plays by listener and day.
func read(t testing.TB, s lake.Store, refs []lake.FileRef, ids []string) (map[string]figure, map[string][2]string) {
	t.Helper()
	r, out, bounds, last := NewReader(ids), map[string]figure{}, map[string][2]string{}, ""
	for l, err := range r.Listeners(t.Context(), s, refs) {
		if err != nil {
			t.Fatal(err)
		}
		if l.UserID <= last {
			t.Fatalf("listener %s after %s", l.UserID, last)
		}
		last = l.UserID
		if !slices.IsSortedFunc(l.Days, func(a, b Day) int { return cmp.Compare(a.Day, b.Day) }) {
			t.Fatalf("days of %s are out of order", l.UserID)
		}
		for _, d := range l.Days {
			day := time.Unix(int64(d.Day)*86_400, 0).UTC().Format(time.DateOnly)
			if !d.FirstAt.IsZero() {
				bounds[l.UserID+day] = [2]string{d.FirstAt.UTC().String(), d.LastAt.UTC().String()}
			}
			for _, x := range d.Listens {
				k := fmt.Sprint(l.UserID, "|", day, "|", ids[x.Song], "|", r.Cells()[x.Cell])
				if _, twice := out[k]; twice {
					t.Fatalf("%s was read twice", k)
				}
				out[k] = figure{x.Plays, x.Skips, x.Verdict, x.Weight}
			}
		}
	}
	return out, bounds
}

// What is read equals a plain recount: as one file or one a day in any order, and under the index of a later night.
func TestFilesEqualRecount(t *testing.T) {
	s := store(t)
	for seed := range uint64(40) {
		events := randomEvents(rand.New(rand.NewPCG(seed, 1)))
		want := naive(events)
		whole, bounds := read(t, s, []lake.FileRef{write(t, s, fmt.Sprint(seed, "-whole"), events, ids)}, ids)
		if !reflect.DeepEqual(whole, want) {
			t.Fatalf("seed %d: read %v, want %v", seed, whole, want)
		}
		byDay := map[int32][]Event{}
		for _, e := range events {
			byDay[DayOf(e.At)] = append(byDay[DayOf(e.At)], e)
		}
		var refs []lake.FileRef
		for day, part := range byDay { // in any order
			refs = append(refs, write(t, s, fmt.Sprint(seed, "-day", day), part, ids))
		}
		later := []string{"a", "aa", "b", "c", "cc", "d", "e", "e2", "f", "z"}
		days, dayBounds := read(t, s, refs, later)
		if !reflect.DeepEqual(days, want) || !maps.Equal(bounds, dayBounds) {
			t.Fatalf("seed %d: files by day differ from the whole", seed)
		}
	}
}

// The first and last play of a day are kept to the microsecond, whatever other events there are; no play, no bounds.
func TestBounds(t *testing.T) {
	s, at := store(t), time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	events := []Event{
		{UserID: "u", At: at, Verdict: 1},
		{UserID: "u", At: at.Add(time.Second), Play: true},
		{UserID: "u", At: at.Add(time.Minute), Play: true},
		{UserID: "u", At: at.Add(time.Hour)},
		{UserID: "v", At: at},
	}
	_, bounds := read(t, s, []lake.FileRef{write(t, s, "f", events, ids)}, ids)
	want := map[string][2]string{"u2026-01-02": {at.Add(time.Second).String(), at.Add(time.Minute).String()}}
	if !maps.Equal(bounds, want) {
		t.Errorf("bounds %v, want %v", bounds, want)
	}
}

// An empty book is a file that reads as nobody.
func TestEmptyBook(t *testing.T) {
	s := store(t)
	got, _ := read(t, s, []lake.FileRef{write(t, s, "none", nil, nil)}, ids)
	if len(got) != 0 {
		t.Errorf("read %v of nothing", got)
	}
}

// What cannot be right is an error that names it: a song without a name, a foreign and a broken file.
func TestReadErrors(t *testing.T) {
	s := store(t)
	at := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	one := write(t, s, "one", []Event{{UserID: "u", At: at, Song: 1, Play: true}}, ids)
	put := func(name string, rows []fileRow) lake.FileRef {
		ref, err := parquetio.WriteAll(t.Context(), s, name, parquetio.Meta{Table: "listens"}, rows)
		if err != nil {
			t.Fatal(err)
		}
		return ref
	}
	names := fileRow{Data: appendNames(nil, ids, []Cell{{}})}
	row := fileRow{UserID: "u", Data: appendListen([]byte{1, 0, 0, 1}, Listen{Song: 0}, 0)} // a day without a play, of one listen
	far, short, long, before := row, row, row, row
	far.Data, short.Data = appendListen([]byte{1, 0, 0, 1}, Listen{}, 9), row.Data[:len(row.Data)-1]
	long.Data, before.UserID = append(slices.Clone(row.Data), 7), "a"
	for want, c := range map[string]struct {
		refs []lake.FileRef
		ids  []string
	}{
		"find song b":    {[]lake.FileRef{one}, []string{"a", "c"}},
		"names no songs": {[]lake.FileRef{put("noname", []fileRow{row})}, ids},
		"has no name":    {[]lake.FileRef{put("far", []fileRow{names, far})}, ids},
		"u of short":     {[]lake.FileRef{put("short", []fileRow{names, short})}, ids},
		"u of long":      {[]lake.FileRef{put("long", []fileRow{names, long})}, ids},
		"names of cut":   {[]lake.FileRef{put("cut", []fileRow{{Data: names.Data[:9]}})}, ids},
		"is not after":   {[]lake.FileRef{put("order", []fileRow{names, row, before})}, ids},
		"gone":           {[]lake.FileRef{{Key: "gone"}}, ids},
	} {
		var got error
		for _, err := range NewReader(c.ids).Listeners(t.Context(), s, c.refs) {
			got = err
		}
		if got == nil || !strings.Contains(got.Error(), want) {
			t.Errorf("error %v, want one with %q", got, want)
		}
	}
	b := NewBook()
	b.Add(Event{UserID: "u", At: at, Song: 77})
	if _, err := b.Write(t.Context(), s, "bad", ids); err == nil || !strings.Contains(err.Error(), "song 77") {
		t.Errorf("error %v of a song without a name", err)
	}
}

// Events of one day cut at random into files merge to what one file has, and so does the merged book.
func TestPartsMerge(t *testing.T) {
	s := store(t)
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 2))
		events := randomEvents(r)
		for i := range events {
			events[i].Verdict = 0 // of verdicts in two files that of the later file stands
		}
		want, bounds := read(t, s, []lake.FileRef{write(t, s, fmt.Sprint(seed, "-whole"), events, ids)}, ids)
		var parts [3][]Event
		for _, e := range events {
			at := r.IntN(len(parts))
			parts[at] = append(parts[at], e)
		}
		var refs []lake.FileRef
		for i, part := range parts {
			refs = append(refs, write(t, s, fmt.Sprint(seed, "-part", i), part, ids))
		}
		b, reader := NewBook(), NewReader(ids)
		for l, err := range reader.Listeners(t.Context(), s, refs) {
			if err != nil {
				t.Fatal(err)
			}
			b.AddListener(l, reader.Cells())
		}
		ref, err := b.Write(t.Context(), s, fmt.Sprint(seed, "-merged"), ids)
		if err != nil {
			t.Fatal(err)
		}
		got, gotBounds := read(t, s, []lake.FileRef{ref}, ids)
		if !reflect.DeepEqual(got, want) || !maps.Equal(gotBounds, bounds) {
			t.Fatalf("seed %d: parts merge to %v, want %v", seed, got, want)
		}
	}
}
