package parquetio_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

type wordRow struct {
	Dict  string  `parquet:"dict,dict"`
	Plain string  `parquet:"plain,plain"`
	Score float32 `parquet:"score,plain"`
	Maybe *string `parquet:"maybe,optional"`
	N     int64   `parquet:"n"`
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
		dict, err1 := g.Strings("dict")
		plain, err2 := g.Strings("plain")
		scores, err3 := g.Floats("score")
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		if len(dict.Words) > 97 || len(dict.At) != len(scores) || len(plain.At) != len(scores) {
			t.Fatalf("%d words for %d, %d and %d rows", len(dict.Words), len(dict.At), len(plain.At), len(scores))
		}
		for i, x := range scores {
			if got := (wordRow{Dict: dict.Words[dict.At[i]], Plain: plain.Words[plain.At[i]], Score: x}); got != rows[at] {
				t.Fatalf("row %d is %+v, want %+v", at, got, rows[at])
			}
			at++
		}
	}
	if at != len(rows) {
		t.Errorf("%d rows, want %d", at, len(rows))
	}
}

// Columns that are missing, may be null or hold something else are named, and so is a damaged file.
func TestGroupsRefuse(t *testing.T) {
	key, s := putWords(t, make([]wordRow, 10))
	for g, err := range parquetio.Groups(t.Context(), s, lake.FileRef{Key: key}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, column := range []string{"none", "maybe", "n", "score"} {
			if _, err := g.Strings(column); err == nil || !strings.Contains(err.Error(), column) || !strings.Contains(err.Error(), key) {
				t.Errorf("strings of %s: %v", column, err)
			}
		}
		if _, err := g.Floats("dict"); err == nil {
			t.Error("strings are numbers")
		}
	}
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
