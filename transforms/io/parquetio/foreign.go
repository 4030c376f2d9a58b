package parquetio

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// ErrUnsupported says that a file is sound, but has a column whose values cannot be read here.
var ErrUnsupported = errors.New("column cannot be read")

// Supported looks in a footer for columns that the decoder would read wrong without a word: compressed by LZ4_RAW (it drops
// pages that shrink to more than a third), and Booleans in runs, as data pages of version 2 have them (it takes runs for bytes).
//
// Errors: ErrUnsupported, naming the column and what to write instead.
// Cost:   the columns of every row group.
func Supported(file *parquet.File) error {
	for _, group := range file.Metadata().RowGroups {
		for _, column := range group.Columns {
			m := &column.MetaData
			why := ""
			switch {
			case m.NumValues == 0:
			case m.Codec == format.Lz4Raw:
				why = "is compressed by LZ4_RAW: write the file by snappy or zstd"
			case m.Type == format.Boolean && inRuns(m):
				why = "has Booleans in runs (RLE): write the file with data pages of version 1"
			}
			if why != "" {
				return fmt.Errorf("%w: %s %s", ErrUnsupported, strings.Join(m.PathInSchema, "."), why)
			}
		}
	}
	return nil
}

func supported(file *parquet.File, key string) error {
	if err := Supported(file); err != nil {
		return fmt.Errorf("read %s: %w", key, err)
	}
	return nil
}

// inRuns reports whether data pages of a column hold runs of values. Every column may name RLE for its levels.
func inRuns(m *format.ColumnMetaData) bool {
	plain := false
	for _, s := range m.EncodingStats {
		data := s.PageType == format.DataPage || s.PageType == format.DataPageV2
		if data && s.Encoding == format.RLE {
			return true
		}
		plain = plain || data
	}
	for _, e := range m.Encoding {
		plain = plain || e == format.Plain
	}
	return !plain
}

// julianEpoch is 1970-01-01 in the days that INT96 counts.
const julianEpoch = 2_440_588

// Int96Time returns the instant of an INT96, the timestamps of Spark and Hive: nanoseconds of a day, then the Julian day.
func Int96Time(v deprecated.Int96) time.Time {
	nanos := int64(v[0]) | int64(v[1])<<32
	return time.Unix((int64(int32(v[2]))-julianEpoch)*24*60*60, nanos).UTC()
}
