package main_test

import (
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"segue/transforms/io/lake"
)

// Of two programs that promote at once one always wins; one that loses ends with 1 and names the run that was made current
// meanwhile, or the pointer it lost to. What is current is what a winner asked for.
func TestTwoPromotesAtOnce(t *testing.T) {
	binary, root := builtBinary(t), t.TempDir()
	s, err := lake.Open(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	runs := []string{"2026-11-22.1", "2026-11-23.1", "2026-11-24.1"}
	for _, run := range runs {
		date, attempt, _ := lake.ParseRun(run)
		if err := lake.Publish(t.Context(), s, lake.Manifest{Run: run, Date: date, Attempt: attempt}); err != nil {
			t.Fatal(err)
		}
	}
	lost := 0
	for round := range 20 {
		if _, err := exec.Command(binary, "rollback", runs[0], "--lake", root).CombinedOutput(); err != nil {
			t.Fatalf("round %d: rollback: %v", round, err)
		}
		var out [2]string
		var errs [2]error
		var both sync.WaitGroup
		for i := range 2 {
			both.Go(func() {
				said, err := exec.Command(binary, "promote", runs[1+i], "--lake", root).CombinedOutput()
				out[i], errs[i] = string(said), err
			})
		}
		both.Wait()
		now, err := lake.ReadPointer(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		for i, failed := range errs {
			switch {
			case failed == nil:
			case now.Run == runs[1+i] || !strings.Contains(out[i], now.Run):
				t.Errorf("round %d: promote %s lost while %s is current, and said %q", round, runs[1+i], now.Run, out[i])
			default:
				lost++
			}
		}
		if errs[0] != nil && errs[1] != nil {
			t.Errorf("round %d: nobody won: %s", round, fmt.Sprint(out))
		}
	}
	t.Logf("%d of 40 promotes lost", lost)
}

// A rollback behind a rollback goes nowhere by itself: what was current before is the later run.
func TestRollbackTwice(t *testing.T) {
	binary, root := builtBinary(t), t.TempDir()
	s, err := lake.Open(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range []string{"2026-11-22.1", "2026-11-23.1", "2026-11-24.1"} {
		date, attempt, _ := lake.ParseRun(run)
		if err := lake.Publish(t.Context(), s, lake.Manifest{Run: run, Date: date, Attempt: attempt}); err != nil {
			t.Fatal(err)
		}
	}
	p := program{t, binary, nil}
	p.must([]string{"current is run 2026-11-23.1, was 2026-11-24.1"}, "rollback", "--lake", root)
	p.refuses(2, []string{"name an earlier one", "promote 2026-11-24.1"}, "rollback", "--lake", root)
	p.must([]string{"current is run 2026-11-22.1"}, "rollback", "2026-11-22.1", "--lake", root)
}
