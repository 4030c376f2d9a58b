package lake

import (
	"context"
	"errors"
)

// overlay reads from a base what it does not have itself.
type overlay struct {
	Store // in memory
	base  Store
}

// NewOverlay returns a store that reads objects of base and keeps in memory what is written: base stays as it is. Lists are of the memory
// alone.
func NewOverlay(ctx context.Context, base Store, name string) (Store, error) {
	s, err := Open(ctx, "mem://"+name)
	return &overlay{s, base}, err
}

// Open opens an object of the memory, else of the base.
func (o *overlay) Open(ctx context.Context, key string) (Object, error) {
	obj, err := o.Store.Open(ctx, key)
	if errors.Is(err, ErrNotExist) {
		return o.base.Open(ctx, key)
	}
	return obj, err
}

// Get reads an object of the memory, else of the base.
func (o *overlay) Get(ctx context.Context, key string) ([]byte, Info, error) {
	b, info, err := o.Store.Get(ctx, key)
	if errors.Is(err, ErrNotExist) {
		return o.base.Get(ctx, key)
	}
	return b, info, err
}

// Stat describes an object of the memory, else of the base.
func (o *overlay) Stat(ctx context.Context, key string) (Info, error) {
	info, err := o.Store.Stat(ctx, key)
	if errors.Is(err, ErrNotExist) {
		return o.base.Stat(ctx, key)
	}
	return info, err
}

// holder returns the one of the two stores that has an object.
func (o *overlay) holder(ctx context.Context, key string) Store {
	if _, err := o.Store.Stat(ctx, key); errors.Is(err, ErrNotExist) {
		return o.base
	}
	return o.Store
}
