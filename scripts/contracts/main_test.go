package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The derived files in the repository are those the rows give now.
func TestDerivedFilesAreCurrent(t *testing.T) {
	dir := filepath.Join("..", "..", "schemas")
	files, err := derive(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("schemas/%s is not what the rows say (%v): run make contracts", name, err)
		}
	}
	kept, err := filepath.Glob(filepath.Join(dir, "contracts", "*.odcs.yaml"))
	if err != nil || len(kept) != len(files)-1 {
		t.Errorf("schemas/contracts holds %d contracts, want %d: one belongs to no table (%v)", len(kept), len(files)-1, err)
	}
}
