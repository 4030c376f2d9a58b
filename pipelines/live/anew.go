package live

import (
	"context"
	"errors"
	"fmt"

	"segue/schemas"
	"segue/transforms/io/archive"
	"segue/transforms/io/kafkaio"
	"segue/transforms/io/lake"
)

// ErrAnew says that the topic is another one than the lake's state is of.
var ErrAnew = errors.New("the topic was made anew: its offsets begin again, and records would be lost. Start with another lake folder")

// note marks the newest record of some batches that is applied.
func (l *lane) note(among []kafkaio.Batch) {
	for _, b := range among {
		for i := range b.Records {
			r := &b.Records[i]
			if r.Offset <= l.shard.Applied() && (l.mark == nil || r.Offset > l.mark.Offset) {
				l.mark = &archive.Mark{Offset: r.Offset, ProducedMs: r.Time}
			}
		}
	}
}

// checkMarks looks, in partitions that have a state, whether the record that was applied last still stands where it stood.
//
// Errors: ErrAnew where another does. A record that retention took tells nothing.
func (c *Config) checkMarks(ctx context.Context, partitions []kafkaio.Span) error {
	held, err := c.spans(ctx, kafkaio.Earliest(), kafkaio.Latest())
	if err != nil {
		return err
	}
	for _, s := range partitions {
		state, err := archive.ReadState(ctx, c.Lake, s.Partition)
		if errors.Is(err, lake.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read where partition %d stands: %w", s.Partition, err)
		}
		if m := state.Mark; m != nil && held[s.Partition].Start <= m.Offset && m.Offset < held[s.Partition].Stop {
			if err := c.checkMark(ctx, s.Partition, *m); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Config) checkMark(ctx context.Context, partition int32, m archive.Mark) error {
	span := kafkaio.Span{Topic: schemas.TopicPlays, Partition: partition, Start: m.Offset, Stop: m.Offset + 1}
	return kafkaio.Await(ctx, c.Cluster, c.Patience, func() error {
		return kafkaio.Fetch(ctx, c.Cluster, []kafkaio.Span{span}, func(b kafkaio.Batch) (bool, error) {
			for i := range b.Records {
				if r := &b.Records[i]; r.Offset == m.Offset && r.Time != m.ProducedMs {
					return false, fmt.Errorf("offset %d of %s/%d is not the record that was read: %w", m.Offset, span.Topic, partition, ErrAnew)
				}
			}
			return true, nil
		})
	})
}
