package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// Writer archives one partition. Not safe for concurrent use.
type Writer struct {
	lake      lake.Store
	partition int32
	epoch     int64
	last      int64 // everything up to it is archived
	number    int64 // of the next entry
	attempt   int
	plays     []schemas.ArchivedPlay
	sessions  []schemas.LiveSession
}

// NewWriter continues the archive of a partition for the owner of an epoch; an empty one starts after the given offset.
func NewWriter(ctx context.Context, s lake.Store, partition int32, epoch, startAfter int64) (*Writer, error) {
	last, found, err := lastOf(ctx, s, partition)
	if err != nil {
		return nil, err
	}
	w := &Writer{lake: s, partition: partition, epoch: epoch, last: startAfter}
	if found {
		w.last, w.number = last.Last, last.Number+1
	}
	return w, nil
}

// Last returns the offset up to which everything is archived.
func (w *Writer) Last() int64 { return w.last }

// Buffered returns how many plays wait for Flush.
func (w *Writer) Buffered() int { return len(w.plays) }

// AddPlay takes a play; one that is archived already is dropped. Plays come in order of offset.
func (w *Writer) AddPlay(p schemas.ArchivedPlay) {
	if n := len(w.plays); p.Offset <= w.last || n > 0 && p.Offset <= w.plays[n-1].Offset {
		return
	}
	w.plays = append(w.plays, p)
}

// AddSession takes a finished session; one that an archived record ended is archived already, and dropped.
func (w *Writer) AddSession(s schemas.LiveSession) {
	if s.Timer == 0 && s.Offset <= w.last {
		return
	}
	w.sessions = append(w.sessions, s)
}

// Flush archives everything up to an offset: the plays and sessions added since the last Flush. After an error it can be called again.
// Nothing is written when there is neither a new offset nor a session.
//
// Errors: ErrFenced when another process has archived what follows the last offset.
func (w *Writer) Flush(ctx context.Context, upTo int64) error {
	if upTo <= w.last && len(w.sessions) == 0 {
		return nil
	}
	upTo = max(upTo, w.last)
	n, _ := slices.BinarySearchFunc(w.plays, upTo+1, func(p schemas.ArchivedPlay, t int64) int { return cmp.Compare(p.Offset, t) })
	w.attempt++
	e := Entry{Number: w.number, Partition: w.partition, Previous: w.last, Last: upTo, Epoch: w.epoch}
	var err error
	if e.Plays, err = writeHours(ctx, w, upTo, schemas.LivePlays, byHour(w.plays[:n], func(p *schemas.ArchivedPlay) time.Time { return p.StartedAt })); err != nil {
		return err
	}
	slices.SortStableFunc(w.sessions, func(a, b schemas.LiveSession) int {
		return cmp.Or(cmp.Compare(a.UserID, b.UserID), a.StartedAt.Compare(b.StartedAt), version(&a).Compare(version(&b)))
	})
	if e.Sessions, err = writeHours(ctx, w, upTo, schemas.LiveSessions, byHour(w.sessions, func(s *schemas.LiveSession) time.Time { return s.StartedAt })); err != nil {
		return err
	}
	if err := w.commit(ctx, e); err != nil {
		return err
	}
	w.plays = slices.Delete(w.plays, 0, n)
	w.sessions, w.last = nil, upTo
	w.number++
	return nil
}

// commit creates the entry. An equal one is our own, whose answer was lost.
func (w *Writer) commit(ctx context.Context, e Entry) error {
	key := entryKey(e.Partition, e.Number)
	_, err := lake.CreateJSON(ctx, w.lake, key, e)
	if errors.Is(err, lake.ErrExists) {
		there, _, readErr := lake.ReadJSON[Entry](ctx, w.lake, key)
		if readErr != nil {
			return fmt.Errorf("archive partition %d: %w", e.Partition, readErr)
		}
		if !reflect.DeepEqual(there, e) {
			return fmt.Errorf("archive partition %d after offset %d in epoch %d: %w: epoch %d has", e.Partition, e.Previous, e.Epoch, ErrFenced, there.Epoch)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("archive partition %d: %w", e.Partition, err)
	}
	return nil
}

// hour is the rows of one hour.
type hour[T any] struct {
	at   time.Time
	rows []T
}

// byHour cuts rows by hour, hours ascending, rows in their order.
func byHour[T any](rows []T, at func(*T) time.Time) []hour[T] {
	var out []hour[T]
	index := map[time.Time]int{}
	for i := range rows {
		h := at(&rows[i]).Truncate(time.Hour)
		n, ok := index[h]
		if !ok {
			n = len(out)
			index[h] = n
			out = append(out, hour[T]{at: h})
		}
		out[n].rows = append(out[n].rows, rows[i])
	}
	slices.SortFunc(out, func(a, b hour[T]) int { return a.at.Compare(b.at) })
	return out
}

// writeHours writes one file an hour.
func writeHours[T any](ctx context.Context, w *Writer, upTo int64, folder string, hours []hour[T]) ([]File, error) {
	var out []File
	for _, h := range hours {
		key := fmt.Sprintf("%s/date=%s/hour=%s/%s-%019d-%019d-e%d.%d.parquet", folder, h.at.Format(time.DateOnly), h.at.Format("15"),
			partitionName(w.partition), w.last+1, upTo, w.epoch, w.attempt)
		ref, err := parquetio.WriteAll(ctx, w.lake, key, parquetio.Meta{Table: folder, SchemaVersion: schemas.EventVersion}, h.rows)
		if err != nil {
			return nil, fmt.Errorf("archive partition %d: %w", w.partition, err)
		}
		out = append(out, File{Ref: ref, Hour: h.at})
	}
	return out, nil
}
