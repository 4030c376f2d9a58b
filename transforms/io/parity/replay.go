package parity

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/archive"
	"segue/transforms/io/lake"
)

// chunk is how many plays are applied at a time.
const chunk = 1000

// replay is one partition.
type replay struct {
	lake      lake.Store
	params    sessions.Params
	partition int32
	state     archive.State
	decoder   *archive.Replay
	shard     *sessions.Shard
	sessions  []schemas.LiveSession // of the day
	unsure    []schemas.LiveSession // of the day, which the live job may have kept open
	compared  bool
}

func newReplay(ctx context.Context, s lake.Store, p sessions.Params, partition int32) (*replay, error) {
	state, err := archive.ReadState(ctx, s, partition)
	if err != nil {
		return nil, err
	}
	d := &archive.Replay{}
	return &replay{lake: s, params: p, partition: partition, state: state, decoder: d, shard: sessions.NewShard(p, d, math.MinInt64)}, nil
}

// run applies all archived plays, compares the features at the snapshot's offset, and keeps the sessions of the day.
func (r *replay) run(ctx context.Context, log []archive.Entry, day time.Time, t *table) error {
	var rows []schemas.ArchivedPlay
	for row, err := range archive.Plays(ctx, r.lake, log, r.partition, math.MinInt64) {
		if err != nil {
			return err
		}
		if len(rows) == chunk || len(rows) > 0 && !r.compared && row.Offset > r.state.Offset {
			if err := r.apply(rows, day); err != nil {
				return err
			}
			rows = rows[:0]
		}
		if !r.compared && row.Offset > r.state.Offset {
			if err := r.features(ctx, t); err != nil {
				return err
			}
		}
		rows = append(rows, row)
	}
	if err := r.apply(rows, day); err != nil {
		return err
	}
	if !r.compared {
		if err := r.features(ctx, t); err != nil {
			return err
		}
	}
	// As the live job does before it saves: it has given out what is over by its watermark. What only the end of all time ends may be
	// behind plays of the listener that go on.
	r.shard.Advance(r.state.Watermark.Add(r.params.Lateness).UnixMicro())
	r.sessions = r.keep(r.sessions, day)
	r.shard.Advance(math.MaxInt64 / 2)
	r.unsure = r.keep(r.unsure, day)
	return nil
}

func (r *replay) apply(rows []schemas.ArchivedPlay, day time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	b := sessions.Batch{Previous: r.shard.Applied(), Last: rows[len(rows)-1].Offset, Records: r.decoder.Records(rows)}
	if err := r.shard.Apply(b, nil); err != nil {
		return err
	}
	r.sessions = r.keep(r.sessions, day)
	return nil
}

// keep appends the finished sessions of the day.
func (r *replay) keep(to []schemas.LiveSession, day time.Time) []schemas.LiveSession {
	for _, f := range r.shard.Drain() {
		if row := archive.Session(r.partition, &f); row.StartedAt.Truncate(24 * time.Hour).Equal(day) {
			to = append(to, row)
		}
	}
	return to
}

// features compares every listener's record with that of the live job's snapshot.
func (r *replay) features(ctx context.Context, t *table) error {
	r.compared = true
	live, err := r.live(ctx)
	if err != nil || live == nil {
		return err
	}
	mine := map[string]map[string]any{}
	if err := records(r.shard, mine); err != nil {
		return err
	}
	for _, user := range slices.Sorted(keysOf(live, mine)) {
		t.compare(user, live[user], mine[user])
	}
	return nil
}

// live returns the records of the snapshot; nil when there is none.
func (r *replay) live(ctx context.Context) (map[string]map[string]any, error) {
	if r.state.Snapshot == "" {
		return nil, nil
	}
	b, _, err := r.lake.Get(ctx, r.state.Snapshot)
	if err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	shard, err := sessions.Restore(r.params, nil, b)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", r.state.Snapshot, err)
	}
	out := map[string]map[string]any{}
	return out, records(shard, out)
}

// passing are the fields that depend on the moment or the release.
var passing = []string{"session_open", "timer", "generation", "release"}

// records parses the record of every listener of a shard, but for those who were idle for long enough to be dropped.
func records(s *sessions.Shard, out map[string]map[string]any) error {
	s.Due(math.MaxInt64, func(sessions.Due) {})
	s.Advance(math.MinInt64 / 2)
	for _, user := range s.Users() {
		b, ok := s.Features(nil, user)
		if !ok {
			continue
		}
		fields := map[string]any{}
		if err := json.Unmarshal(b, &fields); err != nil {
			return fmt.Errorf("read the record of a listener: %w", err)
		}
		for _, name := range passing {
			delete(fields, name)
		}
		out[user] = fields
	}
	return nil
}
