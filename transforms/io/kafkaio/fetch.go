package kafkaio

import (
	"context"
	"fmt"
	"time"
)

// Fetch reads the spans outside of a pipeline, one after the other, and hands each batch to got until that says false.
// Every span needs a stop.
//
// Errors: those of reading, when a new connection has them too; got's own.
func Fetch(ctx context.Context, c Cluster, spans []Span, got func(Batch) (bool, error)) error {
	for _, s := range spans {
		if s.Stop == NoStop {
			return fmt.Errorf("read partition %d of topic %q: no offset to stop at", s.Partition, s.Topic)
		}
		if more, err := fetchSpan(ctx, c, s, got); err != nil || !more {
			return err
		}
	}
	return nil
}

func fetchSpan(ctx context.Context, c Cluster, s Span, got func(Batch) (bool, error)) (bool, error) {
	r := takeReader(c, s.Topic, s.Partition)
	defer giveReader(r)
	failed := false
	for off := s.Start; off < s.Stop; {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		found, err := r.fetch(ctx, off, fetchLimits{wait: 500 * time.Millisecond, maxBytes: 1 << 20})
		if err != nil && failed {
			return false, err
		}
		failed = err != nil // it may be a connection of before a broker's restart
		if found.next == off {
			continue
		}
		last := min(found.next, s.Stop) - 1
		if more, err := got(batchOf(s, off-1, last, found.records)); err != nil || !more {
			return false, err
		}
		off = last + 1
	}
	return true, nil
}
