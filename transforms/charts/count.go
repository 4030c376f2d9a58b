package charts

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"segue/schemas"
	"segue/transforms/algo/chart"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/tally"
	"segue/transforms/algo/worth"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[countFn, bestFn, bucket, partial, part]()
}

// partitions of songs by index; their number changes no row.
const partitions = 8

// bucket is one work item: the plays of one user bucket.
type bucket struct {
	Number int
	Plays  lake.FileRef
}

// fates counts what became of events.
type fates struct {
	Plays      int64 // counted
	OtherKinds int64
	AfterNight int64
}

func (f fates) plus(g fates) fates {
	return fates{f.Plays + g.Plays, f.OtherKinds + g.OtherKinds, f.AfterNight + g.AfterNight}
}

// partial is what one bucket has for one partition of songs; its fates stand in partition 0 only.
type partial struct {
	Segment lake.FileRef
	Fates   fates
}

// countFn counts the plays of one bucket by cell and song.
type countFn struct {
	Night        string // YYYY-MM-DD
	HalfLifeDays float64
	ContextDays  int32 // window of contexts; 0 = all time
}

// Do returns one value a partition.
func (f countFn) Do(ctx context.Context, env *work.Env, item bucket) ([]work.Keyed[partial], error) {
	night, err := time.Parse(time.DateOnly, f.Night)
	if err != nil {
		return nil, fmt.Errorf("parse night: %w", err)
	}
	c := newCounter(night, worth.Decay(f.HalfLifeDays), chart.Window(f.ContextDays))
	for play, err := range parquetio.Read[schemas.CleanPlay](ctx, env.Lake, item.Plays) {
		if err != nil {
			return nil, err
		}
		c.add(play)
	}
	out := make([]work.Keyed[partial], partitions)
	for i, rows := range c.segments() {
		ref, err := writeSegment(ctx, env, "counts", fmt.Sprintf("%05d-%02d", item.Number, i), rows)
		if err != nil {
			return nil, err
		}
		out[i] = work.Keyed[partial]{Key: fmt.Sprintf("%02d", i), Value: partial{Segment: ref}}
	}
	out[0].Value.Fates = c.fates
	return out, nil
}

// slot is a key within one bucket: numbers of a cell and a song.
type slot struct{ cell, song int32 }

// ladderKey is what decides the cells of a play.
type ladderKey struct {
	region, dayPart, device string
	age                     int // last day of the ages in the same windows
	context                 bool
}

// counter counts plays that come sorted by listener.
type counter struct {
	night   time.Time
	decay   []int64
	context chart.Window

	cells    []cell
	number   map[cell]int32
	ladders  map[ladderKey][]int32
	counts   *tally.Tally[slot]
	listener int32
	userID   string
	fates    fates
}

func newCounter(night time.Time, decay []int64, context chart.Window) *counter {
	return &counter{
		night: night, decay: decay, context: context,
		number: map[cell]int32{}, ladders: map[ladderKey][]int32{}, counts: tally.New[slot](),
	}
}

func (c *counter) add(p schemas.CleanPlay) {
	age := worth.Age(c.night, p.StartedAt)
	switch {
	case p.Kind != schemas.KindPlay:
		c.fates.OtherKinds++
		return
	case age < 0:
		c.fates.AfterNight++
		return
	}
	c.fates.Plays++
	if c.listener == 0 || p.UserID != c.userID {
		c.listener, c.userID = c.listener+1, p.UserID
	}
	dayPart := ""
	if hour, _, known := localtime.Of(p.StartedAt, p.LocalMin); known {
		dayPart = schemas.DayPart(hour)
	}
	fresh := worth.Of(worth.Event{Kind: worth.Play, AgeDays: age}, c.decay)
	for _, n := range c.ladder(p.Country, dayPart, p.Device, age) {
		one := tally.Counts{Plays: 1}
		switch c.cells[n].Window {
		case 0:
			one.Weight = worth.One // all time: a play of another century is a play
		case noWindow:
		default:
			one.Weight = fresh
		}
		c.counts.Hear(slot{n, p.Song}, c.listener, one)
		c.counts.Hear(slot{n, wholeCell}, c.listener, one)
	}
}

// ladder returns the numbers of the cells a play counts in.
func (c *counter) ladder(region, dayPart, device string, age int) []int32 {
	k := ladderKey{region, dayPart, device, min(age, 2*contextDays), c.context.Holds(age)}
	if numbers, ok := c.ladders[k]; ok {
		return numbers
	}
	cells := chartCells(region, age)
	if k.context {
		cells = append(cells, contextCells(region, dayPart, device)...)
	}
	numbers := make([]int32, len(cells))
	for i, cell := range cells {
		n, ok := c.number[cell]
		if !ok {
			n = int32(len(c.cells))
			c.number[cell], c.cells = n, append(c.cells, cell)
		}
		numbers[i] = n
	}
	c.ladders[k] = numbers
	return numbers
}

// segments returns the sorted counts of every partition; the rows of cells themselves lie in partition 0.
func (c *counter) segments() [partitions][]tally.Row[key] {
	place := tally.Places(c.cells, compareCells)
	var out [partitions][]tally.Row[key]
	for _, r := range c.counts.Sorted(func(a, b slot) int {
		return cmp.Or(cmp.Compare(place[a.cell], place[b.cell]), cmp.Compare(a.song, b.song))
	}) {
		i := max(r.Key.song, 0) % partitions
		out[i] = append(out[i], tally.Row[key]{Key: key{c.cells[r.Key.cell], r.Key.song}, Counts: r.Counts})
	}
	return out
}
