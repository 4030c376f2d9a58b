package importer_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"segue/transforms/io/importer"
)

// Real sets, where they are there, import whole: a row for every line, no reject, and no more than 300 objects although
// one set has plays of 13,000 days.
func TestRealSets(t *testing.T) {
	root := os.Getenv("SEGUE_REAL_DATA")
	if root == "" {
		root = "../../../../shared/data"
	}
	sets, err := filepath.Glob(filepath.Join(root, "*", "events.csv"))
	if err != nil || len(sets) == 0 {
		t.Skipf("no real data below %s", root)
	}
	for _, events := range sets {
		dir := filepath.Dir(events)
		src := importer.Sources{
			From: importer.JSONL, Playlists: []string{filepath.Join(dir, "playlists.jsonl")},
			Songs: []string{filepath.Join(dir, "tracks.csv")}, Plays: []string{events},
		}
		s := newLake(t)
		r := mustImport(t, s, src, importer.Options{})
		for kind, path := range map[string]string{"playlists": src.Playlists[0], "songs": src.Songs[0], "plays": events} {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			lines := int64(len(bytes.Split(bytes.TrimSpace(data), []byte("\n"))))
			if filepath.Ext(path) == ".csv" {
				lines-- // the header
			}
			if k := r.Kind(kind); k.Out != lines || k.Rejected != 0 {
				t.Errorf("%s: %d rows and %d rejects of %d lines", path, k.Out, k.Rejected, lines)
			}
		}
		if n := len(list(t, s, "landing")); n > 300 {
			t.Errorf("%s: %d objects, want at most 300", dir, n)
		}
	}
}
