package work

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"segue/transforms/io/lake"
)

// recordKey names the record of a finished item or merge: same work, same key.
func recordKey(p place, phase, kind string, parts ...[]byte) string {
	h := sha256.New()
	for _, b := range parts {
		fmt.Fprintf(h, "%d:", len(b))
		h.Write(b)
	}
	sum := hex.EncodeToString(h.Sum(nil)[:16])
	return lake.RunKey(p.Run, "work", p.Stage, "records", phase, kind+"-"+sum+".json")
}

// record is where the outcome of an item or a merge lies once it is done.
type record[T any] struct {
	store lake.Store
	key   string
	fresh bool // none is there
}

func (r record[T]) find(ctx context.Context) (got T, found bool, err error) {
	if r.fresh {
		return got, false, nil
	}
	got, _, err = lake.ReadJSON[T](ctx, r.store, r.key)
	if errors.Is(err, lake.ErrNotExist) {
		return got, false, nil
	}
	return got, err == nil, err
}

// make records what run gave. When another attempt recorded first, its outcome counts, so that all readers see one.
func (r record[T]) make(ctx context.Context, env *Env, run func(*Env) (T, error)) (T, error) {
	made, err := run(env)
	if err != nil {
		return made, err
	}
	_, err = lake.CreateJSON(ctx, r.store, r.key, made)
	if errors.Is(err, lake.ErrExists) {
		got, _, err := lake.ReadJSON[T](ctx, r.store, r.key)
		return got, err
	}
	if err != nil {
		return made, fmt.Errorf("record item: %w", err)
	}
	return made, nil
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("work: encode %T: %v", v, err))
	}
	return b
}
