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
	"segue/transforms/algo/playjson"
	"segue/transforms/algo/sessions"
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
	plays     Buffer
	sessions  []schemas.LiveSession
	open      *flush // whose entry may be there or not: no answer came
}

// flush is an entry under way, and how many of the plays and sessions that wait are in it.
type flush struct {
	entry           Entry
	plays, sessions int
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
func (w *Writer) Buffered() int { return w.plays.Len() }

// AddPlay takes a play; one that is archived already is dropped. Plays come in order of offset.
func (w *Writer) AddPlay(p schemas.ArchivedPlay) {
	var e playjson.Event
	event(&p, &e)
	var one Buffer
	one.Add(&sessions.Record{Offset: p.Offset, ProducedMs: p.ProducedAt.UnixMilli()}, &e)
	w.AddPlays(&one)
}

// AddPlays takes the plays of b, as AddPlay each; b is empty then.
func (w *Writer) AddPlays(b *Buffer) { w.plays.take(b, w.last) }

// AddSession takes a finished session; one that an archived record ended is archived already, and dropped.
func (w *Writer) AddSession(s schemas.LiveSession) {
	if s.Timer == 0 && s.Offset <= w.last {
		return
	}
	w.sessions = append(w.sessions, s)
}

// Flush archives everything up to an offset: the plays and sessions added since the last Flush. After an error it can be called again, with
// what was added meanwhile.
// Nothing is written when there is neither a new offset nor a session.
//
// Errors: ErrFenced when another process has archived what follows the last offset.
func (w *Writer) Flush(ctx context.Context, upTo int64) error {
	if err := w.finish(ctx); err != nil {
		return err
	}
	if upTo <= w.last && len(w.sessions) == 0 {
		return nil
	}
	upTo = max(upTo, w.last)
	f := flush{plays: w.plays.upTo(upTo), sessions: len(w.sessions)}
	w.attempt++
	e := Entry{Number: w.number, Partition: w.partition, Previous: w.last, Last: upTo, Epoch: w.epoch}
	var err error
	if e.Plays, err = w.writePlays(ctx, upTo, f.plays); err != nil {
		return err
	}
	slices.SortStableFunc(w.sessions, func(a, b schemas.LiveSession) int {
		return cmp.Or(cmp.Compare(a.UserID, b.UserID), a.StartedAt.Compare(b.StartedAt), version(&a).Compare(version(&b)))
	})
	if e.Sessions, err = w.writeHours(ctx, upTo, byHour(w.sessions, func(s *schemas.LiveSession) time.Time { return s.StartedAt })); err != nil {
		return err
	}
	f.entry = e
	w.open = &f
	return w.finish(ctx)
}

// finish makes the entry under way count, if there is one.
func (w *Writer) finish(ctx context.Context) error {
	if w.open == nil {
		return nil
	}
	if err := w.commit(ctx, w.open.entry); err != nil {
		return err
	}
	w.plays.drop(w.open.plays)
	w.sessions, w.last = slices.Delete(w.sessions, 0, w.open.sessions), w.open.entry.Last
	w.number++
	w.open = nil
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

// name is the key of a file.
func (w *Writer) name(folder string, hour time.Time, upTo int64) string {
	return fmt.Sprintf("%s/date=%s/hour=%s/%s-%019d-%019d-e%d.%d.parquet", folder, hour.Format(time.DateOnly), hour.Format("15"),
		partitionName(w.partition), w.last+1, upTo, w.epoch, w.attempt)
}

// writeHours writes one file of sessions an hour.
func (w *Writer) writeHours(ctx context.Context, upTo int64, hours []hour[schemas.LiveSession]) ([]File, error) {
	var out []File
	for _, h := range hours {
		ref, err := parquetio.WriteAll(ctx, w.lake, w.name(schemas.LiveSessions, h.at, upTo), parquetio.Meta{Table: schemas.LiveSessions, SchemaVersion: schemas.EventVersion}, h.rows)
		if err != nil {
			return nil, fmt.Errorf("archive partition %d: %w", w.partition, err)
		}
		out = append(out, File{Ref: ref, Hour: h.at})
	}
	return out, nil
}

// writePlays writes the first n plays that wait, one file an hour.
func (w *Writer) writePlays(ctx context.Context, upTo int64, n int) ([]File, error) {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	texts := string(w.plays.texts)
	var out []File
	for _, h := range byHour(numbers, func(i *int) time.Time { return time.UnixMicro(w.plays.plays[*i].startedUs).UTC() }) {
		ref, err := w.writeHour(ctx, w.name(schemas.LivePlays, h.at, upTo), h.rows, texts)
		if err != nil {
			return nil, fmt.Errorf("archive partition %d: %w", w.partition, err)
		}
		out = append(out, File{Ref: ref, Hour: h.at})
	}
	return out, nil
}

// rowsAtOnce bounds the rows of plays in memory.
const rowsAtOnce = 2048

func (w *Writer) writeHour(ctx context.Context, key string, numbers []int, texts string) (lake.FileRef, error) {
	f, err := parquetio.NewWriter[schemas.ArchivedPlay](ctx, w.lake, key, parquetio.Meta{Table: schemas.LivePlays, SchemaVersion: schemas.EventVersion})
	if err != nil {
		return lake.FileRef{}, err
	}
	rows := make([]schemas.ArchivedPlay, 0, min(rowsAtOnce, len(numbers)))
	for part := range slices.Chunk(numbers, rowsAtOnce) {
		rows = rows[:0]
		for _, i := range part {
			rows = append(rows, w.plays.plays[i].row(w.partition, texts))
		}
		if err := f.Write(rows); err != nil {
			f.Abort()
			return lake.FileRef{}, err
		}
	}
	return f.Close()
}
