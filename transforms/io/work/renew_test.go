package work_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"segue/transforms/io/lake"
	"segue/transforms/io/work/worktest"
)

// A run that adopts an old item renews its record, so that a collection of garbage that looked before loses its swap; a
// record that says it is collected is made again.
func TestAdoptedItemsAreRenewed(t *testing.T) {
	n := &keptNight{Night: worktest.New(t, "2026-01-05")}
	dir := t.TempDir()
	var err error
	if n.Lake, err = lake.Open(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	_, _, sc, err := n.phase(keptFn{}, item("x", "1"))
	if err != nil {
		t.Fatal(err)
	}
	record := sc.Kept()[0] + lake.KeptRecord
	file := filepath.Join(dir, filepath.FromSlash(record))
	for _, c := range []struct {
		age     time.Duration
		renewed bool
	}{{time.Hour, false}, {lake.MinGrace/2 + time.Hour, true}} {
		old := time.Now().Add(-c.age)
		if err := os.Chtimes(file, old, old); err != nil {
			t.Fatal(err)
		}
		seen, err := n.Lake.Stat(t.Context(), record)
		if err != nil {
			t.Fatal(err)
		}
		if _, ran, _, err := n.phase(keptFn{}, item("x", "1")); ran != 0 || err != nil {
			t.Errorf("age %s: %d ran, %v", c.age, ran, err)
		}
		_, err = n.Lake.Swap(t.Context(), record, []byte("collected\n"), seen.ETag)
		if renewed := err != nil; renewed != c.renewed {
			t.Errorf("age %s: a collector's swap: %v", c.age, err)
		}
		if c.renewed {
			continue
		}
		if _, ran, _, err := n.phase(keptFn{}, item("x", "1")); ran != 1 || err != nil {
			t.Errorf("collected item: %d ran, %v", ran, err)
		}
	}
}
