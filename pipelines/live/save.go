package live

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"segue/schemas"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/archive"
	"segue/transforms/io/kafkaio"
)

// state is what a lane saves: all up to an offset.
type state struct {
	applied   int64
	plays     archive.Buffer
	sessions  []sessions.Finished
	watermark time.Time
	snapshot  []byte
}

// take takes what is to be saved; saving is locked.
func (l *lane) take(now time.Time) state {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := state{applied: l.shard.Applied(), plays: l.plays, watermark: l.watermark(now)}
	l.plays, l.spare = l.spare, archive.Buffer{}
	s.sessions = l.shard.Drain()
	s.snapshot = l.shard.Snapshot(nil)
	return s
}

// watermark is the instant before which plays are here, but for late ones: the newest play − lateness. It goes on with the
// clock where nothing is left to read.
func (l *lane) watermark(now time.Time) time.Time {
	newest := time.UnixMicro(l.newestUs)
	if l.caughtUp() {
		newest = newest.Add(now.Sub(l.heardAt))
		if l.newestUs == 0 {
			newest = now
		}
	}
	return newest.Add(-l.config.Sessions.Lateness)
}

// save archives what the lane has seen, then makes its state the one a restart loads.
//
// Errors: archive.ErrFenced when another process owns the partition.
func (l *lane) save(ctx context.Context, now time.Time) error {
	l.saving.Lock()
	defer l.saving.Unlock()
	l.savedAt = now
	s := l.take(now)
	l.writer.AddPlays(&s.plays)
	l.spare = s.plays
	for i := range s.sessions {
		l.writer.AddSession(archive.Session(l.partition, &s.sessions[i]))
	}
	if err := l.writer.Flush(ctx, s.applied); err != nil {
		return l.fail(err)
	}
	if err := l.owner.Save(ctx, s.applied, s.watermark, s.snapshot); err != nil {
		return l.fail(err)
	}
	l.publish(ctx, s.applied)
	return nil
}

// publish tells lag tools where the lane stands; nothing depends on it.
func (l *lane) publish(ctx context.Context, applied int64) {
	if l.config.Group == "" {
		return
	}
	err := kafkaio.Commit(ctx, l.config.Cluster, l.config.Group, schemas.TopicPlays, map[int32]int64{l.partition: applied + 1})
	if err != nil && ctx.Err() == nil {
		slog.Warn("the offset is not published", "partition", l.partition, "error", err)
	}
}

func (l *lane) fail(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.end(err)
}

// stop gives out everything, saves, and takes nothing more. A lane that has failed is not saved.
func (l *lane) stop(ctx context.Context) error {
	now := time.Now()
	err := l.tick(ctx, now.Add(l.config.Sessions.Interval)) // what the interval holds back, too
	if err == nil {
		err = l.save(ctx, now)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = errStopped
	}
	if errors.Is(err, context.DeadlineExceeded) {
		slog.Warn("stopped without a snapshot; a restart reads more", "partition", l.partition)
	}
	return err
}
