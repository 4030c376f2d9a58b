package archive

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// Plays yields the archived plays of one partition in order of offset, each once: all, or of entries of a log that reach beyond an offset.
// Memory: the plays of one entry.
func Plays(ctx context.Context, s lake.Store, log []Entry, partition int32, after int64) iter.Seq2[schemas.ArchivedPlay, error] {
	return func(yield func(schemas.ArchivedPlay, error) bool) {
		for i := range log {
			e := &log[i]
			if e.Partition != partition || e.Last <= after {
				continue
			}
			rows, err := playsOf(ctx, s, e)
			if err != nil {
				yield(schemas.ArchivedPlay{}, err)
				return
			}
			for _, row := range rows {
				if row.Offset <= after {
					continue
				}
				after = row.Offset
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// playsOf returns the plays of an entry by offset.
func playsOf(ctx context.Context, s lake.Store, e *Entry) ([]schemas.ArchivedPlay, error) {
	var rows []schemas.ArchivedPlay
	for _, f := range e.Plays {
		part, err := parquetio.ReadAll[schemas.ArchivedPlay](ctx, s, f.Ref)
		if err != nil {
			return nil, fmt.Errorf("read archived plays of partition %d: %w", e.Partition, err)
		}
		rows = append(rows, part...)
	}
	slices.SortFunc(rows, func(a, b schemas.ArchivedPlay) int { return cmp.Compare(a.Offset, b.Offset) })
	return rows, nil
}

// PlayFiles returns the files of a log whose plays started on a day or before, by key: they can be read as landing plays.
func PlayFiles(log []Entry, day time.Time) []lake.FileRef {
	var out []lake.FileRef
	for i := range log {
		for _, f := range log[i].Plays {
			if f.Hour.Before(day.AddDate(0, 0, 1)) {
				out = append(out, f.Ref)
			}
		}
	}
	slices.SortFunc(out, func(a, b lake.FileRef) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

// Sessions returns the archived sessions that started on a day in UTC, by listener and start: of rows that overlap in time the
// one with the highest version.
func Sessions(ctx context.Context, s lake.Store, log []Entry, day time.Time) ([]schemas.LiveSession, error) {
	var rows []schemas.LiveSession
	for i := range log {
		for _, f := range log[i].Sessions {
			if !f.Hour.Truncate(24 * time.Hour).Equal(day) {
				continue
			}
			part, err := parquetio.ReadAll[schemas.LiveSession](ctx, s, f.Ref)
			if err != nil {
				return nil, fmt.Errorf("read archived sessions of partition %d: %w", log[i].Partition, err)
			}
			rows = append(rows, part...)
		}
	}
	return Newest(rows), nil
}

// Newest returns, by listener and start, the rows that count: of those of one listener that overlap in time the highest version.
func Newest(rows []schemas.LiveSession) []schemas.LiveSession {
	slices.SortFunc(rows, func(a, b schemas.LiveSession) int {
		return cmp.Or(cmp.Compare(a.UserID, b.UserID), version(&b).Compare(version(&a)), a.StartedAt.Compare(b.StartedAt))
	})
	var out []schemas.LiveSession
	first := 0 // of the listener at hand, in out
	for i := range rows {
		if i > 0 && rows[i].UserID != rows[i-1].UserID {
			first = len(out)
		}
		overlaps := func(o schemas.LiveSession) bool {
			return !o.StartedAt.After(rows[i].EndedAt) && !rows[i].StartedAt.After(o.EndedAt)
		}
		if !slices.ContainsFunc(out[first:], overlaps) {
			out = append(out, rows[i])
		}
	}
	slices.SortFunc(out, func(a, b schemas.LiveSession) int {
		return cmp.Or(cmp.Compare(a.UserID, b.UserID), a.StartedAt.Compare(b.StartedAt))
	})
	return out
}
