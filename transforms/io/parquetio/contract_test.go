package parquetio_test

import (
	"slices"
	"strings"
	"testing"

	"segue/schemas"
	"segue/transforms/io/parquetio"
)

// Every table that is written as its row says keeps its contract.
func TestContractsAreKept(t *testing.T) {
	s := memLake(t)
	table, _ := schemas.FindTable(schemas.TableEvaluation)
	ref, err := parquetio.WriteAll(t.Context(), s, "kept.parquet", parquetio.MetaFor(table, "2026-01-05.1"), []schemas.Evaluation{{Metric: "m"}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := parquetio.OpenFile(t.Context(), s, ref.Key)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.Breaches(table); len(got) > 0 {
		t.Errorf("breaches of a sound file: %v", got)
	}
}

// A column that is missing, new, of another type, or may be null is named.
func TestBreaches(t *testing.T) {
	type row struct {
		Metric  string  `parquet:"metric,dict"`
		Stratum *string `parquet:"stratum,dict,optional"`
		Value   float32 `parquet:"value,plain"`
		Extra   int32   `parquet:"extra,plain"`
	}
	s := memLake(t)
	table, _ := schemas.FindTable(schemas.TableEvaluation)
	ref, err := parquetio.WriteAll(t.Context(), s, "broken.parquet", parquetio.Meta{Table: table.Name}, []row{{Metric: "m"}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := parquetio.OpenFile(t.Context(), s, ref.Key)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := f.Breaches(table)
	for _, want := range []string{"column method is missing", "column extra is not in the contract", "column stratum is STRING, nullable, the contract says STRING, never null", "column value is FLOAT, never null, the contract says DOUBLE, never null"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not among\n%s", want, strings.Join(got, "\n"))
		}
	}
}
