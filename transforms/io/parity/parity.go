// Package parity replays archived plays through the accumulator of the live job and compares the outcome with what that job left:
// batch equals stream, field by field.
//
//	parity.go   Run, Report: what is compared and what came of it
//	replay.go   one partition: archive → shard, beside the snapshot of the live job
//	compare.go  Table, Field: counts of equal, different, missing and extra values
//
// Two things are compared. Features: the record of every listener as the last snapshot of a partition has it, beside the replay up
// to the snapshot's offset. Sessions: those that started on a day, as the live job archived them, beside those of the replay.
// What depends on the moment rather than on the plays is left out: whether a session is still open, timers, the release.
package parity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/archive"
	"segue/transforms/io/lake"
)

// Names of the tables of a report.
const (
	Features = "features"
	Sessions = "sessions"
)

// Report is what came of a comparison.
type Report struct {
	Day        time.Time
	Partitions int
	Plays      int64   // replayed events that counted
	Late       int64   // replayed events that were late: the night knows them, the live features do not
	Duplicates int64   // replayed events that were there already
	Open       int64   // sessions of the day that had not ended for certain when the archive did; not compared
	Tables     []Table // Features, Sessions
}

// Share returns the part of all records that is equal; 1 when there are none.
func (r Report) Share() float64 {
	var equal, all int64
	for _, t := range r.Tables {
		equal += t.Equal
		all += t.Equal + t.Different + t.Missing + t.Extra
	}
	if all == 0 {
		return 1
	}
	return float64(equal) / float64(all)
}

// Run compares what the live job left for a day (00:00 UTC) with a replay of its archive under the parameters it ran with.
//
// Cost: the whole archive is read, a partition at a time; memory: the listeners of one partition twice, and the day's sessions.
// Errors: those of the archive; no partition at all is an empty report.
func Run(ctx context.Context, s lake.Store, day time.Time, p sessions.Params) (Report, error) {
	r := Report{Day: day}
	partitions, err := archive.Partitions(ctx, s)
	if err != nil {
		return r, err
	}
	log, err := archive.Log(ctx, s)
	if err != nil {
		return r, err
	}
	features, over := newTable(Features), newTable(Sessions)
	live, err := archive.Sessions(ctx, s, log, day)
	if err != nil {
		return r, err
	}
	var replayed []schemas.LiveSession
	open := open{from: map[int32]time.Time{}, unsure: map[string]bool{}}
	for _, n := range partitions {
		re, err := newReplay(ctx, s, p, n)
		if err != nil {
			return r, fmt.Errorf("replay partition %d: %w", n, err)
		}
		if err := re.run(ctx, log, day, features); err != nil {
			return r, fmt.Errorf("replay partition %d: %w", n, err)
		}
		replayed = append(append(replayed, re.sessions...), re.unsure...)
		open.of(re)
		c := re.shard.Counts()
		r.Plays, r.Late, r.Duplicates = r.Plays+c.Applied, r.Late+c.Late, r.Duplicates+c.Duplicates
	}
	r.Partitions = len(partitions)
	r.Open = compareSessions(over, live, archive.Newest(replayed), open)
	r.Tables = []Table{features.done(), over.done()}
	return r, nil
}

// open says which sessions the live job may not have given out.
type open struct {
	from   map[int32]time.Time // by partition: those that end then or later
	unsure map[string]bool     // by key: those that nothing but the end of all time ended in the replay
}

func (o open) of(r *replay) {
	o.from[r.partition] = r.state.Watermark.Add(-r.params.Gap - r.params.Lateness)
	for _, row := range r.unsure {
		o.unsure[sessionKey(row)] = true
	}
	for _, row := range r.sessions {
		delete(o.unsure, sessionKey(row))
	}
}

func sessionKey(s schemas.LiveSession) string {
	return s.UserID + " " + s.StartedAt.Format(time.RFC3339Nano)
}

// compareSessions compares by listener and start, and returns how many may be open.
func compareSessions(t *table, live, replayed []schemas.LiveSession, open open) (left int64) {
	a, _ := open.closed(live)
	b, left := open.closed(replayed)
	for _, key := range slices.Sorted(keysOf(a, b)) {
		x, inLive := a[key]
		y, inReplay := b[key]
		if !inLive && open.unsure[key] {
			left++
			continue
		}
		t.compare(key, sessionFields(x, inLive), sessionFields(y, inReplay))
	}
	return left
}

// closed returns, by key, the sessions that ended for certain, and how many others there are.
func (o open) closed(rows []schemas.LiveSession) (out map[string]schemas.LiveSession, left int64) {
	out = map[string]schemas.LiveSession{}
	for _, row := range rows {
		if !row.EndedAt.Before(o.from[row.Partition]) {
			left++
			continue
		}
		out[sessionKey(row)] = row
	}
	return out, left
}
