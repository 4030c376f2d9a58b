package parquetio

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// flatRow has one column of every kind that Load reads, and two of others.
type flatRow struct {
	Dict  string    `parquet:"dict,dict"`
	Plain string    `parquet:"plain,plain"`
	Small int32     `parquet:"small,plain"`
	At    time.Time `parquet:"at,timestamp(microsecond)"`
	Big   *int64    `parquet:"big,optional,plain"`
	Yes   *bool     `parquet:"yes,optional"`
	Maybe *string   `parquet:"maybe,optional,dict"`
	List  []string  `parquet:"list,list"`
	Score float32   `parquet:"score,plain"`
	Real  float64   `parquet:"real,plain"`
}

func maybe[T any](r *rand.Rand, v T) *T {
	if r.IntN(3) == 0 {
		return nil
	}
	return &v
}

// Columns of groups hold what Read gives, over several row groups and with values missing.
func TestColumnsEqualRead(t *testing.T) {
	s := openMem(t)
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		rows := make([]flatRow, r.IntN(400))
		for i := range rows {
			rows[i] = flatRow{
				Dict: fmt.Sprint(r.IntN(5)), Plain: fmt.Sprint(r.IntN(100)), Small: r.Int32() - 1<<30, At: time.UnixMicro(r.Int64N(1 << 50)).UTC(),
				Big: maybe(r, r.Int64()), Yes: maybe(r, r.IntN(2) == 0), Maybe: maybe(r, fmt.Sprint(r.IntN(3))), Score: r.Float32(),
			}
		}
		ref, err := WriteAll(t.Context(), s, fmt.Sprint(seed), Meta{Table: "flat", RowGroupRows: int64(1 + r.IntN(200))}, rows)
		if err != nil {
			t.Fatal(err)
		}
		var got []flatRow
		names := []string{"small", "dict", "plain", "at", "big", "yes", "maybe", "score"}
		c := make([]Values, len(names))
		for g, err := range Groups(t.Context(), s, ref) {
			for i := 0; i < len(names) && err == nil; i++ {
				err = g.Load(t.Context(), names[i], &c[i])
			}
			if err != nil {
				t.Fatal(err)
			}
			for i := range g.Rows() {
				row := flatRow{Small: int32(c[0].Ints[i]), Dict: c[1].Text(i), Plain: c[2].Text(i), At: time.UnixMicro(c[3].Ints[i]).UTC(), Score: c[7].Reals[i]}
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
		}
		if len(got) != len(rows) || len(rows) > 0 && !reflect.DeepEqual(got, rows) {
			t.Fatalf("seed %d: columns differ from the rows written", seed)
		}
	}
}

// A column that is missing, of lists or of a type that is not read is named with its file.
func TestColumnsErrors(t *testing.T) {
	s := openMem(t)
	ref, err := WriteAll(t.Context(), s, "f", Meta{Table: "flat"}, []flatRow{{Dict: "a"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"none": "is missing", "list": "is missing", "real": "not read"} {
		for g, err := range Groups(t.Context(), s, ref) {
			if err != nil {
				t.Fatal(err)
			}
			if err := g.Load(t.Context(), name, new(Values)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "f: ") && !strings.Contains(err.Error(), "read f") {
				t.Errorf("column %s: error %v, want one with %q and the file", name, err, want)
			}
		}
	}
}
