package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
)

// FetchCommitted yields the offset a consumer group has committed in each partition; −1 where it has none.
func FetchCommitted(ctx context.Context, c Cluster, group, topic string) ([]int64, error) {
	cl, done, err := c.client()
	if err != nil {
		return nil, err
	}
	defer done()
	parts, err := c.leaders(ctx, cl, topic)
	if err != nil {
		return nil, err
	}
	return fetchCommitted(ctx, cl, group, topic, len(parts))
}

func fetchCommitted(ctx context.Context, cl *kafka.Client, group, topic string, n int) ([]int64, error) {
	out, numbers := make([]int64, n), make([]int, n)
	for i := range out {
		out[i], numbers[i] = -1, i
	}
	err := retryStarting(ctx, func() error {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		res, err := cl.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: group, Topics: map[string][]int{topic: numbers}})
		if err != nil {
			return err
		}
		if res.Error != nil && !errors.Is(res.Error, kafka.GroupIdNotFound) {
			return res.Error
		}
		for _, p := range res.Topics[topic] {
			if p.Error != nil {
				return fmt.Errorf("partition %d: %w", p.Partition, p.Error)
			}
			out[p.Partition] = p.CommittedOffset
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("fetch offsets of group %q: %w", group, err)
	}
	return out, nil
}

// Commit publishes under a group id where a job stands: next is the offset of the first record not yet processed, by
// partition. Lag tools read it, and Committed starts from it; the job's own checkpoint is the truth.
//
// Errors: a consumer that is a member of the group, an empty group id, brokers that do not answer.
func Commit(ctx context.Context, c Cluster, group, topic string, next map[int32]int64) error {
	if group == "" {
		return errors.New("commit offsets: no group id")
	}
	cl, done, err := c.client()
	if err != nil {
		return err
	}
	defer done()
	var commits []kafka.OffsetCommit
	for p, o := range next {
		commits = append(commits, kafka.OffsetCommit{Partition: int(p), Offset: o})
	}
	err = retryStarting(ctx, func() error { return commitOnce(ctx, cl, group, topic, commits) })
	if err != nil {
		return fmt.Errorf("commit offsets of group %q: %w", group, err)
	}
	return nil
}

func commitOnce(ctx context.Context, cl *kafka.Client, group, topic string, commits []kafka.OffsetCommit) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	res, err := cl.OffsetCommit(ctx, &kafka.OffsetCommitRequest{
		GroupID: group, GenerationID: -1, Topics: map[string][]kafka.OffsetCommit{topic: commits},
	})
	if err != nil {
		return err
	}
	for _, p := range res.Topics[topic] {
		if p.Error != nil {
			return fmt.Errorf("partition %d: %w", p.Partition, p.Error)
		}
	}
	return nil
}

// retryStarting repeats a call while a broker that has just started finds its controller (error 8) or makes its offsets topic
// (14, 15 and 16).
func retryStarting(ctx context.Context, call func() error) error {
	const tries, pause = 80, 250 * time.Millisecond
	for n := 1; ; n++ {
		err := call()
		if !starting(err) || n == tries {
			return err
		}
		if err := wait(ctx, pause); err != nil {
			return err
		}
	}
}

func starting(err error) bool {
	for _, code := range []kafka.Error{kafka.BrokerNotAvailable, kafka.GroupLoadInProgress, kafka.GroupCoordinatorNotAvailable, kafka.NotCoordinatorForGroup} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

// wait passes d, or ends early with the context's error.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
