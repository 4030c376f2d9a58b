package parquetio_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// The content hash is what its definition says, value by value: texts of any length and number of repeats, equal neighbours, lists and nulls.
func TestContentOfIsItsDefinition(t *testing.T) {
	s := memLake(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 2))
	lists := randomLists(rng)
	for from := 0; from < len(lists); {
		n := min(len(lists)-from, []int{1, 2, 127, 128, 200}[rng.IntN(5)])
		text := strings.Repeat(fmt.Sprint(rng.IntN(3)), []int{0, 1, 8, 29, 30, 31, 32, 33, 127, 128, 300}[rng.IntN(11)])
		for i := range n {
			lists[from+i].Tier, lists[from+i].SongID = text, text
		}
		from += n
	}
	equalsDefinition(t, s, schemas.TableUserRecommendations, lists)
	var hours []schemas.PreferenceByHour
	for i := range int32(300) {
		row := schemas.PreferenceByHour{Region: fmt.Sprintf("R%03d", i), Value: "v", ShrunkShare: rng.Float64(), Supported: rng.IntN(2) == 0}
		if rng.IntN(2) == 0 {
			row.Hour = &i
		}
		hours = append(hours, row)
	}
	equalsDefinition(t, s, schemas.TablePreferencesByHour, hours)
}

func equalsDefinition[T any](t *testing.T, s lake.Store, name string, rows []T) {
	t.Helper()
	table, _ := schemas.FindTable(name)
	meta := parquetio.MetaFor(table, "r")
	meta.RowGroupRows = 150
	write := func(key string, rows []T) lake.FileRef {
		ref, err := parquetio.WriteAll(t.Context(), s, key, meta, rows)
		if err != nil {
			t.Fatal(err)
		}
		return ref
	}
	var parts [2][]T
	for i, row := range rows {
		parts[i/5%2] = append(parts[i/5%2], row)
	}
	whole := write(name, rows)
	want := defined(t, s, whole)
	for _, files := range [][]lake.FileRef{{whole}, {write(name+"-0", parts[0]), write(name+"-1", parts[1])}} {
		got, err := parquetio.ContentOf(t.Context(), s, files, table)
		if err != nil {
			t.Fatal(err)
		}
		if got.Hash != want {
			t.Errorf("table %s, %d files: hash %s, by its definition %s", name, len(files), got.Hash, want)
		}
	}
}

// defined hashes the columns of a sorted file, value by value.
func defined(t *testing.T, s lake.Store, ref lake.FileRef) string {
	obj, err := s.Open(t.Context(), ref.Key)
	if err != nil {
		t.Fatal(err)
	}
	defer obj.Close()
	file, err := parquet.OpenFile(obj, obj.Info().Size)
	if err != nil {
		t.Fatal(err)
	}
	whole := sha256.New()
	for _, path := range file.Schema().Columns() {
		leaf, _ := file.Schema().Lookup(path...)
		var levels, values []byte
		var texts []string
		for _, v := range valuesOf(t, file, leaf.ColumnIndex) {
			switch {
			case leaf.MaxRepetitionLevel > 0:
				levels = append(levels, byte(v.RepetitionLevel()<<4|v.DefinitionLevel()))
			case leaf.MaxDefinitionLevel > 0:
				levels = append(levels, byte(v.DefinitionLevel()))
			}
			switch {
			case v.IsNull():
			case v.Kind() == parquet.ByteArray:
				texts = append(texts, string(v.ByteArray()))
			default:
				values = append(values, v.Bytes()...)
			}
		}
		for from := 0; from < len(texts); {
			n := 1
			for from+n < len(texts) && texts[from+n] == texts[from] {
				n++
			}
			values = binary.AppendUvarint(binary.AppendUvarint(values, uint64(n)), uint64(len(texts[from])))
			values = append(values, texts[from]...)
			from += n
		}
		l, v := sha256.Sum256(levels), sha256.Sum256(values)
		whole.Write(append(l[:], v[:]...))
	}
	return hex.EncodeToString(whole.Sum(nil))
}

// valuesOf returns what a column of a file holds, with nulls.
func valuesOf(t *testing.T, file *parquet.File, column int) (out []parquet.Value) {
	for _, group := range file.RowGroups() {
		rows := group.Rows()
		batch := make([]parquet.Row, group.NumRows())
		if n, _ := rows.ReadRows(batch); n != len(batch) {
			t.Fatalf("read %d of %d rows", n, len(batch))
		}
		for _, row := range batch {
			row.Range(func(at int, values []parquet.Value) bool {
				if at == column {
					for _, v := range values {
						out = append(out, v.Clone())
					}
				}
				return true
			})
		}
		rows.Close()
	}
	return out
}
