package profiles

import (
	"fmt"
	"math"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/persona"
	"segue/transforms/algo/worth"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// benchNight writes listeners of 50 plays in sessions of ten, each with three of 60 styles, over 20,000 songs of 128 numbers.
func benchNight(b *testing.B, env *work.Env, listeners int) (Inputs, bucket) {
	b.Helper()
	const n, styles, dim = 20_000, 60, 128
	r := rand.New(rand.NewPCG(1, 1))
	rows, ids, vectors := make([]schemas.SongRow, n), make([]string, n), make([]float32, n*dim)
	for i := range rows {
		ids[i] = fmt.Sprintf("song%06d", i)
		rows[i] = schemas.SongRow{SongID: ids[i], Genres: []string{fmt.Sprint("genre", i%styles/3)}, Moods: []string{fmt.Sprint("mood", i%7)}, ArtistIDs: []string{fmt.Sprint("artist", i/7)}}
		for d := range dim {
			vectors[i*dim+d] = float32(0.7*math.Sin(float64((i%styles)*(d+1)*37))+0.7*r.NormFloat64()) / float32(math.Sqrt(dim))
		}
	}
	book := listenio.NewBook()
	people := make([]schemas.Listener, listeners)
	for l := range people {
		people[l] = schemas.Listener{UserID: fmt.Sprintf("u%07d", l), Country: []string{"SE", "BR", "US"}[l%3]}
		tastes, at := []int{r.IntN(styles), r.IntN(styles), r.IntN(styles)}, start
		for i := range 50 {
			if i%10 == 0 {
				at = at.Add(time.Duration(1+r.IntN(5*24)) * time.Hour)
			}
			song := int(n/styles*math.Pow(r.Float64(), 3))*styles + tastes[r.IntN(3)]
			book.Add(listenio.Event{
				UserID: people[l].UserID, At: at, Song: int32(song % n), Play: true, Weight: worth.One,
				Cell: listenio.Cell{Region: people[l].Country, Weekpart: schemas.Weekday, Hour: int32(at.Hour()), Device: "phone"},
			})
		}
	}
	in := Inputs{Hours: localtime.UsualHours()}
	out := bucket{}
	var errs [5]error
	var songs, array lake.FileRef
	songs, errs[0] = parquetio.WriteAll(b.Context(), env.Lake, "songs", parquetio.Meta{Table: "songs"}, rows)
	array, errs[1] = npy.Write(b.Context(), env.Lake, "vectors.npy", vectors, n, dim)
	out.Listeners, errs[2] = parquetio.WriteAll(b.Context(), env.Lake, "listeners", parquetio.Meta{Table: "listeners"}, people)
	listens, err := book.Write(b.Context(), env.Lake, "listens", ids)
	errs[3] = err
	moods, err := parquetio.WriteAll(b.Context(), env.Lake, "moods", parquetio.Meta{Table: "moods"}, moodsOf(rows))
	errs[4] = err
	for _, err := range errs {
		if err != nil {
			b.Fatal(err)
		}
	}
	in.Songs, in.Moods, in.Vectors, out.Listens = []lake.FileRef{songs}, []lake.FileRef{moods}, []lake.FileRef{array}, []lake.FileRef{listens}
	return in, out
}

// BenchmarkProfiles makes the profiles of one bucket of 10,000 listeners of 50 plays: one in twenty is sampled; the rows are most of it.
func BenchmarkProfiles(b *testing.B) {
	const listeners = 10_000
	s, err := lake.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	env := &work.Env{Lake: s, Scratch: s, Run: "2026-02-01.1", Stage: "profiles", Seed: 1}
	in, item := benchNight(b, env, listeners)
	p := Default()
	b.ReportAllocs()
	var spent [3]float64
	step := func(at int, f func() error) {
		start := cpuSeconds(b)
		if err := f(); err != nil {
			b.Fatal(err)
		}
		spent[at] += cpuSeconds(b) - start
	}
	for i := 0; b.Loop(); i++ {
		env.Attempt = fmt.Sprint(i)
		var sample []work.Keyed[lake.FileRef]
		var key []work.Keyed[string]
		step(0, func() (err error) { sample, err = sampleFn{in, p, 20}.Do(b.Context(), env, item); return err })
		step(1, func() (err error) {
			key, err = personaFn{Inputs: in, Params: p}.Do(b.Context(), env, []lake.FileRef{sample[0].Value})
			return err
		})
		step(2, func() error { _, err := profileFn{in, p, key[0].Value}.Do(b.Context(), env, item); return err })
	}
	b.ReportMetric(spent[0]*1e6/float64(b.N*listeners), "sample-µs/listener")
	b.ReportMetric(spent[1]*1e6/float64(b.N*listeners), "persona-µs/listener")
	b.ReportMetric(spent[2]*1e6/float64(b.N*listeners), "profile-µs/listener")
}

// BenchmarkPersonas chooses the number of personas and cuts a full sample of listeners.
func BenchmarkPersonas(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	const n, dim = sampleSize, 133
	rows := make([]float32, n*dim)
	for i := range rows {
		rows[i] = float32(r.NormFloat64() + math.Sin(float64(i/dim%7*(i%dim))))
	}
	last := make([]int32, n)
	for i := range last {
		last[i] = persona.None
	}
	start := cpuSeconds(b)
	for b.Loop() {
		if _, err := persona.Fit(rows, dim, last, persona.Params{Min: 4, Max: 12, Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((cpuSeconds(b)-start)/float64(b.N), "cpu-s/op")
}

// cpuSeconds returns the user and system time of this process: other programs of the machine do not count.
func cpuSeconds(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
