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

// note marks the newest record of those batches that are applied, which they are as wholes.
func (l *lane) note(among []kafkaio.Batch) {
	for _, b := range among {
		if n := len(b.Records); n > 0 && b.Last <= l.shard.Applied() {
			if r := &b.Records[n-1]; l.mark == nil || r.Offset > l.mark.Offset {
				l.mark = &archive.Mark{Offset: r.Offset, ProducedMs: r.Time}
			}
		}
	}
}

// checkMarks looks, in partitions that have a state, whether the record that was applied last still stands where it stood.
//
// Errors: ErrAnew where another does. A record that retention took tells nothing.
func (c *Config) checkMarks(ctx context.Context, partitions []kafkaio.Span) error {
	marks, err := c.marks(ctx, partitions)
	if err != nil || len(marks) == 0 {
		return err
	}
	held, err := c.spans(ctx, kafkaio.Earliest(), kafkaio.Latest())
	if err != nil {
		return err
	}
	for _, s := range held {
		if m, ok := marks[s.Partition]; ok && s.Start <= m.Offset && m.Offset < s.Stop {
			if err := c.checkMark(ctx, s.Partition, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// marks returns the marks of partitions that have one.
func (c *Config) marks(ctx context.Context, partitions []kafkaio.Span) (map[int32]archive.Mark, error) {
	out := map[int32]archive.Mark{}
	for _, s := range partitions {
		state, err := archive.ReadState(ctx, c.Lake, s.Partition)
		if err != nil && !errors.Is(err, lake.ErrNotExist) {
			return nil, fmt.Errorf("read where partition %d stands: %w", s.Partition, err)
		}
		if state.Mark != nil {
			out[s.Partition] = *state.Mark
		}
	}
	return out, nil
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
