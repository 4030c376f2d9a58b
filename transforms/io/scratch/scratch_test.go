package scratch_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"segue/transforms/io/scratch"
)

// A folder that is held stays, one whose process was killed goes with the next that is made, and one not locked yet is left alone.
func TestFolder(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	abandoned, young := filepath.Join(os.TempDir(), "segue-scratch-1"), filepath.Join(os.TempDir(), "segue-scratch-2")
	for _, file := range []string{filepath.Join(abandoned, "lock"), filepath.Join(abandoned, "part"), filepath.Join(young, "part")} {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	first, removeFirst, err := scratch.Folder()
	if err != nil {
		t.Fatal(err)
	}
	second, removeSecond, err := scratch.Folder()
	if err != nil {
		t.Fatal(err)
	}
	want(t, map[string]bool{abandoned: false, young: true, first: true, second: true})
	for _, remove := range []func() error{removeFirst, removeSecond} {
		if err := remove(); err != nil {
			t.Error(err)
		}
	}
	want(t, map[string]bool{young: true, first: false, second: false})
}

// Where no folder can be made the error says where, and what to set.
func TestNoFolder(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	t.Setenv("TMPDIR", nowhere)
	if _, _, err := scratch.Folder(); err == nil || !strings.Contains(err.Error(), nowhere) || !strings.Contains(err.Error(), "TMPDIR") {
		t.Error(err)
	}
}

func want(t *testing.T, there map[string]bool) {
	t.Helper()
	for path, yes := range there {
		if _, err := os.Stat(path); (err == nil) != yes {
			t.Errorf("%s is there: %v, want %v", path, !yes, yes)
		}
	}
}
