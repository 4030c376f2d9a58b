package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/rtrackers/offsetrange"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/segmentio/kafka-go"
)

func init() {
	beam.RegisterType(reflect.TypeFor[Span]())
	beam.RegisterType(reflect.TypeFor[watermark]())
	beam.RegisterType(reflect.TypeFor[spanTracker]())
	register.DoFn5x2[context.Context, *watermark, *sdf.LockRTracker, Span, func(beam.EventTime, Batch), sdf.ProcessContinuation, error](&readFn{})
	register.Emitter2[beam.EventTime, Batch]()
}

var (
	readRecords = beam.NewCounter("kafkaio", "read_records")
	readBatches = beam.NewCounter("kafkaio", "read_batches")
	lostOffsets = beam.NewCounter("kafkaio", "lost_offsets")
	readErrors  = beam.NewCounter("kafkaio", "read_errors")
	lagGauge    = beam.NewGauge("kafkaio", "lag")
)

// What to do about records that retention deleted before they were read.
const (
	LostFail     = "fail"     // stop with an error: the default
	LostEarliest = "earliest" // go on with the oldest record left, count the gap in kafkaio/lost_offsets
	LostLatest   = "latest"   // go on behind the newest record
)

// ReadParams tune the source; the zero value of each field is its default.
type ReadParams struct {
	Budget     time.Duration // a call reads for at most this long; longer costs less and delays more; 100 ms
	MaxRecords int           // and at most this many records; 20,000
	MaxBytes   int           // and this many bytes, but for what its last fetch, of at most 1 MiB, brings too much; 8 MiB
	Wait       time.Duration // how long a broker may wait for a first record; 100 ms
	Idle       time.Duration // pause when nothing is left to read; 1 s. Less with a Name alone: it batches up what trickles in on prism, and is a hot loop on engines
	Disorder   time.Duration // how much older than the newest event one may still come; 0
	Clock      string        // name of a registered Clock; "" = time of the Kafka record
	OnLost     string        // LostFail, LostEarliest or LostLatest; LostFail
	MaxOutage  time.Duration // fail when a partition could not be read for this long; 5 min
	Heartbeat  bool          // where nothing is left to read, give a batch of no offset, so that what hangs on time goes on
	Name       string        // EndReads ends what is read under it, in this process; "" = nothing does
}

// endedReads are names EndReads was called with.
var endedReads sync.Map

// EndReads makes every source of a name claim the rest of its spans unread: the pipeline ends by itself, with all that was read before
// processed. Who goes on reads from the end of each partition's chain of batches. A name is used once.
func EndReads(name string) { endedReads.Store(name, true) }

// ended reports whether the source is to end.
func (p ReadParams) ended() bool {
	if p.Name == "" {
		return false
	}
	_, ok := endedReads.Load(p.Name)
	return ok
}

func (p ReadParams) withDefaults() ReadParams {
	duration := func(d *time.Duration, preset time.Duration) {
		if *d == 0 {
			*d = preset
		}
	}
	duration(&p.Budget, 100*time.Millisecond)
	duration(&p.Wait, 100*time.Millisecond)
	duration(&p.Idle, time.Second)
	duration(&p.MaxOutage, 5*time.Minute)
	if p.MaxRecords == 0 {
		p.MaxRecords = 20_000
	}
	if p.MaxBytes == 0 {
		p.MaxBytes = 8 << 20
	}
	if p.OnLost == "" {
		p.OnLost = LostFail
	}
	return p
}

// Validate reports everything that is wrong with p.
func (p ReadParams) Validate() error {
	var all []error
	if p.Budget < 0 || p.Wait < 0 || p.Idle < 0 || p.Disorder < 0 || p.MaxOutage < 0 || p.MaxRecords < 0 || p.MaxBytes < 0 {
		all = append(all, errors.New("a limit is negative"))
	}
	if p.Name == "" && p.Idle > 0 && p.Idle < time.Second {
		all = append(all, fmt.Errorf("the pause when idle is %v: engines cut it to whole seconds: want 1s or more, or a name, under which this process reads", p.Idle))
	}
	switch p.OnLost {
	case "", LostFail, LostEarliest, LostLatest:
	default:
		all = append(all, fmt.Errorf("unknown policy %q for lost records: want %s, %s or %s", p.OnLost, LostFail, LostEarliest, LostLatest))
	}
	_, err := clockNamed(p.Clock)
	return errors.Join(append(all, err)...)
}

// Read yields what the spans hold, as batches; without end where a span has none.
//
// In:       spans, from Spans: one reader a span, one partition in one span only.
// Out:      PCollection<Batch>, unbounded; per partition an unbroken chain; its time is the oldest event's, or the
// watermark where that is later.
// Time:     watermark = newest event − Disorder, never falling; a partition without records holds it back until its
// backlog is known to be 0, then it follows the clock.
// Delivery: at least once: a bundle that failed is read again from its first offset, so batches may be cut differently.
// Errors:   lost records by OnLost; an offset beyond the end; a partition that cannot be read for MaxOutage.
func Read(s beam.Scope, c Cluster, spans []Span, p ReadParams) beam.PCollection {
	if err := errors.Join(c.Validate(), p.Validate()); err != nil {
		panic(fmt.Sprintf("kafkaio.Read: %v", err))
	}
	s = s.Scope("kafkaio.Read")
	return beam.ParDo(s, &readFn{Cluster: c, Params: p.withDefaults()}, beam.Reshuffle(s, beam.CreateList(s, spans)))
}

// readFn reads one span, a call's budget at a time.
type readFn struct {
	Cluster Cluster
	Params  ReadParams

	clock Clock
}

// Setup finds the clock.
func (f *readFn) Setup() (err error) {
	f.clock, err = clockNamed(f.Params.Clock)
	return err
}

// CreateInitialRestriction is the whole span.
func (f *readFn) CreateInitialRestriction(s Span) offsetrange.Restriction {
	return offsetrange.Restriction{Start: s.Start, End: s.Stop}
}

// SplitRestriction never splits: order within a partition is part of the contract.
func (f *readFn) SplitRestriction(_ Span, r offsetrange.Restriction) []offsetrange.Restriction {
	return []offsetrange.Restriction{r}
}

// RestrictionSize asks nobody: it is called often.
func (f *readFn) RestrictionSize(s Span, r offsetrange.Restriction) float64 {
	_, remaining := newSpanTracker(r, knownEnd(s.Topic, s.Partition)).GetProgress()
	return remaining
}

// CreateTracker tracks runs of offsets.
func (f *readFn) CreateTracker(r offsetrange.Restriction) *sdf.LockRTracker {
	return sdf.NewLockRTracker(newSpanTracker(r, -1))
}

// TruncateRestriction ends a drained partition where it stands.
func (f *readFn) TruncateRestriction(rt *sdf.LockRTracker, _ Span) offsetrange.Restriction {
	start := rt.GetRestriction().(offsetrange.Restriction).Start
	return offsetrange.Restriction{Start: start, End: start}
}

// InitialWatermarkEstimatorState is before any event.
func (f *readFn) InitialWatermarkEstimatorState(beam.EventTime, offsetrange.Restriction, Span) int64 {
	return noWatermark
}

// CreateWatermarkEstimator goes on from a checkpoint.
func (f *readFn) CreateWatermarkEstimator(ms int64) *watermark {
	return &watermark{ms: ms, disorder: f.Params.Disorder.Milliseconds()}
}

// WatermarkEstimatorState is what a checkpoint keeps.
func (f *readFn) WatermarkEstimatorState(w *watermark) int64 { return w.ms }

// ProcessElement reads until the budget is spent or nothing is there.
func (f *readFn) ProcessElement(ctx context.Context, w *watermark, rt *sdf.LockRTracker, s Span, emit func(beam.EventTime, Batch)) (sdf.ProcessContinuation, error) {
	off := rt.GetRestriction().(offsetrange.Restriction).Start
	if off >= s.Stop || f.Params.ended() && rt.TryClaim(&claim{Last: s.Stop - 1}) {
		return sdf.StopProcessing(), nil
	}
	r := takeReader(f.Cluster, s.Topic, s.Partition)
	defer giveReader(r)
	limits := fetchLimits{wait: f.Params.Wait, maxBytes: min(f.Params.MaxBytes, 1<<20)}
	until, records, bytes := time.Now().Add(f.Params.Budget), 0, 0
	p := pull{readFn: f, span: s, r: r, w: w, rt: rt, emit: emit}
	for {
		got, err := r.fetch(ctx, off, limits)
		if err != nil {
			return p.failed(ctx, off, err)
		}
		r.failing = time.Time{}
		publish(ctx, r, got.next)
		if got.next == off {
			if r.high >= 0 && r.high <= off {
				w.idle(time.Now().UnixMilli())
				if f.Params.Heartbeat {
					emit(beam.EventTime(max(w.ms, minTimeMs)), batchOf(s, off-1, off-1, nil))
				}
			}
			return sdf.ResumeProcessingIn(f.pause(records)), nil
		}
		last, more := p.take(ctx, off, got)
		if !more {
			return sdf.StopProcessing(), nil
		}
		off, records, bytes = last+1, records+len(got.records), bytes+got.bytes
		if records >= f.Params.MaxRecords || bytes >= f.Params.MaxBytes || !time.Now().Before(until) {
			return sdf.ResumeProcessingIn(0), nil
		}
		limits.wait = time.Millisecond // what is there, without waiting for more
	}
}

// pause is none after records where a pause is long: there may be more soon.
func (f *readFn) pause(records int) time.Duration {
	if records > 0 && f.Params.Idle >= time.Second {
		return 0
	}
	return f.Params.Idle
}

// pull is one call of ProcessElement.
type pull struct {
	*readFn
	span Span
	r    *reader
	w    *watermark
	rt   *sdf.LockRTracker
	emit func(beam.EventTime, Batch)
}

// take claims and emits the offsets from off on; it yields the last one claimed, and whether the span goes on.
func (p pull) take(ctx context.Context, off int64, got fetched) (last int64, more bool) {
	c := claim{Last: got.next - 1}
	if !p.rt.TryClaim(&c) {
		return off - 1, false
	}
	b := batchOf(p.span, off-1, c.Last, got.records)
	p.emit(p.timeOf(p.w, b), b)
	readBatches.Inc(ctx, 1)
	readRecords.Inc(ctx, int64(len(b.Records)))
	return c.Last, !p.rt.IsDone()
}

// batchOf drops the records behind last: a checkpoint took them.
func batchOf(s Span, previous, last int64, records []Record) Batch {
	for len(records) > 0 && records[len(records)-1].Offset > last {
		records = records[:len(records)-1]
	}
	return Batch{Topic: s.Topic, Partition: s.Partition, Previous: previous, Last: last, Records: records}
}

// timeOf moves the watermark past the batch; it yields the time of the batch itself.
func (f *readFn) timeOf(w *watermark, b Batch) beam.EventTime {
	now := time.Now().UnixMilli()
	before := w.ms
	oldest, newest := int64(maxTimeMs), int64(noWatermark)
	for i := range b.Records {
		if t, ok := f.clock(b.Records[i]); ok {
			oldest, newest = min(oldest, t), max(newest, t)
		}
	}
	if newest == noWatermark {
		return beam.EventTime(max(before, minTimeMs))
	}
	w.observe(newest, now)
	return beam.EventTime(max(before, min(oldest, now), minTimeMs))
}

// failed decides whether a fetch that failed ends the job, passes over lost records, or is to be tried again.
func (p pull) failed(ctx context.Context, off int64, err error) (sdf.ProcessContinuation, error) {
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, kafka.OffsetOutOfRange):
		return p.lost(ctx, off)
	case errors.Is(err, kafka.SASLAuthenticationFailed):
		return nil, err
	}
	return p.again(ctx, off, err)
}

// again lets a fetch be tried again in a second, unless none has succeeded for too long.
func (p pull) again(ctx context.Context, off int64, err error) (sdf.ProcessContinuation, error) {
	readErrors.Inc(ctx, 1)
	now := time.Now()
	if p.r.failing.IsZero() {
		p.r.failing = now
		slog.Warn("reading fails; it is tried again", "topic", p.span.Topic, "partition", p.span.Partition, "offset", off, "error", err)
	}
	if out := now.Sub(p.r.failing); out > p.Params.MaxOutage {
		return nil, fmt.Errorf("no fetch succeeded for %v: %w", out.Round(time.Second), err)
	}
	return sdf.ResumeProcessingIn(time.Second), nil
}

// lost passes over offsets that retention deleted, as an empty batch, if that is the policy.
func (p pull) lost(ctx context.Context, off int64) (sdf.ProcessContinuation, error) {
	name := fmt.Sprintf("%s/%d", p.span.Topic, p.span.Partition)
	held, err := p.r.bounds(ctx)
	switch {
	case err != nil:
		return p.again(ctx, off, err)
	case off > held.last:
		return nil, fmt.Errorf("offset %d of %s is beyond its end %d: the topic was made anew, or lost records in a crash", off, name, held.last)
	case off >= held.first: // moved on meanwhile
		return sdf.ResumeProcessingIn(0), nil
	case p.Params.OnLost == LostFail:
		return nil, fmt.Errorf("offsets %d to %d of %s were deleted before they were read", off, held.first-1, name)
	}
	next := held.first
	if p.Params.OnLost == LostLatest {
		next = held.last
	}
	last, more := p.take(ctx, off, fetched{next: next})
	lostOffsets.Inc(ctx, last+1-off)
	slog.Warn("records were deleted before they were read", "partition", name, "from", off, "to", last)
	if !more {
		return sdf.StopProcessing(), nil
	}
	return sdf.ResumeProcessingIn(0), nil
}
