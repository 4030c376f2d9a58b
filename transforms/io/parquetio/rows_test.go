package parquetio_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"segue/schemas"
	"segue/transforms/io/parquetio"
)

// others are the rows that are no published table.
var others = []reflect.Type{
	reflect.TypeFor[schemas.Playlist](), reflect.TypeFor[schemas.Song](), reflect.TypeFor[schemas.Listener](), reflect.TypeFor[schemas.Play](),
	reflect.TypeFor[schemas.CleanPlay](), reflect.TypeFor[schemas.CleanPlaylist](),
}

// A changed tag or type of any row shows as a change of this text: raise the table's version, then run make golden.
func TestSchemasAreGolden(t *testing.T) {
	var b strings.Builder
	for _, table := range schemas.Tables() {
		fmt.Fprintf(&b, "table %s version %d\n%s\n\n", table.Name, table.Version, parquet.SchemaOf(reflect.New(table.Row).Interface()))
	}
	for _, row := range others {
		fmt.Fprintf(&b, "%s\n\n", parquet.SchemaOf(reflect.New(row).Interface()))
	}
	const path = "testdata/schemas.golden"
	if os.Getenv("SEGUE_GOLDEN") != "" { // make golden
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("schemas changed; if meant, run make golden\n%s", firstDifference(string(want), b.String()))
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d: got  %s\n        want %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// Every row type comes back as it was written: random values, zero values, over several row groups, and no rows at all.
func TestEveryRowRoundTrips(t *testing.T) {
	everyRow[schemas.Rejected](t)
	everyRow[schemas.SongRow](t)
	everyRow[schemas.Session](t)
	everyRow[schemas.SongVector](t)
	everyRow[schemas.SongNeighbour](t)
	everyRow[schemas.SongMood](t)
	everyRow[schemas.PreferenceByHour](t)
	everyRow[schemas.DevicePreference](t)
	everyRow[schemas.Chart](t)
	everyRow[schemas.PopularByGenre](t)
	everyRow[schemas.PopularByContext](t)
	everyRow[schemas.Persona](t)
	everyRow[schemas.UserProfile](t)
	everyRow[schemas.Recommendation](t)
	everyRow[schemas.Candidate](t)
	everyRow[schemas.Coverage](t)
	everyRow[schemas.ListQuality](t)
	everyRow[schemas.Evaluation](t)
	everyRow[schemas.Playlist](t)
	everyRow[schemas.Song](t)
	everyRow[schemas.Listener](t)
	everyRow[schemas.Play](t)
	everyRow[schemas.CleanPlay](t)
	everyRow[schemas.CleanPlaylist](t)
}

func everyRow[T any](t *testing.T) {
	name := reflect.TypeFor[T]().Name()
	t.Run(name, func(t *testing.T) {
		const seed = 7
		s := memLake(t)
		rnd := rand.New(rand.NewPCG(seed, 0))
		rows := make([]T, 2100)
		for i := range rows[1:] {
			fill(rnd, reflect.ValueOf(&rows[i+1]).Elem())
		}
		first := reflect.ValueOf(&rows[0]).Elem() // of zeros, but no time before 1678: the encoder counts nanoseconds
		for i := range first.NumField() {
			if first.Field(i).Type() == reflect.TypeFor[time.Time]() {
				first.Field(i).Set(reflect.ValueOf(time.Unix(0, 0)))
			}
		}
		for _, n := range []int{0, 1, len(rows)} {
			ref, err := parquetio.WriteAll(t.Context(), s, fmt.Sprintf("%s-%d", name, n), parquetio.Meta{RowGroupRows: 700}, rows[:n])
			if err != nil {
				t.Fatal(err)
			}
			got, err := parquetio.ReadAll[T](t.Context(), s, ref)
			if err != nil || len(got) != n || ref.Rows != int64(n) {
				t.Fatalf("%d rows: got %d, reference %d, %v", n, len(got), ref.Rows, err)
			}
			for i := range got {
				clean(reflect.ValueOf(&got[i]).Elem())
				want := rows[i]
				clean(reflect.ValueOf(&want).Elem())
				if !reflect.DeepEqual(got[i], want) {
					t.Fatalf("seed %d: row %d of %d is\n%+v, want\n%+v", seed, i, n, got[i], want)
				}
			}
		}
	})
}

// fill sets a value at random; times have nanoseconds, which are not kept.
func fill(rnd *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString([]string{"", "a", "é\u0000", fmt.Sprint(rnd.Uint64())}[rnd.IntN(4)])
	case reflect.Bool:
		v.SetBool(rnd.IntN(2) == 0)
	case reflect.Int32, reflect.Int64:
		v.SetInt(rnd.Int64() >> (32 + rnd.IntN(31)) * int64(1-2*rnd.IntN(2)))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(float32(rnd.NormFloat64())))
	case reflect.Pointer:
		if rnd.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(rnd, v.Elem())
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), rnd.IntN(4), 4))
		for i := range v.Len() {
			fill(rnd, v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(rnd.Int64N(4e9)-2e9, rnd.Int64N(1e9)).In(time.FixedZone("here", 3600))))
			return
		}
		for i := range v.NumField() {
			fill(rnd, v.Field(i))
		}
	}
}

// clean cuts times to microseconds UTC and makes empty slices nil: the format does not tell them apart.
func clean(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			kept := reflect.New(v.Type().Elem())
			kept.Elem().Set(v.Elem())
			clean(kept.Elem())
			v.Set(kept)
		}
	case reflect.Slice:
		if v.Len() == 0 {
			v.SetZero()
		}
		for i := range v.Len() {
			clean(v.Index(i))
		}
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			v.Set(reflect.ValueOf(time.UnixMicro(at.UnixMicro()).UTC()))
			return
		}
		for i := range v.NumField() {
			clean(v.Field(i))
		}
	}
}
