package clean

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// segments writes the rows of one item into one file a bucket; a bucket without rows has no file.
type segments[T any] struct {
	env          *work.Env
	folder, item string
	meta         parquetio.Meta
	open         map[int]*segment[T]
}

type segment[T any] struct {
	writer *parquetio.Writer[T]
	rows   []T
}

// ref is a finished segment.
type ref struct {
	bucket int
	ref    lake.FileRef
}

// chunk is how many rows are handed to a writer at once.
const chunk = 256

func newSegments[T any](env *work.Env, folder, item string, meta parquetio.Meta) *segments[T] {
	return &segments[T]{env: env, folder: folder, item: item, meta: meta, open: map[int]*segment[T]{}}
}

func (s *segments[T]) write(ctx context.Context, bucket int, row *T) error {
	seg := s.open[bucket]
	if seg == nil {
		key := s.env.File(s.folder, fmt.Sprintf("%s-%04d", s.item, bucket), ".parquet")
		w, err := parquetio.NewWriter[T](ctx, s.env.Lake, key, s.meta)
		if err != nil {
			return err
		}
		seg = &segment[T]{writer: w, rows: make([]T, 0, chunk)}
		s.open[bucket] = seg
	}
	seg.rows = append(seg.rows, *row)
	if len(seg.rows) < chunk {
		return nil
	}
	return seg.flush()
}

func (s *segment[T]) flush() error {
	err := s.writer.Write(s.rows)
	clear(s.rows)
	s.rows = s.rows[:0]
	return err
}

// close finishes all files and returns them by bucket.
func (s *segments[T]) close(ctx context.Context) ([]ref, error) {
	var out []ref
	for _, bucket := range slices.Sorted(maps.Keys(s.open)) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		seg := s.open[bucket]
		if err := seg.flush(); err != nil {
			return nil, err
		}
		r, err := seg.writer.Close()
		if err != nil {
			return nil, err
		}
		delete(s.open, bucket)
		out = append(out, ref{bucket, r})
	}
	return out, nil
}

// abort drops what was not finished.
func (s *segments[T]) abort() {
	for _, seg := range s.open {
		seg.writer.Abort()
	}
	clear(s.open)
}
