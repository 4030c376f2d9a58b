package work_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"segue/transforms/io/lake"
	"segue/transforms/io/work"
	"segue/transforms/io/work/worktest"
)

func init() {
	work.Register[splitFn, sumFn, int, int, string]()
	work.Register[splitFn, work.Collect[int], int, int, []int]()
	work.Register[badFn, work.Collect[string], int, string, []string]()
}

// splitFn emits each divisor count under key even or odd and counts how often it ran.
type splitFn struct{ Add int }

var ran atomic.Int64

func (f splitFn) Do(_ context.Context, _ *work.Env, item int) ([]work.Keyed[int], error) {
	ran.Add(1)
	key := "even"
	if item%2 == 1 {
		key = "odd"
	}
	return []work.Keyed[int]{{Key: key, Value: item + f.Add}, {Key: key, Value: -item}}, nil
}

type sumFn struct{}

func (sumFn) Merge(_ context.Context, _ *work.Env, key string, values []int) (string, error) {
	return fmt.Sprint(key, values), nil
}

var errPlanted = errors.New("planted")

type badFn struct{ How string }

func (f badFn) Do(_ context.Context, _ *work.Env, item int) ([]work.Keyed[string], error) {
	switch {
	case item != 3:
		return nil, nil
	case f.How == "panic":
		panic("planted panic")
	case f.How == "error":
		return nil, fmt.Errorf("read thing: %w", errPlanted)
	default:
		return []work.Keyed[string]{{Key: "k", Value: strings.Repeat("x", work.MaxElementBytes)}}, nil
	}
}

func runOn(t *testing.T, runner string, f func(sc *work.Context) error) (map[string]int64, error) {
	t.Helper()
	n := worktest.New(t, "2026-01-05")
	n.Runner = runner
	err := n.Stage(work.Stage{Name: "test", Run: func(_ context.Context, sc *work.Context) error { return f(sc) }})
	return n.Counts, err
}

// Values reach Merge by (item, emission) and results leave by key, on every runner.
func TestRunIsOrderedOnEveryRunner(t *testing.T) {
	for _, runner := range work.Runners {
		t.Run(runner, func(t *testing.T) {
			counts, err := runOn(t, runner, func(sc *work.Context) error {
				got, err := work.Run(sc, "split", []int{0, 1, 2, 3, 4}, splitFn{Add: 10}, sumFn{})
				want := []string{"even[10 0 12 -2 14 -4]", "odd[11 -1 13 -3]"}
				if err == nil && !slices.Equal(got, want) {
					t.Errorf("results %q, want %q", got, want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if counts["work/elements"] != 12 { // 10 values and 2 results
				t.Errorf("counted %d elements, want 12: %v", counts["work/elements"], counts)
			}
		})
	}
}

// A phase without items or without values has no results.
func TestRunWithoutItems(t *testing.T) {
	_, err := runOn(t, "prism", func(sc *work.Context) error {
		none, err := work.Run(sc, "none", nil, splitFn{}, sumFn{})
		if err != nil || len(none) != 0 {
			t.Errorf("results %v, %v", none, err)
		}
		silent, err := work.Run(sc, "silent", []int{1, 2}, badFn{}, work.Collect[string]{})
		if len(silent) != 0 {
			t.Errorf("results %v", silent)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// An error keeps its identity and names stage, phase and item; a panic becomes an error; a large element is refused.
func TestRunErrors(t *testing.T) {
	for _, c := range []struct{ how, want string }{
		{"error", "test/bad item 1: read thing: planted"},
		{"panic", "test/bad item 1: panic: planted panic"},
		{"large", "write a file and emit its reference"},
	} {
		for _, runner := range work.Runners {
			t.Run(c.how+"/"+runner, func(t *testing.T) {
				_, err := runOn(t, runner, func(sc *work.Context) error {
					_, err := work.Run(sc, "bad", []int{1, 3}, badFn{c.how}, work.Collect[string]{})
					return err
				})
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("error %v, want %q", err, c.want)
				}
				if (c.how == "error") != errors.Is(err, errPlanted) {
					t.Errorf("errors.Is(planted) = %v", !(c.how == "error"))
				}
			})
		}
	}
}

// An item that fails while others of its bundle wait for their turn is told as one that fails last: as a value, without the runner's text.
func TestErrorsAmongManyItems(t *testing.T) {
	for _, runner := range work.Runners {
		_, err := runOn(t, runner, func(sc *work.Context) error {
			_, err := work.Run(sc, "bad", slices.Repeat([]int{3}, 200), badFn{"error"}, work.Collect[string]{})
			return err
		})
		if !errors.Is(err, errPlanted) || strings.Contains(err.Error(), "DoFn") {
			t.Errorf("%s: %v", runner, err)
		}
	}
}

// A second attempt of the same run repeats no recorded item, and another configuration shares no record.
func TestRunResumesByItem(t *testing.T) {
	n := worktest.New(t, "2026-01-05")
	phase := func(attempt string, add int) []string {
		runner, _ := work.NewRunner("")
		set := work.Setting{Lake: n.Lake, Run: n.Run, Attempt: attempt, Date: n.Date, Runner: runner}
		sc, err := work.NewContext(t.Context(), set, work.Stage{Name: "test"}, map[string][]lake.FileRef{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := work.Run(sc, "split", []int{0, 1, 2, 3, 4}, splitFn{Add: add}, sumFn{})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	ran.Store(0)
	first := phase("a", 7)
	if ran.Load() != 5 {
		t.Fatalf("ran %d items, want 5", ran.Load())
	}
	if again := phase("b", 7); ran.Load() != 5 || !slices.Equal(first, again) {
		t.Errorf("second attempt ran %d more items and gave %v, want 0 and %v", ran.Load()-5, again, first)
	}
	if phase("c", 8); ran.Load() != 10 {
		t.Errorf("another configuration ran %d items, want 5", ran.Load()-5)
	}
}
