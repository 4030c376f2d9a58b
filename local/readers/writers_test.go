package readers_test

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"segue/schemas"
	"segue/transforms/io/importer"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// foreignPlay has the columns of a play that every writer can hold.
type foreignPlay struct {
	UserID    string    `parquet:"user_id"`
	SongID    string    `parquet:"song_id"`
	StartedAt time.Time `parquet:"started_at,timestamp(microsecond)"`
	Kind      string    `parquet:"kind"`
	MsPlayed  *int64    `parquet:"ms_played,optional"`
	Skipped   *bool     `parquet:"skipped,optional"`
}

// foreignPlays are plays with values that are missing, and runs of flags of every length up to twenty.
func foreignPlays() (out []foreignPlay) {
	at := time.Date(2026, 1, 5, 0, 0, 0, 1000_000, time.UTC)
	for run := range 20 {
		for range run + 1 {
			n := len(out)
			p := foreignPlay{UserID: fmt.Sprint("u", n%7), SongID: fmt.Sprint("é", n%31), StartedAt: at.Add(time.Duration(n) * time.Minute), Kind: schemas.KindPlay}
			if skipped := run%2 == 0; run%5 != 4 {
				p.Skipped = &skipped
			}
			if ms := int64(n) * 1000; n%3 > 0 {
				p.MsPlayed = &ms
			}
			out = append(out, p)
		}
	}
	return out
}

// landed imports plays into a new lake and returns them by time.
func landed(t *testing.T, path string) ([]schemas.Play, error) {
	t.Helper()
	s, err := lake.Open(t.Context(), "mem://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := importer.Import(t.Context(), s, importer.Sources{From: importer.Parquet, Plays: []string{path}}, importer.Options{}); err != nil {
		return nil, err
	}
	files, err := s.List(t.Context(), schemas.LandingPlays+"/")
	if err != nil {
		t.Fatal(err)
	}
	var out []schemas.Play
	for _, in := range files {
		rows, err := parquetio.ReadAll[schemas.Play](t.Context(), s, lake.FileRef{Key: in.Key, ETag: in.ETag})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rows...)
	}
	slices.SortFunc(out, func(a, b schemas.Play) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.UserID, b.UserID))
	})
	return out, nil
}

// Plays as PyArrow, Polars, DuckDB and, when asked, Spark write them are imported alike; what the decoder would read wrong is refused.
func TestWriters(t *testing.T) {
	path, dir := python(t), t.TempDir()
	source := filepath.Join(dir, "plays.parquet")
	if err := parquet.WriteFile(source, foreignPlays()); err != nil {
		t.Fatal(err)
	}
	args := []string{"writers.py", source, dir}
	if os.Getenv("SEGUE_SPARK") != "" {
		args = append(args, "--spark")
	}
	if out, err := exec.Command(path, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want, err := landed(t, source)
	if err != nil || len(want) != len(foreignPlays()) {
		t.Fatalf("%d plays: %v", len(want), err)
	}
	same, err := filepath.Glob(filepath.Join(dir, "same", "*"))
	if err != nil || len(same) < 20 {
		t.Fatalf("%d files: %v", len(same), err)
	}
	for _, file := range same {
		if got, err := landed(t, file); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %d plays differ from the %d written: %v", filepath.Base(file), len(got), len(want), err)
		}
	}
	for _, name := range []string{"lz4", "pages_of_version_2"} {
		if _, err := landed(t, filepath.Join(dir, "refused", name+".parquet")); !errors.Is(err, parquetio.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
