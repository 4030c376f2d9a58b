package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An import says which night comes next where something has landed, and that nothing has where files hold no records.
func TestImportOfNothing(t *testing.T) {
	for text, want := range map[string]string{
		"": "nothing has landed",
		`{"playlist_id":"p","songs":["a","b"]}` + "\n": "next: segue nightly",
	} {
		file := filepath.Join(t.TempDir(), "playlists.jsonl")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		out := mustSegue(t, "import", "--playlists", file, "--lake", filepath.Join(t.TempDir(), "lake"))
		if !strings.Contains(out, want) || strings.Contains(out, "next:") == (text == "") {
			t.Errorf("%q: %s, want %s", text, out, want)
		}
	}
}
