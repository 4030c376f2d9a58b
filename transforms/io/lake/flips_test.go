package lake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"segue/transforms/io/lake"
)

// flips returns how often the pointer moves.
func flips() int {
	if testing.Short() {
		return 100
	}
	return 1000
}

// wide publishes a run of three tables whose every file says which run it is of.
func wide(t *testing.T, s lake.Store, run string) {
	t.Helper()
	m := must[lake.Manifest](t)(release(t.Context(), s, run, "a"))
	for _, name := range []string{"charts", "song_vectors"} {
		f := must[*lake.File](t)(lake.NewFile(t.Context(), s, lake.RunKey(run, "tables", name, "part-0-a.parquet")))
		fmt.Fprintf(f, "songs of %s", run)
		ref := must[lake.FileRef](t)(f.Commit(t.Context(), 3))
		m.Tables = append(m.Tables, lake.Table{Name: name, Rows: 3, Bytes: ref.Size, Files: []lake.FileRef{ref}})
	}
	if err := lake.Publish(t.Context(), s, m); err != nil {
		t.Fatal(err)
	}
}

// Under a thousand rollbacks and promotions readers that follow the pointer see all tables of one night, never a mixture,
// and the generation only rises.
func TestFlips(t *testing.T) {
	eachLake(t, func(t *testing.T, s lake.Store) {
		moves := flips()
		wide(t, s, "2026-11-23.1")
		wide(t, s, "2026-11-24.1")
		ctx, stop := context.WithCancel(t.Context())
		var readers sync.WaitGroup
		var passes, changes atomic.Int64
		for range 2 {
			readers.Go(func() { readMixed(t, ctx, s, &passes, &changes) })
		}
		for i := range moves {
			var err error
			if i%2 == 0 {
				err = lake.Rollback(t.Context(), s, "2026-11-23.1")
			} else {
				err = lake.Promote(t.Context(), s, "2026-11-24.1", lake.Override{})
			}
			if err != nil {
				t.Fatalf("flip %d: %v", i, err)
			}
		}
		stop()
		readers.Wait()
		t.Logf("%d flips, %d reads of a release, %d of them of another run than the read before", moves, passes.Load(), changes.Load())
		if p := must[lake.Pointer](t)(lake.ReadPointer(t.Context(), s)); p.Generation != int64(moves)+2 {
			t.Errorf("generation %d after %d moves", p.Generation, int64(moves)+2)
		}
		if passes.Load() == 0 || changes.Load() == 0 {
			t.Error("no reader saw a flip")
		}
	})
}

func readMixed(t *testing.T, ctx context.Context, s lake.Store, passes, changes *atomic.Int64) {
	last := lake.Pointer{}
	for ctx.Err() == nil {
		p, m, err := lake.Current(t.Context(), s)
		if err != nil || m.Run != p.Run || p.Generation < last.Generation {
			t.Errorf("read after %+v: %+v, manifest of %s, %v", last, p, m.Run, err)
			return
		}
		for _, table := range m.Tables {
			data, _, err := s.Get(t.Context(), table.Files[0].Key)
			if want := "songs of " + p.Run; err != nil || string(data) != want {
				t.Errorf("table %s holds %q, want %q: %v", table.Name, data, want, err)
				return
			}
		}
		if last.Run != "" && last.Run != p.Run {
			changes.Add(1)
		}
		passes.Add(1)
		last = p
	}
}

// meeting lets the first reads of the pointer go on only when all deciders have made theirs.
type meeting struct {
	lake.Store
	together *sync.WaitGroup
	once     *sync.Once
}

func (m meeting) Get(ctx context.Context, key string) ([]byte, lake.Info, error) {
	data, in, err := m.Store.Get(ctx, key)
	if key == lake.PointerKey {
		m.once.Do(func() {
			m.together.Done()
			m.together.Wait()
		})
	}
	return data, in, err
}

// Of decisions taken over the same pointer one wins; the others say which run was made current, and change nothing. Asking
// for the run that won is no conflict.
func TestTwoDecisions(t *testing.T) {
	eachLake(t, func(t *testing.T, s lake.Store) {
		for day := 21; day <= 24; day++ {
			publish(t, s, fmt.Sprintf("2026-11-%d.1", day))
		}
		for _, c := range []struct {
			name   string
			runs   [2]string
			failed int
		}{{"different", [2]string{"2026-11-22.1", "2026-11-23.1"}, 1}, {"same", [2]string{"2026-11-21.1", "2026-11-21.1"}, 0}} {
			before := must[lake.Pointer](t)(lake.ReadPointer(t.Context(), s))
			errs := decide(t, s, func(s lake.Store, i int) error { return lake.Rollback(t.Context(), s, c.runs[i]) })
			after := must[lake.Pointer](t)(lake.ReadPointer(t.Context(), s))
			checkDecisions(t, c.name, after, c.failed, errs)
			if after.Generation != before.Generation+1 {
				t.Errorf("%s: generation went from %d to %d", c.name, before.Generation, after.Generation)
			}
		}
		errs := decide(t, s, func(s lake.Store, i int) error {
			return lake.Promote(t.Context(), s, []string{"2026-11-23.1", "2026-11-24.1"}[i], lake.Override{})
		})
		checkDecisions(t, "promote", must[lake.Pointer](t)(lake.ReadPointer(t.Context(), s)), 1, errs)
	})
}

// decide takes two decisions at once, both over the pointer as it stands.
func decide(t *testing.T, s lake.Store, do func(lake.Store, int) error) [2]error {
	t.Helper()
	var errs [2]error
	var wg, together sync.WaitGroup
	together.Add(2)
	for i := range 2 {
		wg.Go(func() { errs[i] = do(meeting{s, &together, new(sync.Once)}, i) })
	}
	wg.Wait()
	return errs
}

func checkDecisions(t *testing.T, name string, now lake.Pointer, want int, errs [2]error) {
	t.Helper()
	failed := 0
	for _, err := range errs {
		if err == nil {
			continue
		}
		failed++
		if !errors.Is(err, lake.ErrConflict) || !strings.Contains(err.Error(), "run "+now.Run+" was made current meanwhile") {
			t.Errorf("%s: %v, current is %s", name, err, now.Run)
		}
	}
	if failed != want {
		t.Errorf("%s: %d decisions failed, want %d: %v", name, failed, want, errs)
	}
}
