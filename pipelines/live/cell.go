package live

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/state"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"segue/transforms/algo/playjson"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/archive"
	"segue/transforms/io/kafkaio"
	"segue/transforms/io/lake"
)

func init() {
	register.DoFn2x0[kafkaio.Batch, func(int, kafkaio.Batch)](&partitionFn{})
	register.DoFn5x1[context.Context, state.Provider, int, kafkaio.Batch, func(int64), error](&cellFn{})
	register.Emitter2[int, kafkaio.Batch]()
}

// partitionFn keys batches by their partition.
type partitionFn struct{}

// ProcessElement keys one.
func (*partitionFn) ProcessElement(b kafkaio.Batch, emit func(int, kafkaio.Batch)) {
	emit(int(b.Partition), b)
}

// cellFn keeps the lanes of a job on an engine. The engine's state of a partition is the batches since its last snapshot in the lake: a
// lane is a function of the records up to an offset, so that snapshot, these batches, and what the source reads again after a restart make
// the same lane anywhere. A lane that is ahead of the engine's state leaves out what comes twice; one that is behind is made anew.
type cellFn struct {
	Job       string // unique
	Holder    string // of partitions
	Lake      string
	Cluster   kafkaio.Cluster
	Sessions  sessions.Params
	Rules     playjson.Rules
	SaveEvery time.Duration
	Group     string
	Stops     map[int]int64 // by partition: offset at which it ends, where it does
	Since     state.Bag[[]byte]
}

// cells are those of this process, by job and partition.
var cells sync.Map

type cellKey struct {
	job       string
	partition int
}

// cell is where the lane of a partition is, if this process has one.
type cell struct {
	mu   sync.Mutex
	lane *lane
}

func (c *cell) end() {
	if c.lane != nil {
		c.lane.close() // what it holds is in the engine's state and in the lake
		c.lane = nil
	}
}

// ProcessElement applies a batch and, where it is time, saves; what the batch gave is written when it returns.
func (f *cellFn) ProcessElement(ctx context.Context, p state.Provider, partition int, b kafkaio.Batch, emit func(int64)) error {
	known, _ := cells.LoadOrStore(cellKey{f.Job, partition}, &cell{})
	c := known.(*cell)
	c.mu.Lock() // prism runs what it splits off a bundle beside the rest, whatever the key
	defer c.mu.Unlock()
	if err := f.take(ctx, p, c, b); err != nil {
		c.end()
		return err
	}
	heardRecords.Inc(ctx, int64(len(b.Records)))
	emit(int64(len(b.Records)))
	return nil
}

func (f *cellFn) take(ctx context.Context, p state.Provider, c *cell, b kafkaio.Batch) error {
	if err := f.ready(ctx, p, c, b); err != nil {
		return err
	}
	l, now := c.lane, time.Now()
	if err := l.renew(ctx); err != nil {
		return err
	}
	if b.Last > b.Previous {
		if err := f.Since.Add(p, kafkaio.AppendBatch(nil, b)); err != nil {
			return fmt.Errorf("keep batch of partition %d: %w", b.Partition, err)
		}
		if err := l.apply(ctx, b, now); err != nil {
			return err
		}
	}
	stop, ends := f.Stops[int(b.Partition)]
	ends = ends && l.applied()+1 >= stop
	atEnd := ends || b.Last == b.Previous // nothing is left to read
	l.atEnd = func() bool { return atEnd }
	if atEnd {
		if err := l.tick(ctx, now); err != nil {
			return err
		}
	}
	due := now.Sub(l.savedAt) >= f.SaveEvery || l.waiting() >= maxWaiting || ends
	if !due || l.gapped() {
		return nil
	}
	return f.save(ctx, p, l, ends)
}

// save makes the lake's snapshot that of now, after which the engine's state is empty.
func (f *cellFn) save(ctx context.Context, p state.Provider, l *lane, last bool) error {
	now := time.Now()
	if last {
		if err := l.giveAll(ctx, now); err != nil {
			return err
		}
		l.owner.Yield()
	}
	if !writes(ctx) {
		return ctx.Err()
	}
	defer func() { <-writing }()
	if err := l.save(ctx, now, true); err != nil {
		return err
	}
	return f.Since.Clear(p)
}

// ready makes the lane of a cell what it is before a batch. One that is missing comes from the lake and the engine's state. So does one that
// lags behind because another process had the partition meanwhile; one that lags behind otherwise lets the batch wait for those before it.
func (f *cellFn) ready(ctx context.Context, p state.Provider, c *cell, b kafkaio.Batch) error {
	if c.lane != nil && b.Previous > c.lane.applied() {
		at, err := archive.ReadState(ctx, c.lane.config.Lake, b.Partition)
		if err != nil {
			return err
		}
		if at.Epoch != c.lane.owner.State().Epoch {
			c.end()
		}
	}
	if c.lane == nil {
		return f.open(ctx, p, c, b)
	}
	return nil
}

// open takes a partition over: what the lake has, then what the engine has kept since.
func (f *cellFn) open(ctx context.Context, p state.Provider, c *cell, b kafkaio.Batch) error {
	store, err := lake.Open(ctx, f.Lake)
	if err != nil {
		return fmt.Errorf("open lake %s: %w", f.Lake, err)
	}
	since, _, err := f.Since.Read(p)
	if err != nil {
		return fmt.Errorf("read state of partition %d: %w", b.Partition, err)
	}
	config := Config{Cluster: f.Cluster, Lake: store, Sessions: f.Sessions, Rules: f.Rules, SaveEvery: f.SaveEvery, Group: f.Group, holder: f.Holder}
	if c.lane, err = openLane(ctx, config, b.Partition, b.Previous); err != nil {
		return err
	}
	if err := c.lane.renew(ctx); err != nil {
		return err
	}
	for _, text := range since {
		before, err := kafkaio.ParseBatch(text)
		if err == nil {
			err = c.lane.apply(ctx, before, time.Now())
		}
		if err != nil {
			return fmt.Errorf("restore partition %d: %w", b.Partition, err)
		}
	}
	return nil
}

// gapped reports whether batches wait for an earlier one, which the engine's state alone holds.
func (l *lane) gapped() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shard.Waiting() > 0
}

// renew makes the current release that of the lane.
func (l *lane) renew(ctx context.Context) error {
	c, err := current.of(ctx, l.config.Lake)
	if err == nil && c != nil && c.release != l.release {
		l.use(c)
	}
	return err
}
