package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/segmentio/kafka-go"
)

// TopicParams say how a topic is made.
type TopicParams struct {
	Partitions  int
	Replication int               // 0 = the cluster's default
	Settings    map[string]string // as cleanup.policy=compact
}

// Compacted are the settings of a topic that keeps the newest record of each key.
func Compacted() map[string]string {
	return map[string]string{"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.1", "delete.retention.ms": "86400000", "max.compaction.lag.ms": "3600000"}
}

// CreateTopic makes a topic; one that exists already is left as it is.
//
// Errors: no broker answers, authentication refused, a name or setting the cluster refuses.
func CreateTopic(ctx context.Context, c Cluster, name string, p TopicParams) error {
	if err := c.Validate(); err != nil {
		return err
	}
	cl, done, err := c.client()
	if err != nil {
		return err
	}
	defer done()
	t := kafka.TopicConfig{Topic: name, NumPartitions: p.Partitions, ReplicationFactor: p.Replication}
	if p.Replication == 0 {
		t.ReplicationFactor = -1
	}
	for _, key := range slices.Sorted(maps.Keys(p.Settings)) {
		t.ConfigEntries = append(t.ConfigEntries, kafka.ConfigEntry{ConfigName: key, ConfigValue: p.Settings[key]})
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err = retryStarting(ctx, func() error {
		res, err := cl.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{t}})
		if err != nil {
			return err
		}
		return res.Errors[name]
	})
	if err != nil && !errors.Is(err, kafka.TopicAlreadyExists) {
		return fmt.Errorf("create topic %q: %w", name, err)
	}
	return nil
}
