package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"segue/local/s3"
	"segue/local/world"
)

// program is the real binary with the environment of one test.
type program struct {
	t      *testing.T
	binary string
	env    []string
}

// run returns the exit code and both outputs.
func (p program) run(args ...string) (code int, stdout, stderr string) {
	p.t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(p.binary, args...)
	cmd.Dir, cmd.Env = home, append(os.Environ(), p.env...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatalf("segue %q: %v", args, err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// must fails the test unless the exit code is 0 and the output holds all texts.
func (p program) must(texts []string, args ...string) string {
	p.t.Helper()
	code, stdout, stderr := p.run(args...)
	if code != 0 {
		p.t.Fatalf("segue %q: exit %d: %s", args, code, stderr)
	}
	for _, text := range texts {
		if !strings.Contains(stdout, text) {
			p.t.Errorf("segue %q does not say %q:\n%s", args, text, stdout)
		}
	}
	return stdout
}

// refuses fails the test unless the exit code is that one, and the one error line holds all texts.
func (p program) refuses(want int, texts []string, args ...string) {
	p.t.Helper()
	code, _, stderr := p.run(args...)
	if code != want {
		p.t.Errorf("segue %q: exit %d, want %d: %s", args, code, want, stderr)
	}
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	last := lines[len(lines)-1]
	for _, text := range append(texts, "segue: ") {
		if !strings.Contains(last, text) {
			p.t.Errorf("segue %q: error does not say %q: %s", args, text, stderr)
		}
	}
}

// smallWorld writes files to import and returns their folder and last day.
func smallWorld(t *testing.T, change func(*world.Params)) (dir, day string) {
	t.Helper()
	p := world.Default()
	p.Songs, p.Playlists, p.Users, p.Days, p.Format = 300, 200, 40, 4, world.JSONL
	if change != nil {
		change(&p)
	}
	dir = t.TempDir()
	if err := world.Generate(t.Context(), dir, p); err != nil {
		t.Fatal(err)
	}
	return dir, p.Last().Format("2006-01-02")
}

func importArgs(dir, lake string) []string {
	return []string{
		"import", "--lake", lake, "--playlists", filepath.Join(dir, "playlists.jsonl"), "--songs", filepath.Join(dir, "songs.jsonl"),
		"--plays", filepath.Join(dir, "plays.jsonl"), "--users", filepath.Join(dir, "users.jsonl"),
	}
}

// Two nights of one day are compared, rolled back and promoted.
func twoRuns(p program, lake, day string, night []string) {
	p.t.Helper()
	one, two := day+".1", day+".2"
	p.must([]string{"run " + two + " is published"}, night...)
	p.must([]string{"song_vectors"}, "diff", one, one, "--lake", lake)
	p.refuses(1, []string{"the runs differ in"}, "diff", one, two, "--lake", lake)
	_, out, _ := p.run("diff", one, two, "--lake", lake, "--format", "json")
	var parts map[string][]map[string]any
	if err := json.Unmarshal([]byte(out), &parts); err != nil {
		p.t.Fatalf("diff --format json: %v: %s", err, out)
	}
	for _, name := range []string{"tables", "columns", "lists", "tiers", "neighbours", "neighbours_movers"} {
		if len(parts[name]) == 0 {
			p.t.Errorf("diff found nothing for %s", name)
		}
	}
	p.must([]string{"current is run " + one + ", was " + two}, "rollback", "--lake", lake)
	p.refuses(1, []string{"use promote"}, "rollback", two, "--lake", lake)
	p.must([]string{"current is run " + two}, "promote", two, "--lake", lake)
	p.refuses(1, []string{"use rollback"}, "promote", one, "--lake", lake)
	p.refuses(2, []string{one}, "promote", day+".9", "--lake", lake)
	p.must([]string{"current is run " + one}, "rollback", one, "--lake", lake)
}

// A night that lost half of its playlists stays a candidate until somebody promotes it, and the last good one is read.
func TestHeldNight(t *testing.T) {
	p := program{t, builtBinary(t), nil}
	dir, day := smallWorld(t, func(w *world.Params) { w.Playlists = 600 })
	lake := filepath.Join(t.TempDir(), "lake")
	night := []string{"nightly", "--lake", lake, "--progress", "plain", "--set", "embed.dim=16", "--date"}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	before := at.AddDate(0, 0, -1).Format(time.DateOnly)
	p.must(nil, append(importArgs(dir, lake), "--date", before)...)
	p.must(nil, append(night, before)...)
	all, err := os.ReadFile(filepath.Join(dir, "playlists.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(all, []byte("\n"))
	half := filepath.Join(t.TempDir(), "half.jsonl")
	if err := os.WriteFile(half, bytes.Join(lines[:len(lines)/2], nil), 0o644); err != nil {
		t.Fatal(err)
	}
	p.must(nil, "import", "--lake", lake, "--playlists", half, "--date", day)
	good, held := before+".1", day+".1"
	for range 2 {
		p.refuses(3, []string{"inputs", "promote " + held}, append(night, day)...)
	}
	p.must([]string{"candidate: inputs failed"}, "runs", "--lake", lake)
	p.must([]string{"clean/playlists_in", "import what is missing"}, "inspect", "where", "gate", "status=fail", "--run", held, "--lake", lake)
	p.must([]string{good + " is whole"}, "verify", "--lake", lake)
	p.refuses(1, []string{"not named: inputs"}, "promote", held, "--lake", lake)
	p.refuses(1, []string{"no reason"}, "promote", held, "--despite", "inputs", "--lake", lake)
	p.must([]string{"current is run " + held}, "promote", held, "--despite", "inputs", "--reason", "a label left", "--lake", lake)
	p.must([]string{"promoted despite inputs"}, "runs", "--lake", lake)
}

// From files to a directory lake and out again, as a user would: every command answers, and a repeated night does nothing.
func TestEndToEnd(t *testing.T) {
	p := program{t, builtBinary(t), nil}
	dir, day := smallWorld(t, nil)
	lake := filepath.Join(t.TempDir(), "lake")
	p.must([]string{"playlists", "next: segue nightly", day}, importArgs(dir, lake)...)
	night := []string{"nightly", "--lake", lake, "--date", day, "--progress", "plain", "--set", "embed.dim=16"}
	run := day + ".1"
	p.must([]string{"run " + run + " is published", "peak memory", "duckdb -c", "python3 -c"}, night...)
	p.must([]string{"published already"}, night...)
	p.must([]string{"user_recommendations", "song_vectors"}, "inspect", "tables", "--lake", lake)
	p.must([]string{"cooc_score", "FLOAT"}, "inspect", "schema", "song_neighbours", "--lake", lake)
	p.must([]string{"song_id"}, "inspect", "stats", "songs", "--lake", lake)
	p.must([]string{"read_parquet(['" + lake}, "inspect", "sql", "charts", "--lake", lake)
	p.must([]string{"sha256"}, "inspect", "files", "charts", "--format", "csv", "--lake", lake)
	p.must([]string{"u000000", "general"}, "inspect", "where", "user_recommendations", "rank<=3", "list=general", "--limit", "3", "--lake", lake)
	p.must([]string{"| song_id |"}, "inspect", "sample", "songs", "--limit", "3", "--format", "markdown", "--lake", lake)
	p.must([]string{"█"}, "inspect", "hist", "user_recommendations", "score", "--lake", lake)
	p.must([]string{"ZSTD"}, "inspect", "groups", filepath.Join(lake, "runs", run, "tables", "charts"))
	p.must([]string{"schema_version"}, "inspect", "meta", "charts", "--lake", lake)
	p.refuses(2, []string{"no column", "songid"}, "inspect", "where", "charts", "songid=x", "--lake", lake)
	p.refuses(2, []string{"no file"}, "inspect", "head", filepath.Join(lake, "nothing.parquet"))
	p.must([]string{run, "published", "true"}, "runs", "--lake", lake)
	p.must([]string{run + " is whole"}, "verify", "--lake", lake)
	recommendations(p, lake)
	twoRuns(p, lake, day, append(night, "--set", "embed.dim=8"))
	p.refuses(2, []string{"song_vectors"}, "inspect", "head", "song_vector", "--lake", lake)
	p.refuses(2, []string{"nearest are"}, "recs", "nobody", "--lake", lake)
	p.refuses(2, []string{run}, "verify", day+".7", "--lake", lake)
	p.refuses(4, []string{"inputs not ready"}, "nightly", "--lake", lake, "--date", "2001-01-01")
	damage(p, lake, night)
}

// recommendations checks what recs and similar print for the first listener and song of the tables.
func recommendations(p program, lake string) {
	p.t.Helper()
	type row struct {
		UserID string  `json:"user_id"`
		SongID string  `json:"song_id"`
		Title  string  `json:"title"`
		Rank   int     `json:"rank"`
		Score  float64 `json:"score"`
		Reason string  `json:"reason"`
	}
	read := func(args ...string) (rows []row) {
		if err := json.Unmarshal([]byte(p.must(nil, append(args, "--format", "json", "--lake", lake)...)), &rows); err != nil || len(rows) == 0 {
			p.t.Fatalf("segue %q: %d rows, %v", args, len(rows), err)
		}
		return rows
	}
	user := read("inspect", "head", "user_profiles", "--limit", "1")[0].UserID
	list := read("recs", user, "--limit", "5")
	for i, r := range list {
		if r.Rank != i+1 || r.Title == "" || r.Reason == "" || r.Score <= 0 || len(list) != 5 {
			p.t.Errorf("list of %s: row %d of %d is %+v", user, i, len(list), r)
		}
	}
	song := read("inspect", "head", "song_neighbours", "--limit", "1")[0].SongID
	if near := read("similar", song, "--limit", "3"); len(near) != 3 || near[0].Title == "" {
		p.t.Errorf("neighbours of %s are %+v", song, near)
	}
}

// damage changes one byte of a published file: verify names it, a night that would take it over says so, and one from its stage on mends it.
func damage(p program, lake string, night []string) {
	p.t.Helper()
	files, err := filepath.Glob(filepath.Join(lake, "runs", "*", "tables", "charts", "*.parquet"))
	if err != nil || len(files) == 0 {
		p.t.Fatalf("no charts: %v", err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		p.t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.Chmod(files[0], 0o644); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(files[0], data, 0o644); err != nil {
		p.t.Fatal(err)
	}
	code, stdout, _ := p.run("verify", "--lake", lake)
	if code != 1 || !strings.Contains(stdout, filepath.Base(files[0])) || !strings.Contains(stdout, "content") {
		p.t.Errorf("verify of a damaged lake: exit %d\n%s", code, stdout)
	}
	code, _, stderr := p.run(append(night, "--from", "publish")...)
	if code != 1 || !strings.Contains(stderr, filepath.Base(files[0])+": object is damaged") || strings.Contains(stderr, "DoFn") || strings.Contains(stderr, "--resume continues") {
		p.t.Errorf("night from a damaged table: exit %d\n%s", code, stderr)
	}
	mended := p.must([]string{"is published", "since a rollback: segue promote "}, append(night, "--from", "charts")...)
	p.must([]string{"is whole"}, "verify", strings.Fields(mended)[1], "--lake", lake)
}

// Too many bad records fail the night with 3, after every stage that could tell; nothing is published.
func TestQualityGateFailsTheNight(t *testing.T) {
	p := program{t, builtBinary(t), nil}
	dir, day := smallWorld(t, func(w *world.Params) { w.BadShare = 0.3 })
	lake := filepath.Join(t.TempDir(), "lake")
	if code, _, stderr := p.run(importArgs(dir, lake)...); code != 0 {
		t.Fatalf("import: exit %d: %s", code, stderr)
	}
	p.refuses(3, []string{"quality gate failed"}, "nightly", "--lake", lake, "--date", day, "--progress", "none")
	p.refuses(1, []string{"no published night"}, "recs", "anybody", "--lake", lake)
}

// Stores that cannot be used say which, and why; settings that cannot be meant end with 2 before a store is asked.
func TestWrongStores(t *testing.T) {
	binary := builtBinary(t)
	server, err := s3.Start(t.Context(), t.TempDir(), s3.Options{Buckets: []string{"there"}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	p := program{t, binary, server.Environ()}
	wrong := program{t, binary, append(server.Environ(), "AWS_SECRET_ACCESS_KEY=wrong")}
	away := program{t, binary, append(server.Environ(), "AWS_ENDPOINT_URL_S3=http://127.0.0.1:1")}
	night := func(lake string) []string { return []string{"nightly", "--lake", lake, "--date", "2026-01-01"} }
	p.refuses(1, []string{"absent", "bucket does not exist"}, night("s3://absent/lake")...)
	wrong.refuses(1, []string{"there", "credentials"}, night("s3://there/lake")...)
	away.refuses(1, []string{"there", "cannot be reached"}, night("s3://there/lake")...)
	p.refuses(4, []string{"s3://there/lake"}, night("s3://there/lake")...)
	p.refuses(2, []string{"embed.dim"}, append(night("s3://there/lake"), "--set", "embed.dmi=3")...)
	p.refuses(2, []string{"did you mean --date"}, "nightly", "--dat", "2026-01-01")
	p.must([]string{"one of 16 writers creates a key"}, "s3", "probe", "--lake", "s3://there/lake")
}
