package parquetio

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"segue/transforms/io/lake"
)

// flatRow has one column of every kind that Columns reads.
type flatRow struct {
	Dict  string    `parquet:"dict,dict"`
	Plain string    `parquet:"plain,plain"`
	Small int32     `parquet:"small,plain"`
	At    time.Time `parquet:"at,timestamp(microsecond)"`
	Big   *int64    `parquet:"big,optional,plain"`
	Yes   *bool     `parquet:"yes,optional"`
	Maybe *string   `parquet:"maybe,optional,dict"`
	List  []string  `parquet:"list,list"`
	Real  float64   `parquet:"real,plain"`
}

func maybe[T any](r *rand.Rand, v T) *T {
	if r.IntN(3) == 0 {
		return nil
	}
	return &v
}

// Columns gives what Read gives, over several row groups and with values missing.
func TestColumnsEqualRead(t *testing.T) {
	s, err := lake.Open(t.Context(), "mem://"+t.Name())
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		rows := make([]flatRow, r.IntN(400))
		for i := range rows {
			rows[i] = flatRow{
				Dict: fmt.Sprint(r.IntN(5)), Plain: fmt.Sprint(r.IntN(100)), Small: r.Int32() - 1<<30, At: time.UnixMicro(r.Int64N(1 << 50)).UTC(),
				Big: maybe(r, r.Int64()), Yes: maybe(r, r.IntN(2) == 0), Maybe: maybe(r, fmt.Sprint(r.IntN(3))),
			}
		}
		ref, err := WriteAll(t.Context(), s, fmt.Sprint(seed), Meta{Table: "flat", RowGroupRows: int64(1 + r.IntN(200))}, rows)
		if err != nil {
			t.Fatal(err)
		}
		var got []flatRow
		names := []string{"small", "dict", "plain", "at", "big", "yes", "maybe"}
		if err := Columns(t.Context(), s, ref, names, func(n int, c []Values) error {
			for i := range n {
				row := flatRow{Small: int32(c[0].Ints[i]), Dict: c[1].Text(i), Plain: c[2].Text(i), At: time.UnixMicro(c[3].Ints[i]).UTC()}
				if c[4].Has(i) {
					row.Big = &c[4].Ints[i]
				}
				if c[5].Has(i) {
					yes := c[5].Ints[i] == 1
					row.Yes = &yes
				}
				if c[6].Has(i) {
					text := c[6].Text(i)
					row.Maybe = &text
				}
				if row.Big != nil {
					big := *row.Big
					row.Big = &big
				}
				got = append(got, row)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if len(got) != len(rows) || len(rows) > 0 && !reflect.DeepEqual(got, rows) {
			t.Fatalf("seed %d: columns differ from the rows written", seed)
		}
	}
}

// A column that is missing, of lists or of floats, a damaged file and an error of the caller end the reading.
func TestColumnsErrors(t *testing.T) {
	s, err := lake.Open(t.Context(), "mem://"+t.Name())
	if err != nil {
		t.Fatal(err)
	}
	ref, err := WriteAll(t.Context(), s, "f", Meta{Table: "flat"}, []flatRow{{Dict: "a"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"none": "is missing", "list": "is missing", "real": "not read"} {
		err := Columns(t.Context(), s, ref, []string{name}, func(int, []Values) error { return nil })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("column %s: error %v, want one with %q", name, err, want)
		}
	}
	mine := errors.New("mine")
	if err := Columns(t.Context(), s, ref, []string{"dict"}, func(int, []Values) error { return mine }); !errors.Is(err, mine) {
		t.Errorf("error %v, want the caller's", err)
	}
}
