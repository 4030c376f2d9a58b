package work

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"segue/transforms/io/lake"
)

var beamElement = reflect.TypeFor[Element]()

// Run executes one phase of a stage and returns the results of its merges by key ascending; no items, no results.
//
// Graph:  Create(items) → Reshuffle → ParDo(d) → GroupByKey → ParDo(m) → GroupByKey → record.
// Errors: the first error of an item, as a value when it happened in this process, else as the runner's text.
// Resume: items recorded by an earlier attempt of the same run are not repeated, nor those any run kept when d is a Keeper.
// A phase name is used once a stage.
func Run[I, V, R any](sc *Context, phase string, items []I, d Doer[I, V], m Merger[V, R]) ([]R, error) {
	if len(items) == 0 {
		return nil, nil
	}
	j := job{Place: sc.place, Phase: phase}
	do, merge := j, j
	do.Worker, do.Config = reflectName(d), mustJSON(d)
	merge.Worker, merge.Config = reflectName(m), mustJSON(m)
	p, s := beam.NewPipelineWithRoot()
	in := elementsOf(items)
	if k, ok := any(d).(Keeper); ok {
		sc.keep(do, k.Version(), in, identitiesOf(items))
	}
	Build(s.Scope(sc.place.Stage+"."+phase), in, do, merge)

	live := &phaseLive{progress: sc.progress, stage: sc.place.Stage, phase: phase}
	livePhases.Store(j.id(), live)
	defer livePhases.Delete(j.id())
	if sc.progress != nil {
		sc.progress.Start(sc.place.Stage, phase, len(items))
	}
	stats, err := sc.runner.Execute(sc.ctx, p, live.seen())
	if failed := live.failure(); failed != nil {
		return nil, failed
	}
	if err != nil {
		return nil, fmt.Errorf("run phase %s of stage %s on %s: %w", phase, sc.place.Stage, sc.runner.Name(), err)
	}
	sc.shuffled(stats)
	lines := live.handed()
	if lines == nil {
		if lines, err = readResults(sc, j); err != nil {
			return nil, err
		}
	}
	return decodeResults[R](j, lines)
}

// Build adds the graph of one phase to s.
func Build(s beam.Scope, items []Element, do, merge job) {
	in := beam.Reshuffle(s, beam.CreateList(s, items))
	values := beam.ParDo(s.Scope("Do"), &doFn{Job: do}, in)
	results := beam.ParDo(s.Scope("Merge"), &mergeFn{Job: merge}, beam.GroupByKey(s.Scope("Values"), values))
	written := beam.ParDo(s.Scope("Record"), &recordFn{Job: do}, beam.GroupByKey(s.Scope("Results"), results))
	beam.GroupByKey(s.Scope("End"), written) // a ParDo whose output nobody reads makes prism spin
}

func elementsOf[I any](items []I) []Element {
	out := make([]Element, len(items))
	for i, item := range items {
		out[i] = Element{Item: int64(i), Payload: mustJSON(item)}
		if s, ok := any(item).(Sized); ok {
			out[i].Bytes = s.MemoryBytes()
		}
	}
	return out
}

// identitiesOf returns what decides the result of each item, encoded.
func identitiesOf[I any](items []I) [][]byte {
	out := make([][]byte, len(items))
	for i, item := range items {
		if d, ok := any(item).(Identified); ok {
			out[i] = mustJSON(d.Identity())
		} else {
			out[i] = mustJSON(item)
		}
	}
	return out
}

func reflectName(v any) string {
	t := reflect.TypeOf(v)
	return t.PkgPath() + "." + t.Name()
}

// readResults reads what workers in other processes recorded.
func readResults(sc *Context, j job) ([]result, error) {
	env, err := j.Place.env(sc.ctx)
	if err != nil {
		return nil, err
	}
	lines, _, err := lake.ReadJSON[[]result](sc.ctx, j.Place.records(env), j.resultsKey())
	if errors.Is(err, lake.ErrNotExist) {
		return nil, nil // every item emitted nothing
	}
	if err != nil {
		return nil, fmt.Errorf("read results of phase %s: %w", j.Phase, err)
	}
	return lines, nil
}

func decodeResults[R any](j job, lines []result) ([]R, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	out := make([]R, len(lines))
	for i, l := range lines {
		if err := json.Unmarshal(l.Value, &out[i]); err != nil {
			return nil, fmt.Errorf("decode result %q of phase %s: %w", l.Key, j.Phase, err)
		}
	}
	return out, nil
}
