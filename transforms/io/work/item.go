package work

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
)

// MaxElementBytes bounds what one element may carry through a shuffle: larger things belong into files.
const MaxElementBytes = 1 << 20

// Keyed is one value of a Doer on its way to the Merge of its key.
type Keyed[V any] struct {
	Key   string `json:"k"`
	Value V      `json:"v"`
}

// Doer runs one work item: it reads files, calls pure code, writes files, returns references and small aggregates.
//
// A Doer is a struct whose exported fields are its configuration and encode to JSON. Do must be a function of the item,
// the configuration and the files they name; it may be called again after a failure and concurrently for other items.
type Doer[I, V any] interface {
	Do(ctx context.Context, env *Env, item I) ([]Keyed[V], error)
}

// Merger reduces the values of one key, given by item and within an item by emission.
type Merger[V, R any] interface {
	Merge(ctx context.Context, env *Env, key string, values []V) (R, error)
}

// Cheap is a Merger that costs less than a record of what it gave: a resumed night runs it again.
type Cheap interface{ Cheap() }

// Collect is the Merger of phases that need none: its result is the values.
type Collect[V any] struct{}

// Merge returns values.
func (Collect[V]) Merge(_ context.Context, _ *Env, _ string, values []V) ([]V, error) {
	return values, nil
}

// Cheap says that it is.
func (Collect[V]) Cheap() {}

// doerFunc and mergerFunc are a Doer and a Merger behind their encoded forms.
type (
	doerFunc   func(ctx context.Context, env *Env, config, item []byte) ([]Keyed[json.RawMessage], error)
	mergerFunc func(ctx context.Context, env *Env, config []byte, key string, values [][]byte) ([]byte, error)
)

var (
	registryMu sync.RWMutex
	doers      = map[string]doerFunc{}
	mergers    = map[string]mergerFunc{}
	cheap      = map[string]bool{} // mergers that are Cheap
)

// Register makes a Doer and a Merger known to every process that may run them; call it from init.
func Register[D Doer[I, V], M Merger[V, R], I, V, R any]() {
	registryMu.Lock()
	defer registryMu.Unlock()
	doers[typeName[D]()] = runDoer[D, I, V]
	mergers[typeName[M]()] = runMerger[M, V, R]
	_, cheap[typeName[M]()] = any(*new(M)).(Cheap)
}

func typeName[T any]() string {
	t := reflect.TypeFor[T]()
	return t.PkgPath() + "." + t.Name()
}

func runDoer[D Doer[I, V], I, V any](ctx context.Context, env *Env, config, item []byte) ([]Keyed[json.RawMessage], error) {
	var d D
	var in I
	if err := json.Unmarshal(config, &d); err != nil {
		return nil, fmt.Errorf("decode configuration: %w", err)
	}
	if err := json.Unmarshal(item, &in); err != nil {
		return nil, fmt.Errorf("decode item: %w", err)
	}
	values, err := d.Do(ctx, env, in)
	if err != nil {
		return nil, err
	}
	out := make([]Keyed[json.RawMessage], len(values))
	for i, v := range values {
		b, err := json.Marshal(v.Value)
		if err != nil {
			return nil, fmt.Errorf("encode value of key %q: %w", v.Key, err)
		}
		out[i] = Keyed[json.RawMessage]{v.Key, b}
	}
	return out, nil
}

func runMerger[M Merger[V, R], V, R any](ctx context.Context, env *Env, config []byte, key string, values [][]byte) ([]byte, error) {
	var m M
	if err := json.Unmarshal(config, &m); err != nil {
		return nil, fmt.Errorf("decode configuration: %w", err)
	}
	in := make([]V, len(values))
	for i, b := range values {
		if err := json.Unmarshal(b, &in[i]); err != nil {
			return nil, fmt.Errorf("decode value %d: %w", i, err)
		}
	}
	r, err := m.Merge(ctx, env, key, in)
	if err != nil {
		return nil, err
	}
	return json.Marshal(r)
}

func doer(name string) (doerFunc, error) {
	registryMu.RLock()
	defer registryMu.RUnlock()
	if f, ok := doers[name]; ok {
		return f, nil
	}
	return nil, fmt.Errorf("find doer %s: not registered in this binary", name)
}

func merger(name string) (f mergerFunc, isCheap bool, err error) {
	registryMu.RLock()
	defer registryMu.RUnlock()
	if f, ok := mergers[name]; ok {
		return f, cheap[name], nil
	}
	return nil, false, fmt.Errorf("find merger %s: not registered in this binary", name)
}
