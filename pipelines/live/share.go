package live

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"segue/schemas"
	"segue/transforms/io/archive"
	"segue/transforms/io/lake"
)

// Share is the part of the topic's partitions a process reads: those whose number leaves Instance when divided by Instances.
// The zero value is all of them.
type Share struct{ Instance, Instances int }

// ParseShare reads a share written as 3/8: the fourth of eight.
func ParseShare(text string) (Share, error) {
	a, b, ok := strings.Cut(text, "/")
	i, err1 := strconv.Atoi(a)
	n, err2 := strconv.Atoi(b)
	if !ok || err1 != nil || err2 != nil || i < 0 || n < 1 || i >= n {
		return Share{}, fmt.Errorf("%q is no share: write instance/instances, counted from 0, such as 3/8", text)
	}
	return Share{i, n}, nil
}

// String is the form ParseShare reads.
func (s Share) String() string { return fmt.Sprintf("%d/%d", s.Instance, max(s.Instances, 1)) }

// owns reports whether a partition is of the share.
func (s Share) owns(partition int32) bool {
	return s.Instances <= 1 || int(partition)%s.Instances == s.Instance
}

// checkPartitions compares the topic's number of partitions with what the lake knows, and remembers it the first time.
//
// Errors: ErrGrew; a share without a partition.
func (s Share) checkPartitions(ctx context.Context, l lake.Store, n int) error {
	if s.Instance >= n {
		return fmt.Errorf("instance %s has nothing to do: topic %s has %d partitions", s, schemas.TopicPlays, n)
	}
	before, err := archive.TopicPartitions(ctx, l)
	if err != nil {
		return err
	}
	if before == 0 { // a lake of a program that read all partitions at once and left no word
		known, err := archive.Partitions(ctx, l)
		if err != nil {
			return err
		}
		before = len(known)
	}
	if before == 0 || before == n {
		before, err = archive.FixPartitions(ctx, l, n)
	}
	if err != nil || before == n {
		return err
	}
	return fmt.Errorf("topic %s has %d partitions, the snapshots in the lake are of %d: %w; listeners' keys are elsewhere now: drain the topic and start with another lake folder, or restore the number",
		schemas.TopicPlays, n, before, ErrGrew)
}

// lane returns that of a partition of the share.
func (j *Job) lane(partition int32) *lane {
	for _, l := range j.lanes {
		if l.partition == partition {
			return l
		}
	}
	return nil
}
