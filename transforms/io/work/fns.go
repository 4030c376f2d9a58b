package work

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"segue/transforms/io/lake"
)

func init() {
	beam.RegisterType(beamElement)
	register.DoFn3x1[context.Context, Element, func(string, Element), error](&doFn{})
	register.DoFn4x1[context.Context, string, func(*Element) bool, func(string, Element), error](&mergeFn{})
	register.DoFn4x1[context.Context, string, func(*Element) bool, func(string, int64), error](&recordFn{})
	register.Emitter2[string, Element]()
	register.Emitter2[string, int64]()
	register.Iter1[Element]()
}

var (
	elements      = beam.NewCounter("work", "elements")
	shuffledBytes = beam.NewCounter("work", "shuffled_bytes")
	elementBytes  = beam.NewDistribution("work", "element_bytes")
	itemsDone     = beam.NewCounter("work", "items")
	keptHits      = beam.NewCounter("work", "kept_hits")
	keptMade      = beam.NewCounter("work", "kept_made")
)

// Element is what moves through Beam: an item, a value or a result, encoded once, so that its size is known and bounded.
type Element struct {
	Item    int64  // number of the item it stems from
	Seq     int64  // number of the value within the item
	Key     string // key of a result; of an item, the folder where it is kept
	Bytes   int64  // memory the item claims
	Payload []byte // JSON
}

// job is the configuration all DoFns of a phase share.
type job struct {
	Place  place
	Phase  string
	Worker string // registered name of the Doer or Merger
	Config []byte // its JSON
}

func (j job) id() string { return j.Place.Attempt + "/" + j.Place.Stage + "/" + j.Phase }

// outbox collects what a bundle emits when it ends.
type outbox struct{ parts []*[]Element }

func (o *outbox) slot() *[]Element {
	p := new([]Element)
	o.parts = append(o.parts, p)
	return p
}

func (o *outbox) flush(ctx context.Context, j job, emit func(string, Element)) error {
	for _, part := range o.parts {
		for _, e := range *part {
			size := int64(len(e.Payload) + len(e.Key))
			if size > MaxElementBytes {
				return fail(j.id(), fmt.Errorf("emit %s of %s/%s: %d bytes, more than the %d an element may carry: write a file and emit its reference", e.Key, j.Place.Stage, j.Phase, size, MaxElementBytes))
			}
			elements.Inc(ctx, 1)
			shuffledBytes.Inc(ctx, size)
			elementBytes.Update(ctx, size)
			emit(e.Key, e)
		}
	}
	o.parts = nil
	return nil
}

// doFn runs the Doer on each item of its bundle, all at once.
type doFn struct {
	Job job

	gang *gang
	out  outbox
	hits atomic.Int64
	made atomic.Int64
}

func (f *doFn) StartBundle(ctx context.Context, _ func(string, Element)) {
	f.gang, f.out = newGang(ctx, f.Job.Place.Memory), outbox{}
	f.hits.Store(0)
	f.made.Store(0)
}

func (f *doFn) ProcessElement(_ context.Context, e Element, _ func(string, Element)) error {
	out := f.out.slot()
	item := undone[[]Keyed[json.RawMessage]]{
		place: f.Job.Place, inputs: [][]byte{f.Job.Config, e.Payload},
		outcome: func(env *Env) outcome[[]Keyed[json.RawMessage]] { return f.outcome(env, e) },
		run: func(ctx context.Context, env *Env) ([]Keyed[json.RawMessage], error) {
			run, err := doer(f.Job.Worker)
			if err != nil {
				return nil, err
			}
			return run(ctx, env, f.Job.Config, e.Payload)
		},
		give: func(values []Keyed[json.RawMessage], found bool) {
			for i, v := range values {
				*out = append(*out, Element{Item: e.Item, Seq: int64(i), Key: v.Key, Payload: v.Value})
			}
			f.count(e, found)
		},
	}
	return fail(f.Job.id(), f.gang.run(item.task(fmt.Sprintf("%s/%s item %d", f.Job.Place.Stage, f.Job.Phase, e.Item), e.Bytes)))
}

// outcome is where the values of an item lie: among the kept ones when it names their folder, else in the run.
func (f *doFn) outcome(env *Env, e Element) outcome[[]Keyed[json.RawMessage]] {
	if e.Key != "" {
		return &keptItem{store: env.Lake, folder: e.Key}
	}
	key := recordKey(f.Job.Place, f.Job.Phase, "do", []byte(f.Job.Worker), f.Job.Config, e.Payload)
	return record[[]Keyed[json.RawMessage]]{f.Job.Place.records(env), key, f.Job.Place.Fresh}
}

// count tells of an item that is done.
func (f *doFn) count(e Element, found bool) {
	itemDone(f.Job.id())
	switch {
	case e.Key == "":
	case found:
		f.hits.Add(1)
	default:
		f.made.Add(1)
	}
}

func (f *doFn) FinishBundle(ctx context.Context, emit func(string, Element)) error {
	if err := f.gang.wait(); err != nil {
		return fail(f.Job.id(), err)
	}
	itemsDone.Inc(ctx, int64(len(f.out.parts)))
	keptHits.Inc(ctx, f.hits.Load())
	keptMade.Inc(ctx, f.made.Load())
	return f.out.flush(ctx, f.Job, emit)
}

// mergeFn runs the Merger on each key of its bundle, all at once.
type mergeFn struct {
	Job job

	gang *gang
	out  outbox
}

func (f *mergeFn) StartBundle(ctx context.Context, _ func(string, Element)) {
	f.gang, f.out = newGang(ctx, f.Job.Place.Memory), outbox{}
}

func (f *mergeFn) ProcessElement(_ context.Context, key string, values func(*Element) bool, _ func(string, Element)) error {
	payloads := ordered(values)
	out := f.out.slot()
	run, again, err := merger(f.Job.Worker)
	if err != nil {
		return fail(f.Job.id(), err)
	}
	merge := undone[json.RawMessage]{
		place:   f.Job.Place,
		outcome: func(*Env) outcome[json.RawMessage] { return unrecorded[json.RawMessage]{} },
		run: func(ctx context.Context, env *Env) (json.RawMessage, error) {
			return run(ctx, env, f.Job.Config, key, payloads)
		},
		give: func(b json.RawMessage, _ bool) { *out = append(*out, Element{Key: key, Payload: b}) },
	}
	if !again {
		parts := append([][]byte{[]byte(f.Job.Worker), f.Job.Config, []byte(key)}, payloads...)
		record := recordKey(f.Job.Place, f.Job.Phase, "merge", parts...)
		merge.outcome, merge.inputs = f.recorded(record), append([][]byte{f.Job.Config}, payloads...)
	}
	return fail(f.Job.id(), f.gang.run(merge.task(fmt.Sprintf("%s/%s key %q", f.Job.Place.Stage, f.Job.Phase, key), 0)))
}

func (f *mergeFn) recorded(key string) func(*Env) outcome[json.RawMessage] {
	return func(env *Env) outcome[json.RawMessage] {
		return record[json.RawMessage]{f.Job.Place.records(env), key, f.Job.Place.Fresh}
	}
}

// ordered drains an iterator into payloads by (item, seq): the order of arrival is the runner's.
func ordered(values func(*Element) bool) [][]byte {
	var all []Element
	for e := (Element{}); values(&e); e = (Element{}) {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b Element) int { return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.Seq, b.Seq)) })
	payloads := make([][]byte, len(all))
	for i, e := range all {
		payloads[i] = e.Payload
	}
	return payloads
}

func (f *mergeFn) FinishBundle(ctx context.Context, emit func(string, Element)) error {
	if err := f.gang.wait(); err != nil {
		return fail(f.Job.id(), err)
	}
	for _, part := range f.out.parts { // one group for the record; the key of the result stays in the element
		for i := range *part {
			(*part)[i].Seq = 0
		}
	}
	return f.out.flush(ctx, f.Job, func(_ string, e Element) { emit("", e) })
}

// result is one line of the record of a phase.
type result struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

// recordFn hands the results of the phase, by key, to the submitter: in another process as one object.
type recordFn struct {
	Job job
}

func (f *recordFn) ProcessElement(ctx context.Context, _ string, values func(*Element) bool, emit func(string, int64)) error {
	results := []result{}
	for e := (Element{}); values(&e); e = (Element{}) {
		results = append(results, result{e.Key, e.Payload})
	}
	slices.SortFunc(results, func(a, b result) int { return cmp.Compare(a.Key, b.Key) })
	if !handOver(f.Job.id(), results) {
		if err := f.write(ctx, results); err != nil {
			return err
		}
	}
	emit("", int64(len(results)))
	return nil
}

func (f *recordFn) write(ctx context.Context, results []result) error {
	env, err := f.Job.Place.env(ctx)
	if err != nil {
		return err
	}
	_, err = lake.CreateJSON(ctx, f.Job.Place.records(env), f.Job.resultsKey(), results)
	if err != nil && !errors.Is(err, lake.ErrExists) {
		return fmt.Errorf("record phase %s: %w", f.Job.Phase, err)
	}
	return nil
}

func (j job) resultsKey() string {
	return lake.RunKey(j.Place.Run, "work", j.Place.Stage, "records", j.Phase+"-results-"+j.Place.Attempt+".json")
}
