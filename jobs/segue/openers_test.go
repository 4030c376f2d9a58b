package main

import (
	"fmt"
	"strings"
	"testing"

	"segue/schemas"
	"segue/transforms/io/lake"
)

// A night tells how to open its tables in lines that fit a screen, whatever the number of files: of many the statement is asked for.
func TestOpenersAreShort(t *testing.T) {
	s, err := lake.Open(t.Context(), "mem://openers")
	if err != nil {
		t.Fatal(err)
	}
	var files []lake.FileRef
	for i := range 300 {
		files = append(files, lake.FileRef{Key: fmt.Sprintf("runs/r/part-%03d.parquet", i)})
	}
	for n, want := range map[int]string{
		0:   "",
		2:   "part-000.parquet'))\"    # the first of 2 files\n",
		1:   "duckdb -c \"SELECT * FROM read_parquet(['mem://openers/runs/r/part-000.parquet']) LIMIT 10\"",
		300: "duckdb -c \"$(segue inspect sql song_neighbours --run r --lake mem://openers) LIMIT 10\"",
	} {
		table := lake.Table{Name: schemas.TableSongNeighbours, Files: files[:n]}
		text := openers(release{s, lake.Manifest{Run: "r", Tables: []lake.Table{table}}})
		if !strings.Contains(text, want) || len(text) > 500 || n == 0 && text != "" || n == 1 && strings.Contains(text, "the first of") {
			t.Errorf("%d files: %s, want %s in it", n, text, want)
		}
	}
}

// A lake whose path a shell would cut is quoted in the lines to paste.
func TestShellWord(t *testing.T) {
	for text, want := range map[string]string{
		"/data/lake":            "/data/lake",
		"s3://music/segue":      "s3://music/segue",
		"/data/my lake":         "'/data/my lake'",
		"/data/anna's $(lakes)": `'/data/anna'\''s $(lakes)'`,
		"":                      "''",
	} {
		if got := shellWord(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	s, err := lake.Open(t.Context(), "mem://my lake")
	if err != nil {
		t.Fatal(err)
	}
	table := lake.Table{Name: schemas.TableSongNeighbours, Files: make([]lake.FileRef, 2)}
	if text := openers(release{s, lake.Manifest{Run: "r", Tables: []lake.Table{table}}}); strings.Count(text, "--lake 'mem://my lake'") != 2 {
		t.Errorf("openers: %s", text)
	}
}
