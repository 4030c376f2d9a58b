package nightly_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

// countingLake notes what is read: bytes by key.
type countingLake struct {
	lake.Store
	mu   sync.Mutex
	read map[string]int64
}

func (c *countingLake) note(in lake.Info) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read[in.Key] = in.Size
}

// Open notes the object.
func (c *countingLake) Open(ctx context.Context, key string) (lake.Object, error) {
	o, err := c.Store.Open(ctx, key)
	if err == nil {
		c.note(o.Info())
	}
	return o, err
}

// Get notes the object.
func (c *countingLake) Get(ctx context.Context, key string) ([]byte, lake.Info, error) {
	data, in, err := c.Store.Get(ctx, key)
	if err == nil {
		c.note(in)
	}
	return data, in, err
}

// statisticStages are the stages from landing files to what is counted of plays.
var statisticStages = []string{"clean", "listens", "preferences", "charts", "profiles"}

// dayLake is a lake to which days of plays come one after the other.
type dayLake struct {
	*worktest.Night
	lake *countingLake
}

func newDayLake(t *testing.T) *dayLake {
	n := worktest.New(t, "2026-03-01")
	c := &countingLake{Store: n.Lake, read: map[string]int64{}}
	n.Lake = c
	d := &dayLake{n, c}
	var songs []schemas.Song
	for i := range 60 {
		ms := int64(180_000 + 1000*i)
		songs = append(songs, schemas.Song{SongID: fmt.Sprintf("s%02d", i), ArtistIDs: []string{fmt.Sprint("a", i%9)}, Genres: []string{fmt.Sprint("g", i%5)}, DurationMs: &ms})
	}
	var users []schemas.Listener
	for i := range 30 {
		users = append(users, schemas.Listener{UserID: fmt.Sprintf("u%02d", i), Country: "SE", TimeZone: []string{"Europe/Stockholm", "America/Sao_Paulo", ""}[i%3]})
	}
	landRows(d, schemas.LandingSongs, "2026-03-01", songs)
	landRows(d, schemas.LandingUsers, "2026-03-01", users)
	return d
}

// landRows lands one more file in the folder of a date.
func landRows[T any](d *dayLake, folder, date string, rows []T) {
	d.T.Helper()
	key := fmt.Sprintf("%s/date=%s/part-%04d.parquet", folder, date, len(d.Landing[folder]))
	ref, err := parquetio.WriteAll(d.T.Context(), d.Lake, key, parquetio.Meta{Table: "landing"}, rows)
	if err != nil {
		d.T.Fatal(err)
	}
	d.Landing[folder] = append(d.Landing[folder], lake.FileRef{Key: ref.Key, ETag: ref.ETag, Size: ref.Size})
}

// night runs the stages for a date and returns what they read and the contents of all they handed on.
func (d *dayLake) night(date string) (read map[string]int64, contents map[string][]string) {
	d.T.Helper()
	clear(d.lake.read)
	d.Run, d.Date = date+".1", dayOf(date)
	clear(d.Files)
	clear(d.Counts)
	for _, st := range nightly.Stages(nightly.Default()) {
		if slices.Contains(statisticStages, st.Name) {
			d.MustStage(st)
		}
	}
	contents = map[string][]string{}
	for name, refs := range d.Files {
		for _, ref := range refs {
			contents[name] = append(contents[name], ref.SHA256)
		}
	}
	return maps.Clone(d.lake.read), contents
}

func dayOf(date string) time.Time {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err)
	}
	return at
}

// randomPlays are plays of one UTC day: some say their clock, country and length, others do not; ids of every third repeat.
func randomPlays(r *rand.Rand, date string, n int) []schemas.Play {
	out := make([]schemas.Play, n)
	for i := range out {
		p := schemas.Play{
			UserID: fmt.Sprintf("u%02d", r.IntN(40)), SongID: fmt.Sprintf("s%02d", r.IntN(70)), StartedAt: dayOf(date).Add(time.Duration(r.IntN(86_400)) * time.Second),
			Kind: []string{schemas.KindPlay, schemas.KindPlay, schemas.KindPlay, schemas.KindLike}[r.IntN(4)], Device: []string{"phone", "tv", "car"}[r.IntN(3)],
		}
		if ms := int64(r.IntN(200_000)); r.IntN(2) == 0 {
			p.MsPlayed = &ms
		}
		if minutes := int32(60 * r.IntN(5)); r.IntN(2) == 0 {
			p.UTCOffsetMinutes, p.Country = &minutes, "BR"
		}
		if r.IntN(3) == 0 {
			p.EventID = fmt.Sprint("e", r.IntN(40))
		}
		out[i] = p
	}
	return out
}

// A night after others reads the landing plays of its day alone: of other days neither landing files nor plays as they were checked, only
// what was kept of them. A late event makes its day, and it alone, be read again. All the stages hand on, tables among it, has the bytes
// that a night in an empty lake gives them.
func TestNightReadsItsDayAlone(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 9))
	dates := []string{"2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"}
	step := newDayLake(t)
	landed := []struct {
		date string
		rows []schemas.Play
	}{}
	for i, date := range dates {
		fresh := []string{date}
		today := map[string][]schemas.Play{date: randomPlays(r, date, 300)}
		if i == 3 {
			today[dates[1]] = []schemas.Play{{UserID: "u01", SongID: "s01", StartedAt: dayOf(dates[1]).Add(12 * time.Hour), Kind: schemas.KindPlay}}
			fresh = append(fresh, dates[1])
		}
		for _, folder := range slices.Sorted(maps.Keys(today)) {
			landRows(step, schemas.LandingPlays, folder, today[folder])
			landed = append(landed, struct {
				date string
				rows []schemas.Play
			}{folder, today[folder]})
		}
		before := step.keys()
		read, got := step.night(date)
		step.checkRead(seed, date, fresh, before, read)
		whole := newDayLake(t)
		for _, l := range landed {
			landRows(whole, schemas.LandingPlays, l.date, l.rows)
		}
		if _, want := whole.night(date); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: night %s after others differs from one alone", seed, date)
		}
	}
	if step.Counts["clean/rejected_"+schemas.ReasonDuplicateEvent] == 0 {
		t.Errorf("seed %d: no event repeats: %v", seed, step.Counts)
	}
}

// keys returns the objects of the lake.
func (d *dayLake) keys() map[string]bool {
	d.T.Helper()
	infos, err := d.lake.List(d.T.Context(), "")
	if err != nil {
		d.T.Fatal(err)
	}
	out := map[string]bool{}
	for _, in := range infos {
		out[in.Key] = true
	}
	return out
}

// checkRead fails when landing plays of folders other than fresh were read, or plays that an earlier night had checked; of those it cleaned a
// night reads who played what.
func (d *dayLake) checkRead(seed uint64, date string, fresh []string, before map[string]bool, read map[string]int64) {
	d.T.Helper()
	var plays, kept int64
	for key, size := range read {
		folder, isLanding := strings.CutPrefix(key, schemas.LandingPlays+"/date=")
		switch {
		case isLanding && !slices.Contains(fresh, folder[:len(time.DateOnly)]):
			d.T.Errorf("seed %d: night %s reads %s", seed, date, key)
		case isLanding:
			plays += size
		case before[key] && strings.Contains(key, "/plays-split/") && strings.Contains(key, "/plays/part-"):
			d.T.Errorf("seed %d: night %s reads the plays of another day again: %s", seed, date, key)
		case before[key] && strings.HasPrefix(key, lake.KeptFolder+"/"):
			kept += size
		}
	}
	d.T.Logf("night %s reads %d bytes of landing plays in %d folders and %d bytes of what was kept; it keeps %d items and takes up %d",
		date, plays, len(fresh), kept, d.Counts["work/kept_made"], d.Counts["work/kept_hits"])
	if made := d.Counts["work/kept_made"]; made == 0 || made > 4*int64(len(fresh))*int64(len(d.Files[schemas.WorkListeners])) {
		d.T.Errorf("seed %d: night %s makes %d kept items of %d days", seed, date, made, len(fresh))
	}
}
