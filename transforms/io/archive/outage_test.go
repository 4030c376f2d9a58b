package archive

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/lake"
)

// failing fails a tenth of its changes, half of them after they took effect.
type failing struct {
	lake.Store
	rand *rand.Rand
}

var errAway = errors.New("away")

func (f failing) step(do func() (lake.Info, error)) (lake.Info, error) {
	switch f.rand.IntN(20) {
	case 0:
		return lake.Info{}, errAway
	case 1:
		if _, err := do(); err != nil {
			return lake.Info{}, err
		}
		return lake.Info{}, errAway
	}
	return do()
}

func (f failing) Create(ctx context.Context, key string, r io.Reader, size int64) (lake.Info, error) {
	return f.step(func() (lake.Info, error) { return f.Store.Create(ctx, key, r, size) })
}

func (f failing) Swap(ctx context.Context, key string, data []byte, etag string) (lake.Info, error) {
	return f.step(func() (lake.Info, error) { return f.Store.Swap(ctx, key, data, etag) })
}

func (f failing) Delete(ctx context.Context, key string) error {
	_, err := f.step(func() (lake.Info, error) { return lake.Info{}, f.Store.Delete(ctx, key) })
	return err
}

// A process that goes on after failures of the store, whether what failed took effect or not, leaves every play and session in the archive
// once, the last snapshot, and none else.
func TestOutages(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	defer func() { t.Log("seed", seed) }()
	r := rand.New(rand.NewPCG(seed, 2))
	for range 20 {
		recs, s := topic(r, 60), open(t)
		o, err := Claim(t.Context(), s, 0, -1, Lease{})
		if err != nil {
			t.Fatal(err)
		}
		w, err := NewWriter(t.Context(), s, 0, o.State().Epoch, -1)
		if err != nil {
			t.Fatal(err)
		}
		o.lake, w.lake = failing{s, r}, failing{s, r}
		shard := newShard()
		for saved := false; !saved; {
			from := shard.Applied() + 1
			to := min(from+int64(1+r.IntN(20)), int64(len(recs)))
			err := shard.Apply(sessions.Batch{Previous: from - 1, Last: to - 1, Records: recs[from:to]}, func(x sessions.Seen) {
				if x.Reason == "" {
					w.AddPlay(Play(0, x.Record, x.Event))
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range shard.Drain() {
				w.AddSession(Session(0, &f))
			}
			if err = w.Flush(t.Context(), to-1); err == nil {
				err = o.Save(t.Context(), to-1, noon, shard.Snapshot(nil))
			}
			if err != nil && !errors.Is(err, errAway) {
				t.Fatal(err)
			}
			saved = err == nil && to == int64(len(recs))
		}
		plays, over, want := wanted(t, recs)
		if gotPlays, gotOver := read(t, s); !reflect.DeepEqual(gotPlays, plays) || !reflect.DeepEqual(gotOver, over) {
			t.Fatalf("%d plays, want %d; sessions\n%+v\nwant\n%+v", len(gotPlays), len(plays), gotOver, over)
		}
		left, err := s.List(t.Context(), schemas.LiveSnapshots+"/"+partitionName(0)+"/")
		if state, stateErr := ReadState(t.Context(), s, 0); err != nil || stateErr != nil || len(left) != 2 || state.Offset != want.Applied() || state.Epoch != 1 {
			t.Errorf("%d objects are left beside state %+v: %v, %v", len(left), state, err, stateErr)
		}
	}
}

// An owner whose pointer was removed says so, rather than that another process has the partition.
func TestPointerGone(t *testing.T) {
	s := open(t)
	o, err := Claim(t.Context(), s, 0, -1, Lease{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), pointerKey(0)); err != nil {
		t.Fatal(err)
	}
	if err := o.Save(t.Context(), 1, noon, []byte("x")); !errors.Is(err, ErrGone) || errors.Is(err, ErrFenced) {
		t.Errorf("Save: %v", err)
	}
}
