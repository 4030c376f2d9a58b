package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"segue/jobs/cli"
)

// kinds are the flags of segue import and the names a file of the kind may have.
var kinds = []struct {
	flag  string
	names []string
}{
	{"playlists", []string{"playlists"}},
	{"songs", []string{"songs", "tracks"}},
	{"plays", []string{"plays", "events"}},
	{"users", []string{"users", "listeners"}},
}

// importFlags finds the input files of a folder by their names and returns the flags that import them.
func importFlags(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, cli.Usage("read landing folder: %s", err)
	}
	var flags []string
	for _, kind := range kinds {
		for _, e := range entries {
			stem, _, _ := strings.Cut(e.Name(), ".")
			for _, name := range kind.names {
				if stem == name {
					flags = append(flags, "--"+kind.flag, filepath.Join(dir, e.Name()))
				}
			}
		}
	}
	if len(flags) == 0 {
		return nil, cli.Usage("folder %s holds none of the files playlists.*, songs.* or tracks.*, plays.* or events.*, users.*", dir)
	}
	return flags, nil
}

// emptyFolder makes a folder for the demo, or empties the one an earlier demo left. A folder of somebody else is refused.
func emptyFolder(dir string) error {
	const marker = ".segue-demo"
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(dir, marker)); err != nil {
			return cli.Usage("folder %s is not empty and no demo made it: give another --dir", dir)
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("empty demo folder: %w", err)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make demo folder: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, marker), nil, 0o644)
}
