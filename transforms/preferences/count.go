package preferences

import (
	"cmp"
	"context"
	"fmt"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/tally"
	"segue/transforms/algo/worth"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[countFn, sumFn, bucket, partial, part]()
}

// partitions is the number of files of the table; it changes no row.
const partitions = 4

// bucket is one work item: the plays of one user bucket.
type bucket struct {
	Number int
	Plays  lake.FileRef
}

// partial is what one bucket has for one partition; its counters stand in partition 0 only.
type partial struct {
	Segment     lake.FileRef
	Plays       int64
	UnknownTime int64
	OtherKinds  int64
}

// segmentRow is one partial count in a segment file, sorted by key.
type segmentRow struct {
	Region    string `parquet:"region,dict"`
	Weekpart  string `parquet:"weekpart,dict"`
	Hour      int32  `parquet:"hour,plain"` // 24 = all hours
	Device    string `parquet:"device,dict"`
	Kind      string `parquet:"kind,dict"`
	Value     string `parquet:"value,dict"`
	Listeners int64  `parquet:"listeners,plain"`
	Plays     int64  `parquet:"plays,plain"`
	Skips     int64  `parquet:"skips,plain"`
}

// countFn counts the plays of one bucket.
type countFn struct {
	Songs []lake.FileRef
}

// Do returns one value a partition.
func (f countFn) Do(ctx context.Context, env *work.Env, item bucket) ([]work.Keyed[partial], error) {
	classes, err := readClasses(ctx, env.Lake, f.Songs)
	if err != nil {
		return nil, err
	}
	c := newCounter(classes)
	for play, err := range parquetio.Read[schemas.CleanPlay](ctx, env.Lake, item.Plays) {
		if err != nil {
			return nil, err
		}
		if err := c.add(play); err != nil {
			return nil, fmt.Errorf("count plays of %s: %w", item.Plays.Key, err)
		}
	}
	byPartition := c.segments()
	out := make([]work.Keyed[partial], partitions)
	for i, rows := range byPartition {
		ref, err := writeSegment(ctx, env, fmt.Sprintf("%05d-%02d", item.Number, i), rows)
		if err != nil {
			return nil, err
		}
		out[i] = work.Keyed[partial]{Key: fmt.Sprintf("%02d", i), Value: partial{Segment: ref}}
	}
	out[0].Value.Plays, out[0].Value.UnknownTime, out[0].Value.OtherKinds = c.plays, c.unknownTime, c.otherKinds
	return out, nil
}

func writeSegment(ctx context.Context, env *work.Env, item string, rows []segmentRow) (lake.FileRef, error) {
	meta := parquetio.Meta{RunID: env.Run, Table: "preferences_counts", SchemaVersion: 1, SortedBy: []string{"region", "weekpart", "hour", "device", "kind", "value"}}
	return parquetio.WriteAll(ctx, env.Lake, env.File("counts", item, ".parquet"), meta, rows)
}

// slot is a key within one bucket: numbers of a cell and a class.
type slot struct{ cell, class int32 }

// counter counts plays that come sorted by listener.
type counter struct {
	classes  *songClasses
	cells    *cellIndex
	counts   *tally.Tally[slot]
	listener int32
	userID   string

	plays, unknownTime, otherKinds int64
}

func newCounter(classes *songClasses) *counter {
	return &counter{classes: classes, cells: newCellIndex(), counts: tally.New[slot]()}
}

func (c *counter) add(p schemas.CleanPlay) error {
	if p.Kind != schemas.KindPlay {
		c.otherKinds++
		return nil
	}
	if c.listener == 0 || p.UserID != c.userID {
		c.listener, c.userID = c.listener+1, p.UserID
	}
	classes, err := c.classes.of(p.Song)
	if err != nil {
		return err
	}
	c.plays++
	finest := cell{Region: p.Country, Weekpart: schemas.All, Hour: allHours, Device: p.Device}
	if hour, weekend, known := localtime.Of(p.StartedAt, p.LocalMin); known {
		finest.Hour, finest.Weekpart = int32(hour), schemas.Weekday
		if weekend {
			finest.Weekpart = schemas.Weekend
		}
	} else {
		c.unknownTime++
	}
	one := tally.Counts{Plays: 1}
	if worth.Skip(worth.Event{Kind: worth.Play, MsPlayed: p.MsPlayed, TrackMs: p.TrackMs, Skipped: p.Skipped}) {
		one.Skips = 1
	}
	for _, cell := range c.cells.of(finest) {
		for _, class := range classes {
			c.counts.Hear(slot{cell, class}, c.listener, one)
		}
	}
	return nil
}

// segments returns the sorted counts of every partition.
func (c *counter) segments() [partitions][]segmentRow {
	cellPlace, classPlace := tally.Places(c.cells.cells, compareCells), tally.Places(c.classes.names, compareClasses)
	var out [partitions][]segmentRow
	for _, r := range c.counts.Sorted(func(a, b slot) int {
		return cmp.Or(cmp.Compare(cellPlace[a.cell], cellPlace[b.cell]), cmp.Compare(classPlace[a.class], classPlace[b.class]))
	}) {
		k := key{c.cells.cells[r.Key.cell], c.classes.names[r.Key.class]}
		i := schemas.Bucket(k.Region, partitions)
		out[i] = append(out[i], segmentRow{k.Region, k.Weekpart, k.Hour, k.Device, k.Kind, k.Value, r.Listeners, r.Plays, r.Skips})
	}
	return out
}
