package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"segue/jobs/config"
	"segue/jobs/ops"
	"segue/pipelines/nightly"
	"segue/transforms/io/lake"
)

// opsSettings say who is told of nights. Where events are posted to, and with which token, comes from OpenLineage's own
// variables OPENLINEAGE_URL, OPENLINEAGE_API_KEY and OPENLINEAGE_NAMESPACE alone; where traces go, from OpenTelemetry's.
type opsSettings struct {
	MetricsFile string `json:"metrics_file"` // for the node exporter's textfile collector, such as /var/lib/node_exporter/segue.prom
	MetricsPush string `json:"metrics_push"` // address of a Prometheus gateway
	LineageFile string `json:"lineage_file"` // OpenLineage events, one a line
}

func (o opsSettings) check() error {
	if strings.Contains(o.MetricsPush, "@") {
		return fmt.Errorf("%w: ops.metrics_push holds a password, which config show would print: use a gateway that asks for none", config.ErrConfig)
	}
	return nil
}

// teller tells of one night. What cannot be told is a warning: it never fails the night.
type teller struct {
	opsSettings
	lineage ops.Lineage
	tracer  *ops.Tracer // nil = no traces
	night   ops.Night
	warn    io.Writer
}

// tellStart tells that a night starts; where traces are asked for, its progress becomes spans and is passed on.
func tellStart(ctx context.Context, s *settings, o *nightly.Options, warn io.Writer) *teller {
	now := time.Now()
	t := &teller{
		opsSettings: s.Ops, warn: warn,
		night: ops.Night{ID: ops.NewID(now), Lake: o.Lake.URL(), Date: o.Date, Producer: o.Producer, StartedAt: now},
		lineage: ops.Lineage{
			File: s.Ops.LineageFile, URL: os.Getenv("OPENLINEAGE_URL"), Key: os.Getenv("OPENLINEAGE_API_KEY"),
			Namespace: cmp.Or(os.Getenv("OPENLINEAGE_NAMESPACE"), "segue"),
		},
	}
	t.report(t.lineage.Tell(ctx, t.night))
	var err error
	t.tracer, err = ops.NewTracer(ctx, t.night, o.Progress, t.report)
	t.report(err)
	if t.tracer != nil {
		o.Progress = t.tracer
	}
	return t
}

// end tells how the night ended.
func (t *teller) end(ctx context.Context, store lake.Store, result nightly.Result, err error) {
	t.night.EndedAt, t.night.Err, t.night.Stopped, t.night.Stages = time.Now(), err, ctx.Err() != nil, result.Stages
	if result.Run != "" {
		m, merr := lake.ReadManifest(context.WithoutCancel(ctx), store, result.Run)
		if merr == nil {
			t.night.Manifest = m
		}
	}
	t.report(t.lineage.Tell(ctx, t.night))
	t.report(t.tracer.Close(ctx, t.night))
	if t.MetricsFile != "" {
		t.report(ops.WriteMetrics(t.MetricsFile, t.night))
	}
	if t.MetricsPush != "" {
		t.report(ops.PushMetrics(ctx, t.MetricsPush, t.night))
	}
}

func (t *teller) report(err error) {
	if err != nil {
		fmt.Fprintf(t.warn, "warning: the night was not told of: %v\n", err)
	}
}
