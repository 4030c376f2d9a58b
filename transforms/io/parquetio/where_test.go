package parquetio_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

type thing struct {
	Name  string    `parquet:"name,plain"`
	Size  int64     `parquet:"size,plain"`
	Level int32     `parquet:"level,plain"`
	Part  float32   `parquet:"part,plain"`
	Whole *float64  `parquet:"whole,optional,plain"`
	Good  bool      `parquet:"good"`
	At    time.Time `parquet:"at,timestamp(microsecond)"`
	Tags  []string  `parquet:"tags,list"`
}

var things = schemas.Table{Name: "things", Version: 1, Key: []string{"name"}, Order: []string{"name"}}

func writeThings(t *testing.T, s lake.Store, n int) []thing {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 1))
	rows := make([]thing, n)
	for i := range rows {
		rows[i] = thing{
			Name: fmt.Sprintf("%05d-a-name-that-is-much-longer-than-sixteen-bytes", i), Size: int64(r.IntN(50)) - 25, Level: int32(r.IntN(9)),
			Part: float32(r.IntN(10)) / 10, Good: r.IntN(2) == 0, At: time.Unix(int64(r.IntN(1000))*1000, 0).UTC(), Tags: []string{},
		}
		if r.IntN(3) > 0 {
			v := float64(r.IntN(4))
			rows[i].Whole = &v
		}
		for range r.IntN(3) {
			rows[i].Tags = append(rows[i].Tags, string(rune('a'+r.IntN(4))))
		}
	}
	meta := parquetio.MetaFor(things, "r")
	meta.RowGroupRows = 1000
	if _, err := parquetio.WriteAll(t.Context(), s, "things.parquet", meta, rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// Where finds what a plain scan of the rows finds, in their order, for every operator and type.
func TestWhereEqualsScan(t *testing.T) {
	s := memLake(t)
	rows := writeThings(t, s, 3000)
	day := time.Unix(500_000, 0).UTC()
	any := func(tags []string, want string) bool {
		for _, tag := range tags {
			if tag == want {
				return true
			}
		}
		return false
	}
	for text, holds := range map[string]func(thing) bool{
		"name=" + rows[7].Name:            func(r thing) bool { return r.Name == rows[7].Name },
		"name<00010":                      func(r thing) bool { return r.Name < "00010" },
		"name>02990":                      func(r thing) bool { return r.Name > "02990" },
		"size>=20":                        func(r thing) bool { return r.Size >= 20 },
		"size<-24":                        func(r thing) bool { return r.Size < -24 },
		"level!=3":                        func(r thing) bool { return r.Level != 3 },
		"part=0.3":                        func(r thing) bool { return r.Part == .3 },
		"whole<=1":                        func(r thing) bool { return r.Whole != nil && *r.Whole <= 1 },
		"whole is null":                   func(r thing) bool { return r.Whole == nil },
		"whole is not null":               func(r thing) bool { return r.Whole != nil },
		"tags is null":                    func(r thing) bool { return len(r.Tags) == 0 },
		"name is not null":                func(thing) bool { return true },
		"good=true":                       func(r thing) bool { return r.Good },
		"at>=" + day.Format(time.RFC3339): func(r thing) bool { return !r.At.Before(day) },
		"tags=b":                          func(r thing) bool { return any(r.Tags, "b") },
	} {
		var want []string
		for _, r := range rows {
			if holds(r) {
				want = append(want, r.Name)
			}
		}
		got := names(t, s, len(rows), text)
		if len(want) == 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %d rows, want %d", text, len(got), len(want))
		}
		if first := names(t, s, 1, text); !reflect.DeepEqual(first, want[:1]) {
			t.Errorf("%s: first row %v, want %s", text, first, want[0])
		}
	}
	if got := names(t, s, len(rows), "size>=20", "good=true", "size!=21"); len(got) == 0 || len(got) >= len(names(t, s, len(rows), "size>=20")) {
		t.Errorf("three conditions leave %d rows", len(got))
	}
}

func names(t *testing.T, s lake.Store, limit int, texts ...string) (out []string) {
	t.Helper()
	var conds []parquetio.Condition
	for _, text := range texts {
		c, err := parquetio.ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		conds = append(conds, c)
	}
	_, rows, _, err := parquetio.Where(t.Context(), s, "things.parquet", conds, limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		out = append(out, r[0].(string))
	}
	return out
}

// Only row groups whose bounds allow a match are read, and the cost says so.
func TestWhereReadsFewGroups(t *testing.T) {
	c := &counted{Store: memLake(t)}
	rows := writeThings(t, c, 20000)
	c.bytes = 0
	_, found, cost, err := parquetio.Where(t.Context(), c, "things.parquet", []parquetio.Condition{{Column: "name", Op: "=", Value: rows[7000].Name}}, 10)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d rows, %v", len(found), err)
	}
	if cost.Opened != 1 || cost.Groups < 2 || cost.Bytes != int64(c.bytes) || cost.Bytes >= cost.FileBytes/2 {
		t.Errorf("cost %+v, the store counted %d bytes", cost, c.bytes)
	}
}

// A condition that does not fit names what is wrong.
func TestConditionErrors(t *testing.T) {
	s := memLake(t)
	writeThings(t, s, 10)
	if _, err := parquetio.ParseCondition("name"); !errors.Is(err, parquetio.ErrCondition) {
		t.Errorf("no operator: %v", err)
	}
	for _, c := range []parquetio.Condition{{Column: "nam", Op: "=", Value: "x"}, {Column: "size", Op: "=", Value: "x"}, {Column: "at", Op: "<", Value: "noon"}} {
		if _, _, _, err := parquetio.Where(t.Context(), s, "things.parquet", []parquetio.Condition{c}, 1); !errors.Is(err, parquetio.ErrCondition) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// Pick returns the rows at the positions asked for; Values a column as it stands.
func TestPickAndValues(t *testing.T) {
	s := memLake(t)
	rows := writeThings(t, s, 2500)
	want := []int64{0, 999, 1000, 2499}
	_, got, err := parquetio.Pick(t.Context(), s, "things.parquet", want)
	if err != nil || len(got) != len(want) {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	for i, at := range want {
		if got[i][0] != rows[at].Name {
			t.Errorf("row %d is %v, want %s", at, got[i][0], rows[at].Name)
		}
	}
	if _, _, err := parquetio.Pick(t.Context(), s, "things.parquet", []int64{2500}); err == nil {
		t.Error("a row beyond the end was picked")
	}
	f, err := parquetio.OpenFile(t.Context(), s, "things.parquet")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var at int
	err = f.Values(t.Context(), "whole", func(v any) {
		if w := rows[at].Whole; (w == nil) != (v == nil) || (w != nil && *w != v) {
			t.Errorf("value %d is %v, want %v", at, v, w)
		}
		at++
	})
	if err != nil || at != len(rows) {
		t.Errorf("%d values, %v", at, err)
	}
	if err := f.Values(t.Context(), "nothing", func(any) {}); !errors.Is(err, parquetio.ErrCondition) {
		t.Errorf("unknown column: %v", err)
	}
}

// Rows that lie far apart are found where reading all finds them, lists and nulls too.
func TestPickAfterGaps(t *testing.T) {
	s := memLake(t)
	table, _ := schemas.FindTable(schemas.TableSongVectors)
	rows := make([]schemas.SongVector, 20_000)
	for i := range rows {
		rows[i] = schemas.SongVector{SongID: fmt.Sprintf("s%06d", i), Playlists: int64(i), Source: schemas.VectorFit}
		for range i % 37 {
			rows[i].Vector = append(rows[i].Vector, float32(i))
		}
	}
	if _, err := parquetio.WriteAll(t.Context(), s, "vectors.parquet", parquetio.MetaFor(table, "r"), rows); err != nil {
		t.Fatal(err)
	}
	f, err := parquetio.OpenFile(t.Context(), s, "vectors.parquet")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var positions []int64
	var want [][]any
	at := int64(0)
	for row, err := range f.All() {
		if err != nil {
			t.Fatal(err)
		}
		if at < 3 || at%1700 == 5 || at%4001 < 2 || at == int64(len(rows))-1 {
			positions, want = append(positions, at), append(want, row)
		}
		at++
	}
	if _, got, err := parquetio.Pick(t.Context(), s, "vectors.parquet", positions); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%d rows, %v, want %d as they stand", len(got), err, len(want))
	}
}
