package parquetio_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

type wordRow struct {
	Dict  string  `parquet:"dict,dict"`
	Plain string  `parquet:"plain,plain"`
	Score float32 `parquet:"score,plain"`
}

// Columns hold what the rows hold, group by group, with and without dictionary, over many pages.
func TestGroups(t *testing.T) {
	rows := make([]wordRow, 10_000)
	for i := range rows {
		rows[i] = wordRow{Dict: fmt.Sprint("d", i*i%97), Plain: fmt.Sprint("p", i), Score: float32(i) / 3}
	}
	key, s := putWords(t, rows, parquet.MaxRowsPerRowGroup(3000), parquet.PageBufferSize(1024))
	at := 0
	for g, err := range parquetio.Groups(t.Context(), s, lake.FileRef{Key: key}) {
		if err != nil {
			t.Fatal(err)
		}
		var dict, plain, scores parquetio.Values
		err1, err2, err3 := g.Load(t.Context(), "dict", &dict), g.Load(t.Context(), "plain", &plain), g.Load(t.Context(), "score", &scores)
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		if len(dict.Names) > 97 || len(scores.Reals) != g.Rows() {
			t.Fatalf("%d words, %d scores of %d rows", len(dict.Names), len(scores.Reals), g.Rows())
		}
		for i, x := range scores.Reals {
			if got := (wordRow{Dict: dict.Text(i), Plain: plain.Text(i), Score: x}); got != rows[at] {
				t.Fatalf("row %d is %+v, want %+v", at, got, rows[at])
			}
			at++
		}
	}
	if at != len(rows) {
		t.Errorf("%d rows, want %d", at, len(rows))
	}
}

// A damaged file is named.
func TestGroupsOfCutFile(t *testing.T) {
	s := memLake(t)
	if _, err := s.Create(t.Context(), "cut.parquet", strings.NewReader("PAR1 cut"), 8); err != nil {
		t.Fatal(err)
	}
	for _, err := range parquetio.Groups(t.Context(), s, lake.FileRef{Key: "cut.parquet"}) {
		if err == nil || !strings.Contains(err.Error(), "cut.parquet") {
			t.Errorf("a cut file: %v", err)
		}
	}
}

func putWords(t *testing.T, rows []wordRow, options ...parquet.WriterOption) (string, lake.Store) {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[wordRow](&b, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s := memLake(t)
	if _, err := s.Create(t.Context(), "words.parquet", &b, int64(b.Len())); err != nil {
		t.Fatal(err)
	}
	return "words.parquet", s
}

// Texts written without dictionary have as many codes as there are of them until they are unified, and mean the same after.
func TestUnify(t *testing.T) {
	rows := []wordRow{{Plain: "a"}, {Plain: "b"}, {Plain: "a"}, {Plain: "b"}, {Plain: "c"}}
	key, s := putWords(t, rows)
	for g, err := range parquetio.Groups(t.Context(), s, lake.FileRef{Key: key}) {
		if err != nil {
			t.Fatal(err)
		}
		var c parquetio.Values
		if err := g.Load(t.Context(), "plain", &c); err != nil {
			t.Fatal(err)
		}
		c.Unify()
		for i, r := range rows {
			if c.Text(i) != r.Plain || (c.Codes[i] == c.Codes[0]) != (r.Plain == "a") {
				t.Errorf("row %d has code %d, %s, want %s", i, c.Codes[i], c.Text(i), r.Plain)
			}
		}
	}
}

// Lists come row by row, empty ones too, over pages and row groups, all at once or one after another; a column of another kind is refused.
func TestLoadLists(t *testing.T) {
	s := memLake(t)
	rows := make([]schemas.SongVector, 1000)
	for i := range rows {
		rows[i] = schemas.SongVector{SongID: fmt.Sprintf("s%04d", i), Vector: make([]float32, i%7*200)}
		for k := range rows[i].Vector {
			rows[i].Vector[k] = float32(i) + float32(k)/2048
		}
	}
	table, _ := schemas.FindTable(schemas.TableSongVectors)
	meta := parquetio.MetaFor(table, "r")
	meta.RowGroupRows = 300
	ref, err := parquetio.WriteAll(t.Context(), s, "vectors", meta, rows)
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for g, err := range parquetio.Groups(t.Context(), s, ref) {
		if err != nil {
			t.Fatal(err)
		}
		var lists parquetio.Lists
		if err := g.LoadLists(t.Context(), "song_id", &lists); err == nil || !strings.Contains(err.Error(), "song_id") {
			t.Errorf("a column of texts: %v", err)
		}
		if err := g.LoadLists(t.Context(), "vector", &lists); err != nil {
			t.Fatal(err)
		}
		if err := g.EachList(t.Context(), "song_id", nil); err == nil || !strings.Contains(err.Error(), "song_id") {
			t.Errorf("a column of texts: %v", err)
		}
		if err := g.EachList(t.Context(), "vector", func(row int, list []float32) {
			if !slices.Equal(list, rows[at].Vector) || !slices.Equal(lists.Row(row), list) {
				t.Fatalf("row %d is %v, among all of its group %v, want %v", at, list, lists.Row(row), rows[at].Vector)
			}
			at++
		}); err != nil {
			t.Fatal(err)
		}
	}
	if at != len(rows) {
		t.Errorf("%d rows, want %d", at, len(rows))
	}
}
