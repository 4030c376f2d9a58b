package lake

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Who keeps copies of its own drops old ones that this user's processes share: nights that did so no more would leave those for ever.
func TestKeepCopiesPrunesShared(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := sharedCopies()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	old, used := filepath.Join(dir, "old"), filepath.Join(dir, "used")
	for path, age := range map[string]time.Duration{old: copyLife + time.Hour, used: copyLife - time.Hour} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	defer pruned.Store(pruned.Swap(0))
	if _, err := KeepCopies(&s3Store{}, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("an old copy stays")
	}
	if _, err := os.Stat(used); err != nil {
		t.Error(err)
	}
}
