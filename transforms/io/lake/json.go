package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// ReadJSON reads an object as JSON; fields T does not know are ignored.
func ReadJSON[T any](ctx context.Context, s Store, key string) (T, Info, error) {
	var v T
	data, in, err := s.Get(ctx, key)
	if err != nil {
		return v, in, err
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return v, in, fmt.Errorf("decode %s: %w: %w", key, ErrDamaged, err)
	}
	return v, in, nil
}

// CreateJSON writes v as a new object; ErrExists when the key is taken.
func CreateJSON(ctx context.Context, s Store, key string, v any) (Info, error) {
	data, err := encode(key, v)
	if err != nil {
		return Info{}, err
	}
	return s.Create(ctx, key, bytes.NewReader(data), int64(len(data)))
}

// encode returns indented JSON that ends with a newline: people read these objects too.
func encode(key string, v any) ([]byte, error) {
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", key, err)
	}
	return append(data, '\n'), nil
}
