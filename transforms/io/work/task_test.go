package work

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
)

// What was done before is found while all slots are at work, and every task ends once, also one that could not begin.
func TestFindingNeedsNoSlot(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	const known = 3 * findAtOnce
	cores := runtime.GOMAXPROCS(0)
	ended := make(chan string, known+cores+1)
	end := func(what string) func() { return func() { ended <- what } }
	began, release := make(chan struct{}, cores), make(chan struct{})
	g := newGang(ctx, 1<<20)
	for range cores {
		run(t, g, task{
			find: func(context.Context) (bool, error) { return false, nil },
			do: func(ctx context.Context) error {
				began <- struct{}{}
				select {
				case <-release:
					return errPlanned
				case <-ctx.Done():
					return nil // another was released first
				}
			},
			end: end("worked"),
		})
	}
	for range cores {
		<-began
	}
	for range known {
		run(t, g, task{
			find: func(context.Context) (bool, error) { return true, nil },
			do:   func(context.Context) error { t.Error("done again"); return nil },
			end:  end("found"),
		})
	}
	for range known {
		if what := <-ended; what != "found" {
			t.Fatalf("%s before all were found", what)
		}
	}
	run(t, g, task{
		find: func(context.Context) (bool, error) { return false, nil },
		do:   func(context.Context) error { t.Error("begun after a failure"); return nil },
		end:  end("waited"),
	})
	close(release)
	if err := g.wait(); !errors.Is(err, errPlanned) {
		t.Errorf("wait: %v, want what the tasks failed by", err)
	}
	if len(ended) != cores+1 {
		t.Errorf("%d tasks ended, want %d", len(ended), cores+1)
	}
}

var errPlanned = errors.New("planned")

func run(t *testing.T, g *gang, task task) {
	t.Helper()
	if err := g.run(task); err != nil {
		t.Fatal(err)
	}
}

// A reference is found wherever it lies in an item, and nothing else is taken for one.
func TestRefsIn(t *testing.T) {
	got := refsIn([]byte(`{"A":[{"key":"a","etag":"e","size":7,"sha256":"","rows":1}],"key":"k"}`), []byte(`[[{"key":"b","etag":"","size":1,"sha256":"s","rows":0}]]`), []byte(`"key"`))
	if len(got) != 2 || got[0].Key != "a" || got[0].Size != 7 || got[0].ETag != "e" || got[1].Key != "b" || got[1].SHA256 != "s" {
		t.Errorf("got %+v", got)
	}
}
