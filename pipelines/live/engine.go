package live

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"segue/transforms/io/archive"
	"segue/transforms/io/kafkaio"
	"segue/transforms/io/lake"
)

// BuildOnEngine makes the graph of a job whose workers an engine starts. It begins where the snapshots in the lake end, so that a process
// and a job on an engine can follow each other; from a savepoint of the engine, it begins there.
//
// In:       topic of plays, all partitions. Out: what Job writes, in the same places.
// Delivery: as Job: at least once in the topic of features, under the same versions; once in the archive.
// State:    of a partition, the batches since its last snapshot in the lake.
// Errors:   as of Open.
func BuildOnEngine(ctx context.Context, s beam.Scope, c Config, name string) error {
	if err := c.Validate(); err != nil {
		return err
	}
	spans, err := c.planned(ctx)
	if err != nil {
		return err
	}
	buildOnEngine(s, c, name, spans)
	return nil
}

// planned is what a job on an engine reads: of each partition, all behind its snapshot.
func (c *Config) planned(ctx context.Context) ([]kafkaio.Span, error) {
	first, _, err := c.prepare(ctx)
	if err != nil {
		return nil, err
	}
	next := map[int32]int64{}
	for _, s := range first {
		next[s.Partition] = s.Start
		state, err := archive.ReadState(ctx, c.Lake, s.Partition)
		switch {
		case err == nil:
			next[s.Partition] = state.Offset + 1
		case !errors.Is(err, lake.ErrNotExist):
			return nil, err
		}
	}
	all, err := c.spans(ctx, kafkaio.Offsets(next), c.Until)
	return slices.DeleteFunc(all, func(s kafkaio.Span) bool { return !c.Share.owns(s.Partition) }), err
}

// engineReads give elements that engines move as they are, and a sign of life a second.
var engineReads = kafkaio.ReadParams{Budget: time.Second, MaxBytes: 256 << 10, Heartbeat: true}

func buildOnEngine(s beam.Scope, c Config, name string, spans []kafkaio.Span) {
	plays := kafkaio.Read(s, c.Cluster, spans, engineReads)
	byPartition := beam.ParDo(s.Scope("live.Partition"), &partitionFn{}, plays)
	heard := beam.ParDo(s.Scope("live.Cell"), newCell(c, name, spans), byPartition)
	beam.ParDo0(s.Scope("live.Count"), &countFn{}, beam.Reshuffle(s.Scope("live.Heard"), heard))
}

func newCell(c Config, name string, spans []kafkaio.Span) *cellFn {
	cell := &cellFn{
		Job: rand.Text(), Holder: "job " + name, Lake: c.Lake.URL(), Cluster: c.Cluster, Sessions: c.Sessions, Rules: c.Rules, SaveEvery: c.SaveEvery,
		Group: c.Group, Stops: map[int]int64{},
	}
	for _, s := range spans {
		if s.Stop != kafkaio.NoStop {
			cell.Stops[int(s.Partition)] = s.Stop
		}
	}
	cell.Since.Key = "since"
	return cell
}
