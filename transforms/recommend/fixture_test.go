package recommend

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/algo/blend"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/neighbourio"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

const (
	testSongs     = 60
	testListeners = 40
)

func songName(i int) string { return fmt.Sprintf("s%03d", i) }

func songNames() []string {
	out := make([]string, testSongs)
	for i := range out {
		out[i] = songName(i)
	}
	return out
}

// put writes rows as one file of a dataset, in place of what the night had under that name when first.
func put[T any](n *worktest.Night, name, item string, rows []T) {
	n.T.Helper()
	key := lake.RunKey(n.Run, "test", name, item+".parquet")
	ref, err := parquetio.WriteAll(n.T.Context(), n.Lake, key, parquetio.Meta{RunID: n.Run, Table: name, SchemaVersion: 1}, rows)
	if err != nil {
		n.T.Fatal(err)
	}
	n.Files[name] = append(n.Files[name], ref)
}

func putArray[T npy.Element](n *worktest.Night, name string, data []T, shape ...int) {
	n.T.Helper()
	ref, err := npy.Write(n.T.Context(), n.Lake, lake.RunKey(n.Run, "test", name+".npy"), data, shape...)
	if err != nil {
		n.T.Fatal(err)
	}
	n.Files[name] = []lake.FileRef{ref}
}

func putLists(n *worktest.Night, lists blend.Part) {
	n.T.Helper()
	ref, err := neighbourio.Write(n.T.Context(), n.Lake, lake.RunKey(n.Run, "test", "lists.npy"), lists)
	if err != nil {
		n.T.Fatal(err)
	}
	n.Files[schemas.WorkNeighbourLists] = []lake.FileRef{ref}
}

// newNight is a night of random but fixed content with listeners in so many buckets.
func newNight(t *testing.T, buckets int) *worktest.Night {
	n := worktest.New(t, "2026-01-05")
	r := rand.New(rand.NewPCG(1, 1))
	var songs []schemas.SongRow
	var starts, near []int32
	var scores, vectors []float32
	for i := range testSongs {
		s := schemas.SongRow{SongID: songName(i), ArtistIDs: []string{fmt.Sprint("a", i%9)}, Playlists: int64(i), Listeners: int64(i % 7), Plays: int64(i % 7)}
		s.Moods = [][]string{{"calm"}, {"wild", "happy"}, nil}[i%3]
		if i%10 == 9 {
			s.VersionOf = songName(i - 1)
		}
		if i%13 == 0 {
			s.Countries = []string{"SE"}
		}
		songs = append(songs, s)
		starts = append(starts, int32(len(near)))
		for k := range 8 {
			near, scores = append(near, int32((i+3*k+1)%testSongs)), append(scores, 1/float32(k+1))
		}
		vectors = append(vectors, 0.6, 0.8)
	}
	put(n, schemas.TableSongs, "0", songs[:20])
	put(n, schemas.TableSongs, "1", songs[20:])
	putLists(n, blend.Part{Start: append(starts, int32(len(near))), Songs: near, Scores: scores})
	putArray(n, schemas.WorkVectors, vectors, testSongs, 2)
	putContexts(n)
	putListeners(n, r, buckets)
	return n
}

func putContexts(n *worktest.Night) {
	var charts []schemas.Chart
	var popular []schemas.PopularByContext
	for _, region := range []string{"SE", schemas.World} {
		for k := range 20 {
			song, heard := songName((7*k+len(region))%testSongs), int64(30-k)
			charts = append(charts, schemas.Chart{Region: region, WindowDays: 28, Rank: int32(k + 1), SongID: song, Level: region, Listeners: heard, Trending: k == 3})
			popular = append(popular, schemas.PopularByContext{
				Region: region, DayPart: "night", Device: schemas.All, Place: schemas.All, Rank: int32(k + 1), SongID: song, Listeners: heard,
				Level: region + "/night/all/all",
			})
		}
	}
	put(n, schemas.TableCharts, "0", charts)
	put(n, schemas.TablePopularByContext, "0", popular)
	var pref []schemas.PreferenceByHour
	for i, mood := range []string{"calm", "wild"} {
		hour := int32(22)
		pref = append(pref, schemas.PreferenceByHour{
			Region: schemas.World, Weekpart: schemas.All, Hour: &hour, Device: schemas.All, Kind: "mood", Value: mood, Lift: []float64{0.6, 1.4}[i],
		})
	}
	put(n, schemas.TablePreferencesByHour, "0", pref)
	put(n, schemas.TableSongMoods, "0", []schemas.SongMood{{SongID: songName(2), Mood: "calm", MoodSource: "title", Confidence: 0.7}})
	put(n, schemas.TablePopularByGenre, "0", []schemas.PopularByGenre{{Region: schemas.World, Genre: "folk", Rank: 1, SongID: songName(5), Level: schemas.World, Listeners: 9}})
	put(n, schemas.TablePersonas, "0", []schemas.Persona{{Persona: 1, HourShares: make([]float32, 24), Centre: []float32{3, 4}}})
}

// putListeners writes listeners u000…: one in five has neither plays nor profile, one in five skips only.
func putListeners(n *worktest.Night, r *rand.Rand, buckets int) {
	one := int32(1)
	listeners := make([][]schemas.Listener, buckets)
	books := make([]*listenio.Book, buckets)
	for b := range books {
		books[b] = listenio.NewBook()
	}
	profiles := make([][]schemas.UserProfile, buckets)
	for u := range testListeners {
		id := fmt.Sprintf("u%03d", u)
		b := schemas.Bucket(id, buckets)
		l := schemas.Listener{UserID: id, Country: []string{"", "SE", "FR"}[u%3]}
		listeners[b] = append(listeners[b], l)
		if u%5 == 0 {
			continue
		}
		p := schemas.UserProfile{UserID: id, Region: l.Country, Plays: int64(1 + u%4), History: schemas.HistoryFew, Taste: []float32{0.6, 0.8}}
		if u%2 == 1 {
			p.Contexts = []schemas.ContextShare{{Weekpart: schemas.Weekday, DayPart: "night", Device: "phone", Share: 0.75}, {Weekpart: schemas.Weekend, DayPart: "day", Device: schemas.Unknown, Share: 0.25}}
		}
		if u%3 == 0 {
			p.Persona, p.PersonaBy = &one, schemas.PersonaByTaste
		}
		for k := range 1 + u%4 {
			song, skipped := r.IntN(testSongs), u%5 == 1
			at := n.Date.Add(time.Duration(k) * time.Hour)
			books[b].Add(listenio.Event{UserID: id, At: at, Song: int32(song), Cell: listenio.Cell{Region: l.Country, Hour: 22, Device: "phone"}, Play: true, Skipped: skipped})
			p.LastPlayAt = &at
			if !skipped {
				p.Favourites = append(p.Favourites, schemas.Seed{SongID: songName(song), Weight: 1 / float32(k+1)})
			}
		}
		profiles[b] = append(profiles[b], p)
	}
	for b := range buckets {
		put(n, schemas.WorkListeners, fmt.Sprint(b), listeners[b])
		ref, err := books[b].Write(n.T.Context(), n.Lake, lake.RunKey(n.Run, "test", "listens", fmt.Sprint(b)+".parquet"), songNames())
		if err != nil {
			n.T.Fatal(err)
		}
		n.Files[schemas.WorkListens] = append(n.Files[schemas.WorkListens], ref)
		put(n, schemas.TableUserProfiles, fmt.Sprint(b), profiles[b])
	}
}

// table reads all rows of a table in file order.
func table[T any](n *worktest.Night, name string) []T {
	n.T.Helper()
	var out []T
	for _, ref := range n.Files[name] {
		rows, err := parquetio.ReadAll[T](n.T.Context(), n.Lake, ref)
		if err != nil {
			n.T.Fatal(err)
		}
		out = append(out, rows...)
	}
	return out
}

func byListener(rows []schemas.Recommendation) []schemas.Recommendation {
	slices.SortStableFunc(rows, func(a, b schemas.Recommendation) int { return cmp.Compare(a.UserID, b.UserID) })
	return rows
}
