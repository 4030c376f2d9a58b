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

// once returns what the record under key holds, or runs f and records its result.
// When another attempt recorded first, its result is adopted, so that all readers see one.
func once[T any](ctx context.Context, s lake.Store, key string, f func() (T, error)) (T, error) {
	got, _, err := lake.ReadJSON[T](ctx, s, key)
	if err == nil || !errors.Is(err, lake.ErrNotExist) {
		return got, err
	}
	made, err := f()
	if err != nil {
		return made, err
	}
	if _, err := lake.CreateJSON(ctx, s, key, made); errors.Is(err, lake.ErrExists) {
		got, _, err := lake.ReadJSON[T](ctx, s, key)
		return got, err
	} else if err != nil {
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
