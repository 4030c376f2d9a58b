package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"segue/jobs/cli"
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

// Listeners alone make no night.
func TestImportOfUsers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "users.jsonl")
	if err := os.WriteFile(file, []byte(`{"user_id":"u","country":"SE"}`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out := mustSegue(t, "import", "--users", file, "--lake", filepath.Join(t.TempDir(), "lake")); !strings.Contains(out, "once playlists or plays are there") {
		t.Error(out)
	}
}

// A missing input is wrong usage, and no lake is made for it.
func TestImportOfMissingFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	_, err := segue(t, "import", "--playlists", filepath.Join(t.TempDir(), "none.jsonl"), "--lake", dir)
	if !errors.Is(err, cli.ErrUsage) || !strings.Contains(err.Error(), "none.jsonl") {
		t.Errorf("error is %v, want wrong usage", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the lake was made: %v", err)
	}
}
