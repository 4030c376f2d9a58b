package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"segue/jobs/cli"
	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// exported publishes sessions and songs with quotes, lists, times, floats that are none, and a leftover, and returns the lake.
func exported(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := lake.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	run, err := lake.ClaimRun(t.Context(), s, "2026-01-05", lake.RunInfo{Date: "2026-01-05"})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 5, 1, 2, 3, 4000, time.UTC)
	m := lake.Manifest{Run: run, Date: "2026-01-05", Attempt: 1, Tables: []lake.Table{
		published(t, s, run, schemas.TableSessions, []schemas.Session{
			{UserID: `it's "a"`, StartedAt: at, EndedAt: at, Songs: []string{"é", "x,y"}}, {UserID: "z", StartedAt: at, EndedAt: at},
		}),
		published(t, s, run, schemas.TableSongVectors, []schemas.SongVector{{SongID: "a", Vector: []float32{.1, float32(math.NaN())}}}),
	}}
	if _, err := parquetio.WriteAll(t.Context(), s, "runs/"+run+"/tables/sessions/part-0-leftover.parquet", parquetio.MetaFor(schemas.Table{Name: "sessions"}, run), []schemas.Session{{UserID: "ghost"}}); err != nil {
		t.Fatal(err)
	}
	if err := lake.Publish(t.Context(), s, m); err != nil {
		t.Fatal(err)
	}
	return dir
}

func published[T any](t *testing.T, s lake.Store, run, name string, rows []T) lake.Table {
	t.Helper()
	def, ok := schemas.FindTable(name)
	if !ok {
		t.Fatalf("no table %s", name)
	}
	ref, err := parquetio.WriteAll(t.Context(), s, lake.RunKey(run, "tables", name, "part-0.parquet"), parquetio.MetaFor(def, run), rows)
	if err != nil {
		t.Fatal(err)
	}
	return lake.Table{Name: name, Version: def.Version, Key: def.Key, Order: def.Order, Files: []lake.FileRef{ref}, Rows: ref.Rows, Bytes: ref.Size}
}

// segue runs a command in this process and returns what it printed.
func segue(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func mustSegue(t *testing.T, args ...string) string {
	t.Helper()
	out, err := segue(t, args...)
	if err != nil {
		t.Fatalf("segue %q: %v\n%s", args, err, out)
	}
	return out
}

// CSV and JSON lines give back what was written, quotes, lists and missing floats included.
func TestExportRows(t *testing.T) {
	dir := exported(t)
	rows, err := csv.NewReader(strings.NewReader(mustSegue(t, "export", "csv", "sessions", "--lake", dir))).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][0] != `it's "a"` || !strings.Contains(strings.Join(rows[1], " "), `["é","x,y"]`) {
		t.Errorf("csv: %q, %v", rows, err)
	}
	lines := strings.Split(strings.TrimSpace(mustSegue(t, "export", "jsonl", "sessions", "--lake", dir)), "\n")
	var row map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &row); err != nil || len(lines) != 2 || row["user_id"] != `it's "a"` || row["started_at"] != "2026-01-05T01:02:03.000004Z" {
		t.Errorf("jsonl: %q, %v", lines, err)
	}
	if got := mustSegue(t, "export", "jsonl", "song_vectors", "--lake", dir); !strings.Contains(got, `[0.1,null]`) {
		t.Errorf("jsonl of vectors: %s", got)
	}
	if out, err := segue(t, "export", "csv", "session", "--lake", dir); err == nil || !strings.Contains(err.Error(), "sessions") {
		t.Errorf("unknown table: %v %s", err, out)
	}
}

// DuckDB reads the views, which see exactly the files of the run, and takes the SQL.
func TestExportForDuckDB(t *testing.T) {
	python := os.Getenv("SEGUE_PYTHON")
	if python == "" {
		python, _ = filepath.Abs("../../.venv/bin/python")
	}
	if exec.Command(python, "-c", "import duckdb").Run() != nil {
		t.Skip("no Python with duckdb: run make readers, or set SEGUE_PYTHON")
	}
	dir := exported(t)
	for name, text := range map[string]string{
		"views": mustSegue(t, "export", "duckdb", "--lake", dir),
		"sql":   mustSegue(t, "export", "sql", "sessions", "--lake", dir),
	} {
		cmd := exec.Command(python, "-c", `import duckdb,sys
c = duckdb.connect()
c.execute(sys.stdin.read())
print(c.execute("select count(*), count(distinct user_id), min(user_id), epoch_us(min(started_at)) from sessions").fetchone())`)
		cmd.Stdin = strings.NewReader(text)
		out, err := cmd.CombinedOutput()
		if want := `(2, 2, 'it\'s "a"', 1767574923000004)`; err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%s: %v %s, want %s\n%s", name, err, out, want, text)
		}
	}
}

// gc tells what it would do, does it when asked, and refuses what would endanger a night; times are those of the files.
func TestGC(t *testing.T) {
	dir := exported(t)
	if out := mustSegue(t, "gc", "--lake", dir, "--yes"); !strings.Contains(out, "nothing to delete") {
		t.Errorf("gc of a young lake: %s", out)
	}
	old := time.Now().Add(-lake.MinGrace - time.Hour)
	leftover := filepath.Join(dir, "runs", "2026-01-05.1", "tables", "sessions", "part-0-leftover.parquet")
	if err := os.Chtimes(leftover, old, old); err != nil {
		t.Fatal(err)
	}
	if out := mustSegue(t, "gc", "--lake", dir); !strings.Contains(out, "would delete 1 file,") || !strings.Contains(out, "current") {
		t.Errorf("dry run: %s", out)
	}
	var receipt lake.Receipt
	if err := json.Unmarshal([]byte(mustSegue(t, "gc", "--lake", dir, "--yes", "--format", "json")), &receipt); err != nil || receipt.Orphans.Files != 1 || receipt.FinishedAt == nil {
		t.Errorf("receipt %+v, %v", receipt, err)
	}
	if _, err := os.Stat(leftover); !os.IsNotExist(err) {
		t.Errorf("leftover: %v", err)
	}
	if out := mustSegue(t, "verify", "--lake", dir); !strings.Contains(out, "is whole") {
		t.Errorf("after gc: %s", out)
	}
	if _, err := segue(t, "gc", "--lake", dir, "--grace", "1h"); err == nil || !strings.Contains(err.Error(), "48h") {
		t.Errorf("short grace: %v", err)
	}
}

// A Parquet file anywhere on the web is looked into by ranges, as one in the lake.
func TestInspectWeb(t *testing.T) {
	dir := exported(t)
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	address := server.URL + "/runs/2026-01-05.1/tables/sessions/part-0.parquet?signature=a/b"
	if out := mustSegue(t, "inspect", "where", address, "user_id=z", "--format", "csv"); strings.Count(out, "\nz,") != 1 {
		t.Errorf("where: %s", out)
	}
	if out := mustSegue(t, "inspect", "files", address, "--format", "csv"); !strings.Contains(out, "part-0.parquet,2,") {
		t.Errorf("files: %s", out)
	}
	if out := mustSegue(t, "inspect", "schema", address); !strings.Contains(out, "started_at") {
		t.Errorf("schema: %s", out)
	}
	if _, err := segue(t, "inspect", "head", server.URL+"/none.parquet"); err == nil || !strings.Contains(err.Error(), "no such object") {
		t.Errorf("missing file: %v", err)
	}
}

// A damaged, replaced or missing file of a table is named by its key, with what to do, by whatever reads it.
func TestDamagedTables(t *testing.T) {
	const key = "runs/2026-01-05.1/tables/sessions/part-0.parquet"
	for name, damage := range map[string]func(file string, bytes []byte) error{
		"missing":  func(file string, _ []byte) error { return os.Remove(file) },
		"empty":    func(file string, _ []byte) error { return os.WriteFile(file, nil, 0o644) },
		"cut":      func(file string, b []byte) error { return os.WriteFile(file, b[:len(b)/2], 0o644) },
		"bits":     func(file string, b []byte) error { b[30] ^= 0x55; return os.WriteFile(file, b, 0o644) },
		"replaced": func(file string, _ []byte) error { return os.WriteFile(file, []byte("PAR1 of another PAR1"), 0o644) },
	} {
		dir := exported(t)
		file := filepath.Join(dir, filepath.FromSlash(key))
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		os.Chmod(file, 0o644)
		if err := damage(file, data); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"inspect", "head", "sessions"}, {"inspect", "where", "sessions", "user_id=z"}, {"export", "csv", "sessions"}, {"verify"}} {
			out, err := segue(t, append(args, "--lake", dir)...)
			if err == nil || !strings.Contains(out+err.Error(), key) || !strings.Contains(err.Error(), "roll") {
				t.Errorf("%s file: segue %q: %v", name, args, err)
			}
		}
		if _, err := segue(t, "verify", "--lake", dir); !strings.Contains(err.Error(), "nightly --date 2026-01-05 --from sessions") {
			t.Errorf("%s file: segue verify says how to mend it by %v", name, err)
		}
	}
}

// Names that do not exist are answered by the nearest that do, with the exit code of wrong usage.
func TestUnknownNames(t *testing.T) {
	dir := exported(t)
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"inspect", "head", "sessions", "--run", "2026-01-06.1"}, "2026-01-05.1"},
		{[]string{"promote", "2026-1-5"}, "2026-01-05.1"},
		{[]string{"rollback", "yesterday"}, "2026-01-05.1"},
		{[]string{"verify", "2026-01-05.2"}, "2026-01-05.1"},
		{[]string{"diff", "2026-01-05.1", "2026-01-04.1"}, "2026-01-05.1"},
		{[]string{"report", "2026-01-05"}, "2026-01-05.1"},
		{[]string{"export", "iceberg", "session"}, "sessions"},
		{[]string{"inspect", "stats", "vectors"}, "song_vectors"},
	} {
		if _, err := segue(t, append(c.args, "--lake", dir)...); !errors.Is(err, cli.ErrUsage) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("segue %q: %v, want one that names %s", c.args, err, c.says)
		}
	}
}

// A damaged manifest or pointer is named by its key, with what to do.
func TestDamagedObjects(t *testing.T) {
	pointer := [][]string{{"inspect", "tables"}, {"rollback"}, {"runs"}}
	for key, c := range map[string]struct {
		says     string
		commands [][]string
	}{"runs/2026-01-05.1/manifest.json": {"rollback", pointer[:1]}, lake.PointerKey: {"put back", pointer}} {
		dir := exported(t)
		file := filepath.Join(dir, filepath.FromSlash(key))
		os.Chmod(file, 0o644)
		if err := os.WriteFile(file, []byte(`{"run": "2026`), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, args := range c.commands {
			_, err := segue(t, append(args, "--lake", dir)...)
			if err == nil || !strings.Contains(err.Error(), key) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("damaged %s: segue %q: %v", key, args, err)
			}
		}
	}
}

// A lake that is a file is wrong usage, and stays as it is.
func TestLakeIsAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lake")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"runs"}, {"import", "--plays", file}, {"nightly", "--date", "2026-01-05"}} {
		if _, err := segue(t, append(args, "--lake", file)...); !errors.Is(err, cli.ErrUsage) || !strings.Contains(err.Error(), file+" is a file") {
			t.Errorf("segue %q: %v", args, err)
		}
	}
	if data, err := os.ReadFile(file); string(data) != "mine" {
		t.Errorf("the file has %q, %v", data, err)
	}
}

// An import of which no record can be used fails, and says where the records are; a time zone that does not exist is wrong usage.
func TestUnusableImport(t *testing.T) {
	dir := t.TempDir()
	file, root := filepath.Join(dir, "playlists.jsonl"), filepath.Join(dir, "lake")
	if err := os.WriteFile(file, []byte("{broken\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"import", "--playlists", file, "--lake", root}
	if _, err := segue(t, append(args, "--time-zone", "Mars/One")...); !errors.Is(err, cli.ErrUsage) || !strings.Contains(err.Error(), "Mars/One") {
		t.Errorf("time zone: %v", err)
	}
	out, err := segue(t, args...)
	if err == nil || !strings.Contains(err.Error(), "none of 1 records") || strings.Contains(out, "next:") {
		t.Fatalf("import: %v\n%s", err, out)
	}
	if out := mustSegue(t, "inspect", "head", root+"/landing/rejected"); !strings.Contains(out, "{broken") {
		t.Errorf("rejected: %s", out)
	}
}
