package readers_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// python returns an interpreter that has the readers; make readers prepares one.
func python(t *testing.T) string {
	t.Helper()
	path := os.Getenv("SEGUE_PYTHON")
	if path == "" {
		path, _ = filepath.Abs("../../.venv/bin/python")
	}
	if exec.Command(path, "-c", "import duckdb, polars, pyarrow").Run() != nil {
		t.Skip("no Python with duckdb, polars and pyarrow: run make readers, or set SEGUE_PYTHON")
	}
	return path
}

func table[T any](t *testing.T, s lake.Store, name string, rows ...[]T) lake.Table {
	t.Helper()
	def, _ := schemas.FindTable(name)
	out := lake.Table{Name: name, Version: def.Version, Key: def.Key, Order: def.Order}
	for i, part := range rows {
		ref, err := parquetio.WriteAll(t.Context(), s, fmt.Sprintf("runs/2026-01-05.1/tables/%s/part-%d.parquet", name, i), parquetio.MetaFor(def, "2026-01-05.1"), part)
		if err != nil {
			t.Fatal(err)
		}
		out.Files, out.Rows = append(out.Files, ref), out.Rows+ref.Rows
	}
	return out
}

// run publishes the tables as the current release of a new lake and reads it.
func run(t *testing.T, path string, tables func(s lake.Store) []lake.Table) (string, error) {
	t.Helper()
	dir := t.TempDir()
	s, err := lake.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	m := lake.Manifest{Run: "2026-01-05.1", Date: "2026-01-05", Attempt: 1, Tables: tables(s)}
	if _, err := lake.CreateJSON(t.Context(), s, lake.ManifestKey(m.Run), m); err != nil {
		t.Fatal(err)
	}
	if _, err := lake.CreateJSON(t.Context(), s, lake.PointerKey, lake.Pointer{Run: m.Run, Manifest: lake.ManifestKey(m.Run), Generation: 1}); err != nil {
		t.Fatal(err)
	}
	args := []string{"readers.py", dir}
	if os.Getenv("SEGUE_SPARK") != "" {
		args = append(args, "--spark")
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	return string(out), err
}

// Lists, lists of structs, nulls, times, empty files and several files are read alike by every reader.
func TestReadersAgree(t *testing.T) {
	path := python(t)
	at, hour := time.Date(2026, 1, 5, 1, 2, 3, 4000, time.UTC), int32(3)
	out, err := run(t, path, func(s lake.Store) []lake.Table {
		return []lake.Table{
			table(t, s, schemas.TableRejected, []schemas.Rejected{}),
			table(t, s, schemas.TableSessions, []schemas.Session{{UserID: "a", StartedAt: at, EndedAt: at, Songs: []string{"é", "x"}}}),
			table(t, s, schemas.TableSongVectors, []schemas.SongVector{{SongID: "a", Vector: []float32{.6, .8}}, {SongID: "b"}}),
			table(t, s, schemas.TablePreferencesByHour, []schemas.PreferenceByHour{{Region: "SE", Hour: &hour}, {Region: "SE"}}, []schemas.PreferenceByHour{{Region: "US"}}),
			table(t, s, schemas.TableUserProfiles, []schemas.UserProfile{
				{UserID: "a", FirstPlayAt: &at, Taste: []float32{1}, Favourites: []schemas.Seed{{SongID: "x", Weight: 1}}}, {UserID: "b"},
			}),
			table(t, s, schemas.TableUserRecommendations, []schemas.Recommendation{{UserID: "a", Rank: 1, Sources: []string{"n"}}, {UserID: "a", Rank: 2}}),
		}
	})
	if err != nil || !strings.Contains(out, "6 tables, 0 problems") {
		t.Errorf("%v\n%s", err, out)
	}
}

// Each kind of trouble is named by every reader that looks for it, and the exit code is 1.
func TestReadersFindTrouble(t *testing.T) {
	path := python(t)
	nan := float32(math.NaN())
	out, err := run(t, path, func(s lake.Store) []lake.Table {
		short := table(t, s, schemas.TableSongs, []schemas.SongRow{{SongID: "a"}})
		short.Rows = 2
		return []lake.Table{
			short,
			table(t, s, schemas.TableSongNeighbours, []schemas.SongNeighbour{{SongID: "a", Rank: 1}, {SongID: "a", Rank: 1}}),
			table(t, s, schemas.TableSongVectors, []schemas.SongVector{{SongID: "a", Vector: []float32{nan}}}),
			table(t, s, schemas.TableUserProfiles, []schemas.UserProfile{{UserID: "a", Favourites: []schemas.Seed{{SongID: "x", Weight: nan}}}}),
		}
	})
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("exit: %v", err)
	}
	for text, readers := range map[string]int{
		"1 rows, the manifest says 2": 3, "1 keys (song_id, rank) repeated": 3, "column vector has floats": 3, "column favourites": 3,
	} {
		if n := strings.Count(out, text); n < readers {
			t.Errorf("%q is said %d times, want %d", text, n, readers)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}
