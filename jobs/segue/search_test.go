package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// bigTable publishes lists of listeners in files of some 16 MB, as many as make SEGUE_BIG_TABLE_MB (default 24), and returns
// the lake and a listener.
func bigTable(t *testing.T) (dir, user string, bytes int64) {
	t.Helper()
	mb, err := strconv.Atoi(os.Getenv("SEGUE_BIG_TABLE_MB"))
	if err != nil {
		mb = 24
	}
	dir = t.TempDir()
	s, err := lake.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	const run, listeners, ranks = "2026-01-05.1", 20_000, 50
	def, _ := schemas.FindTable(schemas.TableUserRecommendations)
	out := lake.Table{Name: def.Name, Version: def.Version, Key: def.Key, Order: def.Order}
	n := max(2, mb/16)
	rng := rand.New(rand.NewPCG(7, 1))
	id := 0
	for i := range n {
		rows := make([]schemas.Recommendation, 0, listeners*ranks)
		for found := 0; found < listeners; id++ {
			name := fmt.Sprintf("u%09d", id)
			if schemas.Bucket(name, n) != i {
				continue
			}
			found++
			user = name
			for rank := range ranks {
				rows = append(rows, schemas.Recommendation{
					UserID: name, List: schemas.ListGeneral, Rank: int32(rank + 1), SongID: fmt.Sprintf("%06x", rng.IntN(1<<20)), Score: rng.Float32(),
					Taste: rng.Float32(), Context: rng.Float32(), Popularity: rng.Float32(), Sources: []string{"neighbours"},
				})
			}
		}
		ref, err := parquetio.WriteAll(t.Context(), s, lake.RunKey(run, "tables", def.Name, fmt.Sprintf("part-%04d.parquet", i)), parquetio.MetaFor(def, run), rows)
		if err != nil {
			t.Fatal(err)
		}
		out.Files, out.Rows, out.Bytes = append(out.Files, ref), out.Rows+ref.Rows, out.Bytes+ref.Size
	}
	if err := lake.Publish(t.Context(), s, lake.Manifest{Run: run, Date: "2026-01-05", Attempt: 1, Tables: []lake.Table{out}}); err != nil {
		t.Fatal(err)
	}
	return dir, user, out.Bytes
}

// A listener's rows are found by reading less than a megabyte, whatever the size of the table; the command says how much.
func TestWhereReadsLittle(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a table of many megabytes: not in -short")
	}
	dir, user, bytes := bigTable(t)
	out := mustSegue(t, "inspect", "where", "user_recommendations", "user_id="+user, "--limit", "100", "--lake", dir)
	said := regexp.MustCompile(`read ([0-9.]+) (B|KiB) of`).FindStringSubmatch(out)
	if said == nil || strings.Count(out, user) != 50 {
		t.Fatalf("table of %d bytes: %d rows\n%.2000s", bytes, strings.Count(out, user), out)
	}
	read, err := strconv.ParseFloat(said[1], 64)
	if said[2] == "KiB" {
		read *= 1024
	}
	if err != nil || read >= 1e6 {
		t.Errorf("read %s %s", said[1], said[2])
	}
	t.Logf("read %s %s of %d bytes", said[1], said[2], bytes)
}

// A table whose first sort column is a number is found by it, though 2 lies outside of "0" to "11".
func TestWhereOfNumbers(t *testing.T) {
	dir := t.TempDir()
	s, err := lake.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]schemas.Persona, 12)
	for i := range rows {
		rows[i].Persona = int32(i)
	}
	m := lake.Manifest{Run: "2026-01-05.1", Date: "2026-01-05", Attempt: 1, Tables: []lake.Table{published(t, s, "2026-01-05.1", schemas.TablePersonas, rows)}}
	if err := lake.Publish(t.Context(), s, m); err != nil {
		t.Fatal(err)
	}
	if out := mustSegue(t, "inspect", "where", "personas", "persona=2", "--format", "csv", "--lake", dir); !strings.Contains(out, "\n2,") {
		t.Errorf("persona 2 is not found:\n%s", out)
	}
}
