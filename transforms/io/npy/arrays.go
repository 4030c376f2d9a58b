package npy

import (
	"context"

	"segue/transforms/io/lake"
)

// Arrays holds open arrays together; the first error sticks, so that a caller opens all it needs and asks once.
// The zero value is ready. Not safe for concurrent use.
type Arrays struct {
	open []interface{ Close() error }
	err  error
}

// Load maps an array until a is closed; nil after an error.
func Load[T Element](ctx context.Context, a *Arrays, s lake.Store, ref lake.FileRef) []T {
	if x := keep(a, func() (*Array[T], error) { return Open[T](ctx, s, ref) }); x != nil {
		return x.Data
	}
	return nil
}

// LoadTable maps a two-dimensional array until a is closed; nil after an error.
func LoadTable[T Element](ctx context.Context, a *Arrays, s lake.Store, ref lake.FileRef) *Array[T] {
	return keep(a, func() (*Array[T], error) { return OpenShape[T](ctx, s, ref, -1, -1) })
}

func keep[T Element](a *Arrays, open func() (*Array[T], error)) *Array[T] {
	if a.err != nil {
		return nil
	}
	x, err := open()
	if err != nil {
		a.err = err
		return nil
	}
	a.open = append(a.open, x)
	return x
}

// Err returns the first error of Load.
func (a *Arrays) Err() error { return a.err }

// Close unmaps every array; their data must not be used after.
func (a *Arrays) Close() {
	for _, o := range a.open {
		o.Close()
	}
	a.open = nil
}
