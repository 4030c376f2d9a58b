package importer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/scratch"
)

// A part holds at most so many rows, and a sink holds at most so many bytes before it writes.
const (
	maxRows  = 1_000_000
	maxBytes = 256 << 20
)

// staging is a temporary folder of finished parts, not yet in the lake.
type staging struct {
	scratch lake.Store
	files   int
	close   func() error // removes the folder
}

func newStaging(ctx context.Context) (*staging, error) {
	dir, remove, err := scratch.Folder()
	if err != nil {
		return nil, fmt.Errorf("start import: %w", err)
	}
	store, err := lake.Open(ctx, dir)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start import: %w", err), remove())
	}
	return &staging{scratch: store, close: remove}, nil
}

// part is a staged file.
type part struct {
	ref lake.FileRef
	day time.Time // folder of a play when it was staged; zero in snapshots
}

// sink collects the rows of one kind and stages them sorted.
type sink[T any] struct {
	stage   *staging
	name    string
	sorted  []string // columns of order, for the file's metadata
	compare func(a, b T) int
	weigh   func(T) int
	day     func(T) time.Time         // UTC day of a row; nil in snapshots
	folder  func(time.Time) time.Time // the folder of a day: never falls as the day rises

	rows  map[time.Time][]T // by day; the zero time in snapshots
	count int
	bytes int
	parts []part
}

// order is how rows are compared, and the columns that says.
type order[T any] struct {
	columns []string
	compare func(a, b T) int
}

func newSink[T any](stage *staging, name string, o order[T], weigh func(T) int) *sink[T] {
	return &sink[T]{stage: stage, name: name, sorted: o.columns, compare: o.compare, weigh: weigh, rows: map[time.Time][]T{}}
}

func (s *sink[T]) add(ctx context.Context, row T) error {
	day := time.Time{}
	if s.day != nil {
		day = s.day(row)
	}
	s.rows[day] = append(s.rows[day], row)
	s.count++
	if s.bytes += s.weigh(row); s.bytes < maxBytes && s.count < maxRows {
		return nil
	}
	return s.flush(ctx)
}

// flush stages the rows: one part, or one a folder. Rows that compare equal stay in the order of day, then input.
func (s *sink[T]) flush(ctx context.Context) error {
	days := slices.SortedFunc(maps.Keys(s.rows), time.Time.Compare)
	for len(days) > 0 {
		folder, n := s.folderOf(days[0]), 1
		rows := s.rows[days[0]]
		for n < len(days) && s.folderOf(days[n]).Equal(folder) {
			rows = append(rows, s.rows[days[n]]...)
			n++
		}
		slices.SortStableFunc(rows, s.compare)
		if err := s.write(ctx, rows, folder); err != nil {
			return err
		}
		days = days[n:]
	}
	clear(s.rows)
	s.count, s.bytes = 0, 0
	return nil
}

func (s *sink[T]) folderOf(day time.Time) time.Time {
	if s.folder == nil {
		return day
	}
	return s.folder(day)
}

func (s *sink[T]) write(ctx context.Context, rows []T, day time.Time) error {
	s.stage.files++
	key := fmt.Sprintf("%s/%06d.parquet", s.name, s.stage.files)
	m := parquetio.Meta{Table: s.name, Producer: "segue import", SortedBy: s.sorted}
	ref, err := parquetio.WriteAll(ctx, s.stage.scratch, key, m, rows)
	if err != nil {
		return fmt.Errorf("stage %s: %w", s.name, err)
	}
	s.parts = append(s.parts, part{ref, day})
	return nil
}
