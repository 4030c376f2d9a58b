package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/pipelines/live"
	"segue/schemas"
	"segue/transforms/io/kafkaio"
)

func newFeatures() *cobra.Command {
	var follow bool
	cmd := &cobra.Command{
		Use:     "features USER",
		Short:   "Show a listener's current session features, from topic " + schemas.TopicFeatures,
		Example: "  segue features anna --brokers localhost:9092 --follow",
		Args:    cli.Args("USER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := clusterOf(cmd)
			if err != nil {
				return err
			}
			r := featureReader{cluster: c, user: args[0]}
			return r.run(cmd.Context(), cmd.OutOrStdout(), follow)
		},
	}
	addBrokers(cmd)
	cmd.Flags().BoolVar(&follow, "follow", false, "go on and show every change, one a line, until interrupted; null = erased")
	return cmd
}

// featureReader finds the newest record of one listener: an older version may stand behind a newer one.
type featureReader struct {
	cluster kafkaio.Cluster
	user    string
	newest  []byte
	version live.Version
	next    int64
}

const followEvery = 500 * time.Millisecond

func (r *featureReader) run(ctx context.Context, w io.Writer, follow bool) error {
	if _, err := r.read(ctx, kafkaio.Earliest()); err != nil {
		return err
	}
	if !follow {
		return r.print(w)
	}
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for changed := r.newest != nil; ; {
		if changed {
			fmt.Fprintf(w, "%s\n", r.line())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		var err error
		if changed, err = r.readOn(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// line is the newest record, null for one that was erased.
func (r *featureReader) line() []byte {
	if r.newest == nil {
		return []byte("null")
	}
	return r.newest
}

// readOn reads what came meanwhile; brokers that are away are waited for until ctx ends.
func (r *featureReader) readOn(ctx context.Context) (changed bool, err error) {
	err = kafkaio.Await(ctx, r.cluster, math.MaxInt64, func() error {
		more, err := r.read(ctx, kafkaio.Offsets(nil))
		changed = changed || more
		return err
	})
	return changed, err
}

func (r *featureReader) print(w io.Writer) error {
	if r.newest == nil {
		return fmt.Errorf("listener %q has no features: no play of theirs was read yet, or they were erased", r.user)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, r.newest, "", "  "); err != nil {
		return fmt.Errorf("show the features of %q: %w", r.user, err)
	}
	_, err := fmt.Fprintln(w, out.String())
	return err
}

// read reads on in the listener's partition; it reports whether a newer record came, or one that erases them all. After an error
// the next call reads on behind what was read.
func (r *featureReader) read(ctx context.Context, from kafkaio.Position) (changed bool, err error) {
	spans, err := kafkaio.Spans(ctx, r.cluster, schemas.TopicFeatures, from, kafkaio.Latest())
	if err != nil {
		return false, err
	}
	own := kafkaio.PartitionOf([]byte(r.user), len(spans))
	span := spans[own]
	span.Start = max(span.Start, r.next)
	err = kafkaio.Fetch(ctx, r.cluster, []kafkaio.Span{span}, func(b kafkaio.Batch) (bool, error) {
		for _, rec := range b.Records {
			if string(rec.Key) != r.user {
				continue
			}
			newer, err := r.take(rec.Value)
			if err != nil {
				return false, fmt.Errorf("offset %d of %s/%d: %w", rec.Offset, b.Topic, b.Partition, err)
			}
			changed = changed || newer
		}
		r.next = b.Last + 1
		return true, nil
	})
	return changed, err
}

// take keeps a record of the listener if it counts. One without a value erases what was before it.
func (r *featureReader) take(value []byte) (changed bool, err error) {
	if len(value) == 0 {
		changed = r.newest != nil
		r.newest, r.version = nil, live.Version{}
		return changed, nil
	}
	v, err := live.VersionOf(value)
	if err != nil {
		return false, err
	}
	if r.newest != nil && v.Compare(r.version) <= 0 {
		return false, nil
	}
	r.newest, r.version = value, v
	return true, nil
}
