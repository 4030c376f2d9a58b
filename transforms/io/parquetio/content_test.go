package parquetio_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// The content of a table does not depend on how its rows are cut into files, and changes with any value.
func TestContentOf(t *testing.T) {
	s := memLake(t)
	table, _ := schemas.FindTable(schemas.TablePreferencesByHour)
	hour := int32(5)
	rows := []schemas.PreferenceByHour{
		{Region: "AU", Hour: &hour, Value: "calm"}, {Region: "AU", Value: "calm"}, {Region: "SE", Hour: &hour, Value: "calm", ShrunkShare: .5}, {Region: "SE", Hour: &hour, Value: "sad"},
	}
	n := 0
	content := func(parts ...[]schemas.PreferenceByHour) (parquetio.Content, error) {
		var files []lake.FileRef
		for _, p := range parts {
			n++
			ref, err := parquetio.WriteAll(t.Context(), s, fmt.Sprintf("part-%d", n), parquetio.MetaFor(table, "r"), p)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, ref)
		}
		return parquetio.ContentOf(t.Context(), s, files, table)
	}
	whole, err := content(rows)
	if err != nil || whole.Rows != 4 {
		t.Fatalf("content %+v, %v", whole, err)
	}
	for _, cut := range [][][]schemas.PreferenceByHour{
		{rows[:2], rows[2:]}, {{rows[1], rows[3]}, {rows[0], rows[2]}, nil},
	} {
		if got, err := content(cut...); got != whole || err != nil {
			t.Errorf("cut in %d files: %+v %v, want %+v", len(cut), got, err, whole)
		}
	}
	changed := append([]schemas.PreferenceByHour(nil), rows...)
	changed[2].ShrunkShare = .25
	if got, _ := content(changed); got.Hash == whole.Hash {
		t.Error("a changed value has the same hash")
	}
	if _, err := content([]schemas.PreferenceByHour{rows[2], rows[0]}); err == nil || !strings.Contains(err.Error(), "row 2 is out of the declared order") {
		t.Errorf("unsorted file: %v", err)
	}
	if _, err := content(rows[:1], rows[:1]); err == nil || !strings.Contains(err.Error(), "has the key of the row before it") {
		t.Errorf("repeated key: %v", err)
	}
	if got, err := content(); err != nil || got.Rows != 0 {
		t.Errorf("no files: %+v %v", got, err)
	}
}

// Rows with lists, lists in structs and texts of any bytes: the hash depends on no file, row group or dictionary, and on every value.
func TestContentOfLists(t *testing.T) {
	s := memLake(t)
	table, _ := schemas.FindTable(schemas.TableUserRecommendations)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	rows := randomLists(rng)
	content := func(rows []schemas.Recommendation, files, group int) parquetio.Content {
		t.Helper()
		cut := make([][]schemas.Recommendation, files)
		for _, r := range rows {
			i := rng.IntN(files)
			cut[i] = append(cut[i], r)
		}
		var refs []lake.FileRef
		for _, part := range cut {
			meta := parquetio.MetaFor(table, "r")
			meta.RowGroupRows, meta.RowGroupKeys = int64(group), 0
			ref, err := parquetio.WriteAll(t.Context(), s, fmt.Sprint("part-", rng.Uint64()), meta, part)
			if err != nil {
				t.Fatal(err)
			}
			refs = append(refs, ref)
		}
		got, err := parquetio.ContentOf(t.Context(), s, refs, table)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	want := content(rows, 1, 100_000)
	for _, files := range []int{1, 3, 4} {
		if got := content(rows, files, 1+rng.IntN(500)); got != want {
			t.Errorf("%d files: %v, want %v", files, got, want)
		}
	}
	for name, change := range map[string]func(r *schemas.Recommendation){
		"number":        func(r *schemas.Recommendation) { r.Context++ },
		"text":          func(r *schemas.Recommendation) { r.Tier += "x" },
		"end of a list": func(r *schemas.Recommendation) { r.Sources = append(slices.Clone(r.Sources), "more") },
		"list of structs": func(r *schemas.Recommendation) {
			r.Seeds = append(slices.Clone(r.Seeds), schemas.Reason{})
		},
	} {
		changed := slices.Clone(rows)
		change(&changed[rng.IntN(len(changed))])
		if got := content(changed, 2, 300); got.Hash == want.Hash || got.Rows != want.Rows {
			t.Errorf("another %s: the same hash", name)
		}
	}
}

// randomLists returns rows in the table's order, of listeners one of whose ids begins another.
func randomLists(rng *rand.Rand) (rows []schemas.Recommendation) {
	for _, user := range []string{"a", "a\x00", "a\x00\x00", "a\x00\x01", "aa", "b"} {
		for _, list := range []string{"", "general", "x"} {
			for rank := range int32(1 + rng.IntN(60)) {
				r := schemas.Recommendation{UserID: user, List: list, Rank: rank - 2, SongID: fmt.Sprint("s", rng.IntN(50)), Score: rng.Float32()}
				for range rng.IntN(3) {
					r.Sources = append(r.Sources, fmt.Sprint(rng.IntN(4)))
					r.Seeds = append(r.Seeds, schemas.Reason{SongID: fmt.Sprint("s", rng.IntN(50)), Share: rng.Float32()})
				}
				rows = append(rows, r)
			}
		}
	}
	return rows
}

// A key is looked for among neighbours in the order: its columns are those of the order.
func TestKeysAreOrders(t *testing.T) {
	for _, table := range schemas.Tables() {
		if !slices.Equal(table.Key, table.Order) {
			t.Errorf("table %s has key %v and order %v", table.Name, table.Key, table.Order)
		}
	}
}
