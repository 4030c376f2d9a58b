package kafkaio

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
)

// Lag is how far this process has read a partition.
type Lag struct {
	Topic     string
	Partition int32
	Next      int64 // offset to be read next
	End       int64 // offset behind the newest record, as last heard
}

// Records is the number of records not yet read.
func (l Lag) Records() int64 { return max(0, l.End-l.Next) }

type lagKey struct {
	topic     string
	partition int32
}

var lags = struct {
	sync.RWMutex
	of map[lagKey]Lag
}{of: map[lagKey]Lag{}}

// Lags yields where this process stands in each partition it has read, by topic and partition.
func Lags() []Lag {
	lags.RLock()
	defer lags.RUnlock()
	return slices.SortedFunc(maps.Values(lags.of), func(a, b Lag) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
	})
}

// publish tells Lags and the gauge kafkaio/lag, which has the sum over the partitions of the topic.
func publish(ctx context.Context, r *reader, next int64) {
	lags.Lock()
	lags.of[lagKey{r.topic, r.partition}] = Lag{Topic: r.topic, Partition: r.partition, Next: next, End: r.high}
	var sum int64
	for k, l := range lags.of {
		if k.topic == r.topic {
			sum += l.Records()
		}
	}
	lags.Unlock()
	lagGauge.Set(ctx, sum)
}

// knownEnd is the offset behind the newest record, as last heard; −1 = never.
func knownEnd(topic string, partition int32) int64 {
	lags.RLock()
	defer lags.RUnlock()
	if l, ok := lags.of[lagKey{topic, partition}]; ok {
		return l.End
	}
	return -1
}
