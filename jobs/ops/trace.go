package ops

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"segue/transforms/io/work"
)

// traceWait is how long the end of a night waits for its last spans to be taken.
const traceWait = 5 * time.Second

// Tracer makes the spans of one night: the night, its stages, and the batches of work items of each. Its methods are those of
// work.Progress, which it passes on; a nil Tracer makes none. Safe for concurrent use.
type Tracer struct {
	next     work.Progress
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	night    spanOf

	mu    sync.Mutex
	stage named
	phase named
	left  int // items of the phase that are not done
}

// spanOf is an open span with the context of what happens within it.
type spanOf struct {
	ctx  context.Context
	span trace.Span
}

// named is the open span of a stage or phase; "" = none is open.
type named struct {
	name string
	spanOf
}

// NewTracer returns the tracer that OpenTelemetry's own variables ask for; nil, without them. Spans go by OTLP over HTTP to
// OTEL_EXPORTER_OTLP_ENDPOINT, with its headers, time limit and certificates; they are asked for by that address, by
// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or by OTEL_TRACES_EXPORTER=otlp, and refused by OTEL_TRACES_EXPORTER=none or
// OTEL_SDK_DISABLED=true. A TRACEPARENT makes the night a part of a larger trace. Progress is passed on to next.
//
// Errors: settings that cannot be meant. What cannot be sent goes to warn, once, and changes nothing.
func NewTracer(ctx context.Context, n Night, next work.Progress, warn func(error)) (*Tracer, error) {
	on, err := tracesWanted(os.Getenv)
	if err != nil || !on {
		return nil, err
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("start traces: %w", err)
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "segue"), attribute.String("service.version", n.Producer)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("start traces: %w", err)
	}
	var once sync.Once
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { once.Do(func() { warn(fmt.Errorf("send traces: %w", err)) }) }))
	t := &Tracer{next: next, provider: sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))}
	t.tracer = t.provider.Tracer("segue")
	parent := propagation.TraceContext{}.Extract(context.WithoutCancel(ctx), propagation.MapCarrier{"traceparent": os.Getenv("TRACEPARENT"), "tracestate": os.Getenv("TRACESTATE")})
	t.night = t.open(parent, "night", attribute.String("segue.date", n.Date.Format(time.DateOnly)), attribute.String("segue.lake", n.Lake), attribute.String("segue.execution", n.ID))
	return t, nil
}

// tracesWanted reads the standard variables.
func tracesWanted(env func(string) string) (bool, error) {
	exporter := env("OTEL_TRACES_EXPORTER")
	asked := exporter == "otlp" || env("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
	switch {
	case exporter == "none", env("OTEL_SDK_DISABLED") == "true":
		return false, nil
	case exporter != "" && exporter != "otlp":
		return false, fmt.Errorf("start traces: OTEL_TRACES_EXPORTER is %q, want otlp or none", exporter)
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if p := env(name); asked && p != "" {
			if p != "http/protobuf" {
				return false, fmt.Errorf("start traces: %s is %q, want http/protobuf", name, p)
			}
			break
		}
	}
	return asked, nil
}

func (t *Tracer) open(within context.Context, name string, about ...attribute.KeyValue) spanOf {
	ctx, span := t.tracer.Start(within, name, trace.WithAttributes(about...))
	return spanOf{ctx, span}
}

// Start opens the span of a phase, and that of its stage with the first one.
func (t *Tracer) Start(stage, phase string, items int) {
	t.mu.Lock()
	if t.stage.name != stage {
		t.close()
		t.stage = named{stage, t.open(t.night.ctx, stage)}
	}
	t.closePhase()
	t.phase = named{phase, t.open(t.stage.ctx, stage+" "+phase, attribute.Int("segue.items", items))}
	t.left = items
	t.mu.Unlock()
	if t.next != nil {
		t.next.Start(stage, phase, items)
	}
}

// Done counts items, and closes the span of the phase with its last one.
func (t *Tracer) Done(stage, phase string, items int) {
	t.mu.Lock()
	if t.stage.name == stage && t.phase.name == phase {
		if t.left -= items; t.left <= 0 {
			t.closePhase()
		}
	}
	t.mu.Unlock()
	if t.next != nil {
		t.next.Done(stage, phase, items)
	}
}

// End closes the span of a stage. A stage without work items has one of its own length.
func (t *Tracer) End(stage string, seconds float64) {
	t.mu.Lock()
	if t.stage.name != stage {
		t.close()
		_, span := t.tracer.Start(t.night.ctx, stage, trace.WithTimestamp(time.Now().Add(-time.Duration(seconds*float64(time.Second)))))
		span.End()
	}
	t.close()
	t.mu.Unlock()
	if t.next != nil {
		t.next.End(stage, seconds)
	}
}

func (t *Tracer) closePhase() {
	if t.phase.name != "" {
		t.phase.span.End()
		t.phase = named{}
	}
}

func (t *Tracer) close() {
	t.closePhase()
	if t.stage.name != "" {
		t.stage.span.End()
		t.stage = named{}
	}
}

// Close closes all spans, those of a failed night as failed, and sends what is left; it waits a few seconds at most.
func (t *Tracer) Close(ctx context.Context, n Night) error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if n.Err != nil {
		for _, s := range []trace.Span{t.phase.span, t.stage.span, t.night.span} {
			if s != nil {
				s.RecordError(n.Err)
				s.SetStatus(codes.Error, n.Err.Error())
			}
		}
	}
	t.close()
	t.night.span.SetAttributes(attribute.String("segue.run", n.Manifest.Run), attribute.Int("segue.failed_rules", len(n.Manifest.Failed)))
	t.night.span.End()
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), traceWait)
	defer cancel()
	if err := t.provider.Shutdown(wait); err != nil {
		return fmt.Errorf("send traces: %w", err)
	}
	return nil
}
