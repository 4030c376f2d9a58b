package recommend

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// written are listeners of one bucket in the benchmark.
const written = 5000

// BenchmarkWrite writes general lists of 100 rows, each with up to three seeds, sources and adjustments, of 100,000 songs with ids of
// 22 letters: columns from lists, then the table's file.
func BenchmarkWrite(b *testing.B) {
	s, err := lake.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	m, lists := writtenLists(100_000)
	table, _ := schemas.FindTable(schemas.TableUserRecommendations)
	b.ReportAllocs()
	var before syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		meta := parquetio.MetaFor(table, "20260101T000000Z-bench")
		meta.Shared = m.texts
		w, err := parquetio.NewWriter[schemas.Recommendation](b.Context(), s, fmt.Sprintf("bucket-%d.parquet", n), meta)
		if err != nil {
			b.Fatal(err)
		}
		rows := m.maker()
		for i := range written {
			user := fmt.Sprintf("user-%08d", i)
			if err := rows.write(w, user, lists[i%len(lists)]); err != nil {
				b.Fatal(err)
			}
		}
		ref, err := w.Close()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(ref.Size)/float64(ref.Rows), "B/row")
		n++
	}
	var after syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		b.Fatal(err)
	}
	used := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
	b.ReportMetric(float64(used.Nanoseconds())/1000/float64(n*written), "cpu-µs/listener")
}

// writtenLists returns a model of so many songs and the lists of 256 listeners with 50 favourites.
func writtenLists(songs int) (*model, [][]scoring.List) {
	r := rand.New(rand.NewPCG(1, 5))
	m := &model{ids: make([]string, songs)}
	for i := range m.ids {
		m.ids[i] = fmt.Sprintf("%08d%014x", i, r.Uint64()>>8)
	}
	m.texts = parquetio.NewVocabulary(m.ids)
	m.ids = m.texts.Texts
	out := make([][]scoring.List, 256)
	for i := range out {
		list := scoring.List{Name: scoring.General, Weights: scoring.Weights{Taste: 0.7, Context: 0.2, Popularity: 0.1}}
		list.Cell = &scoring.Cell{Name: "SE/weekday/evening/phone", Level: "SE/all/evening/all"}
		favourites := r.Perm(songs)[:50]
		score := float32(1)
		for range 100 {
			score -= r.Float32() / 200
			row := scoring.Row{Song: int32(r.IntN(songs)), Score: score, Terms: scoring.Terms{Taste: r.Float32(), Context: r.Float32(), Popularity: r.Float32()}}
			row.Sources = uint16(1 | 1<<r.IntN(12))
			for range r.IntN(scoring.MaxSeeds + 1) {
				row.Seeds = append(row.Seeds, scoring.Seed{Song: int32(favourites[r.IntN(50)]), Share: r.Float32(), Similarity: r.Float32()})
			}
			if r.IntN(3) == 0 {
				row.Adjustments[scoring.ArtistAgain] = -0.01
				row.Adjustment = row.Adjustments.Sum()
			}
			list.Rows = append(list.Rows, row)
		}
		out[i] = []scoring.List{list}
	}
	return m, out
}
