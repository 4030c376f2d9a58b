package parquetio_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/parquet-go/parquet-go"

	"segue/transforms/io/parquetio"
)

// Where asks bloom filters before it reads a row group: of keys that lie within the bounds but are not there hardly any
// group is read, and none that is there is missed.
func TestWhereAsksBloomFilters(t *testing.T) {
	type row struct {
		Key    string `parquet:"key,plain"`
		Number int64  `parquet:"number,plain"`
		Small  int32  `parquet:"small,plain"`
	}
	const n = 500
	var file bytes.Buffer
	w := parquet.NewGenericWriter[row](&file, parquet.MaxRowsPerRowGroup(100), parquet.BloomFilters(
		parquet.SplitBlockFilter(10, "key"), parquet.SplitBlockFilter(10, "number"), parquet.SplitBlockFilter(10, "small")))
	for i := range n {
		at := (i * 7) % n * 2 // even numbers in no order: the bounds of every group hold them all
		if _, err := w.Write([]row{{fmt.Sprintf("k%05d", at), int64(at), int32(at)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s := memLake(t)
	if _, err := s.Create(t.Context(), "bloom.parquet", bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil {
		t.Fatal(err)
	}
	for _, column := range []string{"key", "number", "small"} {
		opened, groups := 0, 0
		for i := 100; i < 200; i++ {
			value := fmt.Sprint(i)
			if column == "key" {
				value = fmt.Sprintf("k%05d", i)
			}
			_, rows, cost, err := parquetio.Where(t.Context(), s, "bloom.parquet", []parquetio.Condition{{Column: column, Op: "=", Value: value}}, n)
			if err != nil || len(rows) != (i+1)%2 {
				t.Fatalf("%s=%s: %d rows, %v", column, value, len(rows), err)
			}
			if i%2 == 1 {
				opened, groups = opened+cost.Opened, groups+cost.Groups
			}
		}
		if groups != 250 || opened > groups/10 {
			t.Errorf("%s: %d of %d row groups read for keys that are not there", column, opened, groups)
		}
	}
}
