package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
)

// Lease says who holds a partition, and for how long after a save others are refused. It is a courtesy between processes that
// were started with shares that overlap; what keeps a partition from two owners is its epoch.
type Lease struct {
	Holder string        // such as 3/8; a process of the same name takes over at once, as one that is started again
	For    time.Duration // 0 = others may claim at any time
}

// ErrHeld says that a process of another name holds the partition.
var ErrHeld = errors.New("another process holds the partition")

// free says whether a lease may take over from a state.
func (l Lease) free(s State, partition int32, now time.Time) error {
	if s.Holder == "" || s.Holder == l.Holder || !now.Before(s.Until) {
		return nil
	}
	return fmt.Errorf("%w: %s holds partition %d until %s: stop it, or wait", ErrHeld, s.Holder, partition, s.Until.Format(time.TimeOnly))
}

// until is when a lease that is renewed now ends.
func (l Lease) until(now time.Time) time.Time {
	if l.For == 0 {
		return time.Time{}
	}
	return now.Add(l.For).UTC().Truncate(time.Second)
}

// Yield lets anyone claim the partition after the next Save, which is the last of this owner.
func (o *Owner) Yield() { o.lease.For = 0 }

// topicKey is what the lake knows of the topic.
const topicKey = schemas.LiveSnapshots + "/topic.json"

type topicState struct {
	Partitions int `json:"partitions"`
}

// TopicPartitions returns how many partitions the topic had when the live job first read it; 0 = it never did, or by a program
// that did not say.
func TopicPartitions(ctx context.Context, s lake.Store) (int, error) {
	t, _, err := lake.ReadJSON[topicState](ctx, s, topicKey)
	if errors.Is(err, lake.ErrNotExist) {
		return 0, nil
	}
	return t.Partitions, err
}

// FixPartitions remembers the topic's number of partitions, unless one is remembered, and returns the one that is.
func FixPartitions(ctx context.Context, s lake.Store, n int) (int, error) {
	b, err := json.Marshal(topicState{n})
	if err != nil {
		return 0, err
	}
	_, err = s.Create(ctx, topicKey, bytes.NewReader(b), int64(len(b)))
	if err == nil {
		return n, nil
	}
	if !errors.Is(err, lake.ErrExists) {
		return 0, fmt.Errorf("remember the topic's partitions: %w", err)
	}
	return TopicPartitions(ctx, s)
}
