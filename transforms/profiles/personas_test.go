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
	"segue/transforms/algo/persona"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

// Planted groups: listeners of group g play songs of style g, at hours of their own; two groups live in SE, two in BR.
const (
	groups       = 4
	styleSongs   = 20
	plantedUsers = 240
	plantedDim   = 16
)

// plantedNight is a night of planted listeners in an embedding of its own: no two nights share a space.
func plantedNight(t *testing.T, seed uint64, buckets int) *worktest.Night {
	t.Helper()
	n := worktest.New(t, "2026-02-01")
	r := rand.New(rand.NewPCG(seed, 4))
	var rows []schemas.SongRow
	var ids []string
	for i := range groups * styleSongs {
		id := fmt.Sprintf("s%03d", i)
		ids = append(ids, id)
		rows = append(rows, schemas.SongRow{SongID: id, Genres: []string{fmt.Sprint("genre", i/styleSongs)}, Moods: []string{[]string{"calm", "happy"}[i/styleSongs%2]}, ArtistIDs: []string{fmt.Sprint("a", i/5)}})
	}
	n.Files[schemas.TableSongs] = []lake.FileRef{write(t, n, "songs", rows)}
	n.Files[schemas.TableSongMoods] = []lake.FileRef{write(t, n, "moods", moodsOf(rows))}
	ref, err := npy.Write(t.Context(), n.Lake, "test/vectors.npy", styleVectors(r), len(ids), plantedDim)
	if err != nil {
		t.Fatal(err)
	}
	n.Files[schemas.WorkVectors] = []lake.FileRef{ref}
	r = rand.New(rand.NewPCG(1, 1)) // the same listeners every night
	listeners, books := make([][]schemas.Listener, buckets), make([]*listenio.Book, buckets)
	for i := range books {
		books[i] = listenio.NewBook()
	}
	for u := range plantedUsers {
		l := schemas.Listener{UserID: fmt.Sprintf("u%03d", u), Country: []string{"SE", "SE", "BR", "BR"}[u%groups]}
		plays := 40
		if u >= plantedUsers-2*groups {
			plays, l.Genres = 0, []string{fmt.Sprint("genre", u%groups)} // signed up yesterday
		}
		b := schemas.Bucket(l.UserID, buckets)
		listeners[b] = append(listeners[b], l)
		for i := range plays {
			hour := []int{8, 13, 18, 22}[u%groups]
			style := u % groups
			if r.IntN(10) == 0 {
				style = r.IntN(groups)
			}
			books[b].Add(listenio.Event{
				UserID: l.UserID, At: start.Add(time.Duration(i*14) * time.Hour), Song: int32(style*styleSongs + r.IntN(styleSongs)), Play: true, Weight: 1 << 20,
				Cell: listenio.Cell{Region: l.Country, Weekpart: schemas.Weekday, Hour: int32(hour), Device: "phone"},
			})
		}
	}
	for i := range buckets {
		n.Files[schemas.WorkListeners] = append(n.Files[schemas.WorkListeners], write(t, n, fmt.Sprintf("listeners-%d", i), listeners[i]))
		ref, err := books[i].Write(t.Context(), n.Lake, fmt.Sprintf("test/listens-%d", i), ids)
		if err != nil {
			t.Fatal(err)
		}
		n.Files[schemas.WorkListens] = append(n.Files[schemas.WorkListens], ref)
	}
	return n
}

func styleVectors(r *rand.Rand) []float32 {
	centres := make([]float64, groups*plantedDim)
	for i := range centres {
		centres[i] = r.NormFloat64()
	}
	var out []float32
	for i := range groups * styleSongs {
		x, norm := make([]float64, plantedDim), 0.0
		for d := range x {
			x[d] = centres[i/styleSongs*plantedDim+d] + 0.7*r.NormFloat64()
			norm += x[d] * x[d]
		}
		for d := range x {
			out = append(out, float32(x[d]/math.Sqrt(norm)))
		}
	}
	return out
}

func profilesOf(t *testing.T, n *worktest.Night) ([]schemas.UserProfile, []schemas.Persona) {
	t.Helper()
	n.MustStage(Stage(Default(), localtime.UsualHours()))
	var rows []schemas.UserProfile
	for _, ref := range n.Files[schemas.TableUserProfiles] {
		part, err := parquetio.ReadAll[schemas.UserProfile](t.Context(), n.Lake, ref)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, part...)
	}
	slices.SortFunc(rows, func(a, b schemas.UserProfile) int { return compare(a.UserID, b.UserID) })
	personas, err := parquetio.ReadAll[schemas.Persona](t.Context(), n.Lake, n.Files[schemas.TablePersonas][0])
	if err != nil {
		t.Fatal(err)
	}
	return rows, personas
}

// cutOf returns planted group and persona of the listeners with a history.
func cutOf(rows []schemas.UserProfile) (planted, found []int32) {
	for u, r := range rows {
		if r.History == schemas.HistoryWarm {
			planted, found = append(planted, int32(u%groups)), append(found, *r.Persona)
		}
	}
	return planted, found
}

// Planted groups are found (adjusted Rand index of .9 at least) and described by their genre and hour; listeners who signed up
// yesterday get the persona of their country and picked genre; one bucket or three make the same rows.
func TestPersonasAreFound(t *testing.T) {
	rows, personas := profilesOf(t, plantedNight(t, 7, 1))
	planted, found := cutOf(rows)
	if a := persona.Agreement(planted, found); len(personas) != groups || a < 0.9 {
		t.Fatalf("%d personas, agreement %.3f", len(personas), a)
	}
	byID := map[int32]schemas.Persona{}
	for _, p := range personas {
		byID[p.Persona] = p
	}
	for u, r := range rows {
		p := byID[*r.Persona]
		if want := fmt.Sprint("genre", u%groups); p.Genres[0].Class != want || p.Genres[0].Lift < 2 {
			t.Errorf("listener %s of %s is in persona %+v", r.UserID, want, p.Genres)
		}
		if by := schemas.PersonaByTaste; r.Plays == 0 {
			if by = schemas.PersonaBySignals; r.PersonaBy != by || len(r.Moods) != 0 {
				t.Errorf("new listener %+v", r)
			}
		} else if r.PersonaBy != by || p.HourShares[[]int{8, 13, 18, 22}[u%groups]] < 0.9 {
			t.Errorf("listener %s by %q in a persona of hours %v", r.UserID, r.PersonaBy, p.HourShares)
		}
	}
	t.Run("three buckets", func(t *testing.T) {
		again, same := profilesOf(t, plantedNight(t, 7, 3))
		if !reflect.DeepEqual(again, rows) || !reflect.DeepEqual(same, personas) {
			t.Error("rows differ from those of one bucket")
		}
	})
}

// Over a second night, in another space, listeners keep the number of their persona, and drift is counted.
func TestPersonasKeepTheirNumbers(t *testing.T) {
	first, _ := profilesOf(t, plantedNight(t, 7, 2))
	t.Run("second night", func(t *testing.T) {
		n := plantedNight(t, 8, 2)
		moved := slices.Clone(first)
		for i := range 12 { // said to have been in the persona of their neighbour
			moved[i].Persona = first[(i+1)%12].Persona
		}
		n.Landing[schemas.Previous(schemas.TableUserProfiles)] = []lake.FileRef{write(t, n, "last", moved)}
		second, personas := profilesOf(t, n)
		for i, r := range second {
			if *r.Persona != *first[i].Persona {
				t.Errorf("listener %s moved from persona %d to %d", r.UserID, *first[i].Persona, *r.Persona)
			}
		}
		var kept, left int64
		for _, p := range personas {
			kept, left = kept+p.Kept, left+p.Left
		}
		if c := n.Counts; kept != plantedUsers-2*groups-12 || left != 12 || c["profiles/persona_moved"] != 12 || c["profiles/persona_kept"] != kept || c["profiles/personas_refitted"] != 0 {
			t.Errorf("kept %d, left %d, counters %v", kept, left, c)
		}
	})
}

// Shares are drawn to the persona's: with 20 plays a prior of weight 20 counts half, and what was never heard is among them.
func TestSharesAreShrunk(t *testing.T) {
	names := []string{"calm", "happy", "sad"}
	world := MixSums{[]int32{0, 1}, []int64{80 << 20, 20 << 20}}.shrunk(3, names, nil)
	group := MixSums{[]int32{1, 2}, []int64{10 << 20, 10 << 20}}.shrunk(3, names, world) // happy (10+20·.2)/40, sad 10/40, calm 20·.8/40
	var m mix
	m.reset(3)
	m.add(0, 1, 20<<20)
	var classes classTable
	classes.add(names)
	classes.finish()
	b := &builder{}
	got := b.shares(nil, &m, &classes, group)
	want := []schemas.ClassShare{{DayPart: "morning", Class: "happy", Share: (20 + 20*0.35) / 40}, {DayPart: "morning", Class: "calm", Share: 0.2}, {DayPart: "morning", Class: "sad", Share: 0.125}}
	if len(got) != 3 {
		t.Fatalf("shares %v", got)
	}
	for i := range want {
		if got[i].Class != want[i].Class || math.Abs(float64(got[i].Share-want[i].Share)) > 1e-6 {
			t.Errorf("share %d is %+v, want %+v", i, got[i], want[i])
		}
	}
	if own := b.shares(nil, &m, &classes, nil); len(own) != 1 || own[0].Share != 1 {
		t.Errorf("without a prior: %v", own)
	}
}
