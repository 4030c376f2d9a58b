package lake

import "context"

type waitKey struct{}

// WithWait returns a context under which stores call wait around what waits for a disk and needs no core; wait calls what it is given, once,
// and may take its time to return. Stores hold no lock while they call it.
func WithWait(ctx context.Context, wait func(func() error) error) context.Context {
	return context.WithValue(ctx, waitKey{}, wait)
}

// Waiting calls f as the context wants it.
func Waiting(ctx context.Context, f func() error) error {
	if wait, ok := ctx.Value(waitKey{}).(func(func() error) error); ok {
		return wait(f)
	}
	return f()
}
