package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"segue/schemas"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/archive"
	"segue/transforms/io/kafkaio"
)

// saved is what a lane saves: all up to an offset.
type saved struct {
	applied   int64
	sessions  []sessions.Finished
	watermark time.Time
	mark      *archive.Mark
	snapshot  []byte
}

// take hands plays to the writer and takes what else is to be saved, with or without a snapshot; saving is locked.
func (l *lane) take(now time.Time, snapshot bool) saved {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.advance(now) // the watermark says that sessions before it are here
	s := saved{applied: l.shard.Applied(), watermark: l.watermark(now), sessions: l.shard.Drain(), mark: l.mark}
	l.writer.AddPlays(&l.plays)
	if snapshot {
		s.snapshot = l.shard.Snapshot(make([]byte, 0, l.snapshot+l.snapshot/8))
		l.snapshot = len(s.snapshot)
	}
	return s
}

// watermark is the instant before which plays are here, but for late ones: the newest play − lateness. It goes on with the
// clock where nothing is left to read.
func (l *lane) watermark(now time.Time) time.Time {
	newest := time.UnixMicro(l.newestUs)
	if l.atEnd() {
		newest = newest.Add(now.Sub(l.heardAt))
		if l.newestUs == 0 {
			newest = now
		}
	}
	return newest.Add(-l.config.Sessions.Lateness)
}

// writing lets one lane write at a time: to compress files takes some ten megabytes, and a core that features wait for.
var writing = make(chan struct{}, 1)

// writes waits for its turn to write; false when the context ended first. Give the turn back by receiving from writing.
func writes(ctx context.Context) bool {
	select {
	case writing <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// save archives what the lane has seen. With a snapshot, its state becomes the one a restart loads; without one, what is read again
// after a crash is in the archive already. It is the turn of the lane to write. After an error it can be called again: what was to be
// archived is kept.
//
// Errors: archive.ErrFenced when another process owns the partition.
func (l *lane) save(ctx context.Context, now time.Time, snapshot bool) error {
	s := l.take(now, snapshot)
	err := l.archive(ctx, s)
	if err == nil && snapshot {
		if s.mark != nil {
			l.owner.Note(*s.mark)
		}
		err = l.owner.Save(ctx, s.applied, s.watermark, s.snapshot)
	}
	if err != nil {
		return l.during(err)
	}
	l.store.back()
	if snapshot {
		l.savedAt = now
		l.publish(ctx, s.applied)
	}
	return nil
}

// archive writes the plays and sessions of a state.
func (l *lane) archive(ctx context.Context, s saved) error {
	for i := range s.sessions {
		l.writer.AddSession(archive.Session(l.partition, &s.sessions[i]))
	}
	return l.writer.Flush(ctx, s.applied)
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
	defer l.unlock()
	return l.end(err)
}

// during says which lane an error of the store is of.
func (l *lane) during(err error) error {
	return fmt.Errorf("save partition %d of topic %s: %w", l.partition, schemas.TopicPlays, err)
}

// postpone takes an error of a save: nil where it is to be tried again, else the lane has failed.
func (l *lane) postpone(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		err = l.store.away(err, l.config.StorePatience, l.writer.Buffered())
	}
	if err != nil {
		l.store.back()
		return l.fail(err)
	}
	return nil
}

// saveLast saves as often as it takes, as long as the context and the patience with the store last.
func (l *lane) saveLast(ctx context.Context) error {
	l.owner.Yield()
	for {
		if !writes(ctx) {
			return l.fail(ctx.Err())
		}
		err := l.save(ctx, time.Now(), true)
		<-writing
		if err == nil {
			return nil
		}
		if err := l.postpone(ctx, err); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryEvery):
		}
	}
}

// stop gives out everything, saves, and takes nothing more. A lane that has failed is not saved. One whose context ends before that is
// not, either: nothing is lost, as a restart reads on behind the snapshot before.
func (l *lane) stop(ctx context.Context) error {
	now := time.Now()
	err := l.giveAll(ctx, now)
	switch {
	case err != nil:
	default:
		err = l.saveLast(ctx)
	}
	l.mu.Lock()
	defer l.unlock()
	if l.err == nil {
		l.err = errStopped
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		slog.Warn("stopped without a snapshot: what was under way took too long; nothing is lost, the next start reads more", "partition", l.partition, "error", err)
		l.unsaved = true
		return nil
	}
	return err
}
