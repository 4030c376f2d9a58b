package importer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// A part holds at most so many rows, and a sink holds at most so many bytes before it writes.
const (
	maxRows  = 1_000_000
	maxBytes = 256 << 20
)

// staging is a temporary folder of finished parts, not yet in the lake.
type staging struct {
	dir     string
	scratch lake.Store
	files   int
}

func newStaging(ctx context.Context) (*staging, error) {
	dir, err := os.MkdirTemp("", "segue-import-*")
	if err != nil {
		return nil, fmt.Errorf("start import: %w", err)
	}
	scratch, err := lake.Open(ctx, dir)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start import: %w", err), os.RemoveAll(dir))
	}
	return &staging{dir: dir, scratch: scratch}, nil
}

func (s *staging) close() error { return os.RemoveAll(s.dir) }

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
	day     func(T) time.Time // nil in snapshots

	rows  []T
	bytes int
	parts []part
}

// order is how rows are compared, and the columns that says.
type order[T any] struct {
	columns []string
	compare func(a, b T) int
}

func newSink[T any](stage *staging, name string, o order[T], weigh func(T) int) *sink[T] {
	return &sink[T]{stage: stage, name: name, sorted: o.columns, compare: o.compare, weigh: weigh}
}

func (s *sink[T]) add(ctx context.Context, row T) error {
	s.rows = append(s.rows, row)
	if s.bytes += s.weigh(row); s.bytes < maxBytes && len(s.rows) < maxRows {
		return nil
	}
	return s.flush(ctx)
}

// flush stages the rows: one part, or one a folder. Rows that compare equal stay in input order.
func (s *sink[T]) flush(ctx context.Context) error {
	slices.SortStableFunc(s.rows, func(a, b T) int {
		if s.day != nil {
			if c := s.day(a).Compare(s.day(b)); c != 0 {
				return c
			}
		}
		return s.compare(a, b)
	})
	for rest := s.rows; len(rest) > 0; {
		n, day := len(rest), time.Time{}
		if s.day != nil {
			day = s.day(rest[0])
			if i := slices.IndexFunc(rest, func(row T) bool { return !s.day(row).Equal(day) }); i > 0 {
				n = i
			}
		}
		if err := s.write(ctx, rest[:n], day); err != nil {
			return err
		}
		rest = rest[n:]
	}
	clear(s.rows)
	s.rows, s.bytes = s.rows[:0], 0
	return nil
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
