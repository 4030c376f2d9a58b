package work

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"segue/transforms/algo/simd"
	"segue/transforms/io/lake"
)

func init() {
	register.DoFn2x2[context.Context, int, int, error](&probeFn{})
}

// probes is how many questions are spread over the workers.
const probes = 32

// ErrNoWorker says that no worker of an engine answered.
var ErrNoWorker = errors.New("no worker of the engine has answered")

// Probe asks the workers of a runner whether they can work for the lake: they read an object that this process has just made. Runners
// whose workers are in this process are not asked.
//
// Errors: the first worker that cannot, on which host and why: the lake is not there, is another one, or refuses the worker's
// credentials, kernels of another tier; ErrNoWorker when the answers take longer than within.
func Probe(ctx context.Context, r Runner, l lake.Store, within time.Duration) error {
	if r.Local() {
		return nil
	}
	nonce := rand.Text()
	key := path.Join("probe", nonce)
	if _, err := lake.CreateJSON(ctx, l, key, nonce); err != nil {
		return fmt.Errorf("probe workers: %w", err)
	}
	defer l.Delete(context.WithoutCancel(ctx), key) // else it is a leftover that gc finds
	p, s := beam.NewPipelineWithRoot()
	s = s.Scope("work.Probe")
	asked := beam.Reshuffle(s.Scope("Ask"), beam.CreateList(s, make([]int, probes)))
	fn := &probeFn{Place: place{Lake: l.URL(), Scratch: l.URL(), Tier: simd.Tier()}, Key: key, Nonce: nonce}
	beam.Reshuffle(s.Scope("Answer"), beam.ParDo(s, fn, asked))
	late := fmt.Errorf("%w within %v", ErrNoWorker, within)
	ctx, cancel := context.WithTimeoutCause(ctx, within, late)
	defer cancel()
	_, err := r.Execute(ctx, p, func(int64) {})
	if err != nil {
		return fmt.Errorf("probe workers of %s: %w", r.Name(), err)
	}
	return nil
}

// CannotWork is what the error of a worker that answers says, through whatever an engine makes of it.
const CannotWork = "cannot work"

// probeFn answers for the process it runs in.
type probeFn struct {
	Place      place
	Key, Nonce string
}

// ProcessElement answers one question.
func (f *probeFn) ProcessElement(ctx context.Context, _ int) (int, error) {
	env, err := f.Place.env(ctx)
	if err != nil {
		return 0, onHost(err)
	}
	nonce, _, err := lake.ReadJSON[string](ctx, env.Lake, f.Key)
	switch {
	case errors.Is(err, lake.ErrNotExist):
		return 0, onHost(fmt.Errorf("lake %s is another one there: mount the same directory at the same path on every host, or use s3://bucket/prefix", f.Place.Lake))
	case err != nil || nonce != f.Nonce:
		return 0, onHost(fmt.Errorf("read %s of lake %s: %w", f.Key, f.Place.Lake, err))
	}
	return 0, nil
}

// onHost says which worker it is that an error is of.
func onHost(err error) error {
	host, _ := os.Hostname()
	return fmt.Errorf("the worker on host %s "+CannotWork+": %w", host, err)
}
