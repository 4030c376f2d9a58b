package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
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
	cmd.Flags().BoolVar(&follow, "follow", false, "go on and show every change, one a line, until interrupted")
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
			fmt.Fprintf(w, "%s\n", r.newest)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		var err error
		if changed, err = r.read(ctx, kafkaio.Offsets(nil)); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

func (r *featureReader) print(w io.Writer) error {
	if r.newest == nil {
		return fmt.Errorf("listener %q has no features: no play of theirs was read yet", r.user)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, r.newest, "", "  "); err != nil {
		return fmt.Errorf("show the features of %q: %w", r.user, err)
	}
	_, err := fmt.Fprintln(w, out.String())
	return err
}

// read reads on in the listener's partition; it reports whether a newer record came.
func (r *featureReader) read(ctx context.Context, from kafkaio.Position) (changed bool, err error) {
	spans, err := kafkaio.Spans(ctx, r.cluster, schemas.TopicFeatures, from, kafkaio.Latest())
	if err != nil {
		return false, err
	}
	own := kafkaio.PartitionOf([]byte(r.user), len(spans))
	span := spans[own]
	span.Start = max(span.Start, r.next)
	r.next = span.Stop
	err = kafkaio.Fetch(ctx, r.cluster, []kafkaio.Span{span}, func(b kafkaio.Batch) (bool, error) {
		for _, rec := range b.Records {
			if string(rec.Key) != r.user {
				continue
			}
			v, err := live.VersionOf(rec.Value)
			if err != nil {
				return false, fmt.Errorf("offset %d of %s/%d: %w", rec.Offset, b.Topic, b.Partition, err)
			}
			if r.newest == nil || v.Compare(r.version) > 0 {
				r.newest, r.version, changed = rec.Value, v, true
			}
		}
		return true, nil
	})
	return changed, err
}
