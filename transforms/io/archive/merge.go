package archive

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// mergedRows bounds the plays of a merged entry: those who read the archive in order of offset hold one entry.
const mergedRows = 500_000

// Merge makes one entry, with one file an hour, of neighbouring entries whose newest plays are of the same hour before an instant,
// which ends a day. Readers of the log use it instead of those from then on; Sweep removes these later. How entries
// are grouped follows from the log alone, so that two at a time, or one after a crash, make the same ones.
func Merge(ctx context.Context, s lake.Store, before time.Time) error {
	log, err := Log(ctx, s)
	if err != nil {
		return err
	}
	for _, group := range groups(log, before) {
		if err := merge(ctx, s, group); err != nil {
			return fmt.Errorf("merge entries %d to %d of partition %d of the archive: %w", group[0].Number, group[len(group)-1].through(), group[0].Partition, err)
		}
	}
	return nil
}

// groups returns the entries to merge: of each group the next entry is there already.
func groups(log []Entry, before time.Time) (out [][]Entry) {
	from, rows := 0, int64(0)
	for i := range log {
		e := &log[i]
		first := &log[from]
		if i > from && (e.Partition != first.Partition || e.merged() || first.merged() || rows+e.rows() > mergedRows || !e.joins(log[from:i])) {
			if group := log[from:i]; len(group) > 1 && e.Partition == first.Partition && newestHour(group).Before(before) {
				out = append(out, group)
			}
			from, rows = i, 0
		}
		rows += e.rows()
	}
	return out
}

// joins reports whether an entry has no play of a later hour than a group.
func (e *Entry) joins(group []Entry) bool {
	newest := newestHour(group)
	return newest.IsZero() || !newestHour([]Entry{*e}).After(newest)
}

func newestHour(group []Entry) (newest time.Time) {
	for i := range group {
		for _, f := range group[i].Plays {
			if f.Hour.After(newest) {
				newest = f.Hour
			}
		}
	}
	return newest
}

func (e *Entry) rows() (n int64) {
	for _, f := range e.Plays {
		n += f.Ref.Rows
	}
	return n
}

func (e *Entry) merged() bool { return e.Through > 0 }

// through returns the number of the last entry of the log in e.
func (e *Entry) through() int64 { return max(e.Number, e.Through) }

func mergedKey(partition int32, first, through int64) string {
	return fmt.Sprintf("%s/%s/%010d-%010d.json", schemas.LiveMerged, partitionName(partition), first, through)
}

// merge writes the files of a group, then its entry. Another that has written it was first.
func merge(ctx context.Context, s lake.Store, group []Entry) error {
	first, last := group[0], group[len(group)-1]
	e := Entry{Number: first.Number, Through: last.Number, Partition: first.Partition, Previous: first.Previous, Last: last.Last, Epoch: last.Epoch}
	var plays, sessions []File
	for _, one := range group {
		plays, sessions = append(plays, one.Plays...), append(sessions, one.Sessions...)
	}
	name := func(folder string, hour time.Time) string {
		return fmt.Sprintf("%s/date=%s/hour=%s/%s-%019d-%019d-m.%s.parquet", folder, hour.Format(time.DateOnly), hour.Format("15"),
			partitionName(e.Partition), e.Previous+1, e.Last, rand.Text())
	}
	var err error
	if e.Plays, err = mergeFiles[schemas.ArchivedPlay](ctx, s, plays, schemas.LivePlays, name); err != nil {
		return err
	}
	if e.Sessions, err = mergeFiles[schemas.LiveSession](ctx, s, sessions, schemas.LiveSessions, name); err != nil {
		return err
	}
	_, err = lake.CreateJSON(ctx, s, mergedKey(e.Partition, e.Number, e.Through), e)
	if errors.Is(err, lake.ErrExists) {
		return nil
	}
	return err
}

// mergeFiles writes one file an hour with the rows of files in their order.
func mergeFiles[T any](ctx context.Context, s lake.Store, files []File, folder string, name func(string, time.Time) string) (out []File, err error) {
	byHour := map[time.Time][]lake.FileRef{}
	for _, f := range files {
		byHour[f.Hour] = append(byHour[f.Hour], f.Ref)
	}
	for _, hour := range slices.SortedFunc(maps.Keys(byHour), time.Time.Compare) {
		ref := byHour[hour][0]
		if len(byHour[hour]) > 1 {
			if ref, err = concatenate[T](ctx, s, byHour[hour], name(folder, hour), folder); err != nil {
				return nil, err
			}
		}
		out = append(out, File{Ref: ref, Hour: hour})
	}
	return out, nil
}

func concatenate[T any](ctx context.Context, s lake.Store, files []lake.FileRef, key, table string) (lake.FileRef, error) {
	w, err := parquetio.NewWriter[T](ctx, s, key, parquetio.Meta{Table: table, SchemaVersion: schemas.EventVersion})
	if err != nil {
		return lake.FileRef{}, err
	}
	rows := make([]T, 0, rowsAtOnce)
	for _, ref := range files {
		for row, err := range parquetio.Read[T](ctx, s, ref) {
			if rows = append(rows, row); err == nil && len(rows) == rowsAtOnce {
				err = w.Write(rows)
				rows = rows[:0]
			}
			if err != nil {
				w.Abort()
				return lake.FileRef{}, err
			}
		}
	}
	if err := w.Write(rows); err != nil {
		w.Abort()
		return lake.FileRef{}, err
	}
	return w.Close()
}

// Sweep removes what merged entries have replaced for at least the grace period, and files of the archive that no entry names and
// that are older than it. It returns what it removes, or without do would remove.
func Sweep(ctx context.Context, s lake.Store, grace time.Duration, now time.Time, do bool) (gone []lake.Info, err error) {
	log, covered, err := readLog(ctx, s)
	if err != nil {
		return nil, err
	}
	old := func(in lake.Info) bool { return now.Sub(in.ModifiedAt) >= grace }
	named := map[string]bool{}
	name := func(e *Entry) {
		for _, f := range slices.Concat(e.Plays, e.Sessions) {
			named[f.Ref.Key] = true
		}
	}
	for i := range log {
		name(&log[i])
	}
	for _, c := range covered {
		if old(c.by) {
			gone = append(gone, c.info)
			continue
		}
		e, _, err := lake.ReadJSON[Entry](ctx, s, c.info.Key)
		if err != nil {
			return nil, fmt.Errorf("sweep the archive: %w", err)
		}
		name(&e)
	}
	for _, folder := range []string{schemas.LivePlays, schemas.LiveSessions} {
		infos, err := s.List(ctx, folder+"/")
		if err != nil {
			return nil, fmt.Errorf("sweep the archive: %w", err)
		}
		gone = append(gone, slices.DeleteFunc(infos, func(in lake.Info) bool { return named[in.Key] || !old(in) })...)
	}
	for i := 0; do && i < len(gone); i++ { // entries before the files they name
		if err := s.Delete(ctx, gone[i].Key); err != nil {
			return gone, fmt.Errorf("sweep the archive: %w", err)
		}
	}
	return gone, nil
}
