package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"segue/local/s3"
	"segue/local/world"
	"segue/transforms/io/lake"
)

// crashes is how often the night is killed: SEGUE_CRASHES, by default few enough for every test run.
func crashes(t *testing.T) int {
	t.Helper()
	text := os.Getenv("SEGUE_CRASHES")
	if text == "" {
		return 5
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("SEGUE_CRASHES=%q is no number", text)
	}
	return n
}

// crashSite is a real binary, a real S3 in this process and inputs in its lake.
type crashSite struct {
	t      *testing.T
	binary string
	lake   string
	date   string
	store  lake.Store
	rng    *rand.Rand
}

// Killed at random moments, the night never shows a reader a missing or mixed file, and its end equals an undisturbed night.
func TestKilledNightsNeverShowHalfANight(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the binary and runs many nights: not in -short")
	}
	site := newCrashSite(t)
	took := site.undisturbed("crash-free")
	site.must("nightly", "--lake", site.lake, "--date", site.date, "--seed", "2", "--progress", "none", "--set", "embed.dim=16") // what readers see until a night is whole
	ctx, stop := context.WithCancel(t.Context())
	var reads atomic.Int64
	bad := make(chan error, 1)
	go func() { bad <- site.readAlways(ctx, &reads) }()
	killed := 0
	for i := range crashes(t) {
		if site.killedNight(i, time.Duration(site.rng.Int64N(int64(took)))) {
			killed++
		}
	}
	site.mustNight("--resume")
	stop()
	if err := <-bad; err != nil {
		t.Errorf("a reader that follows current.json: %v", err)
	}
	t.Logf("killed %d nights of %d, a reader passed %d times over all files", killed, crashes(t), reads.Load())
	if killed == 0 || reads.Load() == 0 {
		t.Errorf("nothing was tested: %d kills, %d reader passes", killed, reads.Load())
	}
	site.sameAs("crash-free")
}

func newCrashSite(t *testing.T) *crashSite {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed of the kill times: %d", seed)
	binary := builtBinary(t)
	srv, err := s3.Start(t.Context(), t.TempDir(), s3.Options{Buckets: []string{"lake"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ENDPOINT_URL_S3", srv.Endpoint)
	t.Setenv("AWS_ACCESS_KEY_ID", srv.AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", srv.SecretKey)
	t.Setenv("AWS_REGION", "us-east-1")
	site := &crashSite{t: t, binary: binary, lake: "s3://lake/killed", rng: rand.New(rand.NewPCG(seed, 0))}
	in, start := t.TempDir(), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	p := world.Params{Seed: 11, Songs: 300, Playlists: 200, Users: 60, Artists: 60, Days: 5, Start: start, Format: "jsonl"}
	if err := world.Generate(t.Context(), in, p); err != nil {
		t.Fatal(err)
	}
	site.date = start.AddDate(0, 0, 4).Format(time.DateOnly)
	for _, l := range []string{"s3://lake/killed", "s3://lake/crash-free"} {
		site.must("import", "--lake", l, "--date", site.date, "--from", "jsonl", "--playlists", in+"/playlists.jsonl",
			"--songs", in+"/songs.jsonl", "--plays", in+"/plays.jsonl", "--users", in+"/users.jsonl")
	}
	if site.store, err = lake.Open(t.Context(), site.lake); err != nil {
		t.Fatal(err)
	}
	return site
}

// home is this package's folder: servers of the tests change the working directory.
var home, homeErr = os.Getwd()

// builtBinary returns the binary that SEGUE_BINARY names, or builds one.
func builtBinary(t *testing.T) string {
	t.Helper()
	if b := os.Getenv("SEGUE_BINARY"); b != "" {
		return b
	}
	if homeErr != nil {
		t.Fatal(homeErr)
	}
	binary := filepath.Join(t.TempDir(), "segue")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir = home
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build segue: %v\n%s", err, out)
	}
	return binary
}

func (s *crashSite) command(args ...string) *exec.Cmd {
	cmd := exec.Command(s.binary, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+s.t.TempDir())
	return cmd
}

func (s *crashSite) must(args ...string) {
	s.t.Helper()
	if out, err := s.command(args...).CombinedOutput(); err != nil {
		s.t.Fatalf("segue %v: %v\n%s", args, err, out)
	}
}

func (s *crashSite) nightArgs(l string, more ...string) []string {
	return append([]string{"nightly", "--lake", l, "--date", s.date, "--seed", "3", "--progress", "none", "--set", "embed.dim=16"}, more...)
}

func (s *crashSite) mustNight(more ...string) { s.must(s.nightArgs(s.lake, more...)...) }

// undisturbed runs the night in another prefix and returns how long it took.
func (s *crashSite) undisturbed(prefix string) time.Duration {
	started := time.Now()
	s.must(s.nightArgs("s3://lake/" + prefix)...)
	return time.Since(started)
}

// killedNight starts a night, resumed or new, and kills it after a while; it reports whether the kill came first.
func (s *crashSite) killedNight(i int, after time.Duration) bool {
	args := s.nightArgs(s.lake, "--from", "clean") // a new run: a published night alone would be done at once
	if i%2 == 1 {
		args = s.nightArgs(s.lake, "--resume", "--until", "publish") // the run killed before
	}
	var out bytes.Buffer
	cmd := s.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { cmd.Process.Signal(syscall.SIGKILL) })
	defer timer.Stop()
	err := cmd.Wait()
	if err == nil {
		return false
	}
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		s.t.Fatalf("night %d ended by itself: %v\n%s", i, err, out.String())
	}
	return true
}

// readAlways follows current.json to the manifest and every file until ctx ends, and returns what it found wrong.
func (s *crashSite) readAlways(ctx context.Context, passes *atomic.Int64) error {
	last := lake.Pointer{}
	for ctx.Err() == nil {
		p, m, err := lake.Current(ctx, s.store)
		if errors.Is(err, lake.ErrNotExist) && last.Run == "" || ctx.Err() != nil {
			continue
		}
		if err != nil {
			return err
		}
		if lake.CompareRuns(p.Run, last.Run) < 0 {
			return fmt.Errorf("current went back from %s to %s", last.Run, p.Run)
		}
		last = p
		problems, err := lake.Verify(ctx, s.store, m)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil || len(problems) > 0 {
			return fmt.Errorf("run %s: %v %v", p.Run, problems, err)
		}
		passes.Add(1)
	}
	return nil
}

// sameAs compares the content of every table with the run in another prefix.
func (s *crashSite) sameAs(prefix string) {
	sameTables(s.t, s.lake, "s3://lake/"+prefix)
}

// sameTables compares the content of every table of the current runs of two lakes.
func sameTables(t *testing.T, got, want string) {
	t.Helper()
	a, b := currentRelease(t, got), currentRelease(t, want)
	if len(a.Tables) != len(b.Tables) {
		t.Fatalf("%d tables in %s, %d in %s", len(a.Tables), got, len(b.Tables), want)
	}
	for i, table := range b.Tables {
		if g := a.Tables[i]; g.Name != table.Name || g.ContentHash != table.ContentHash || g.Rows != table.Rows {
			t.Errorf("table %s: %d rows %s in %s, %d rows %s in %s", g.Name, g.Rows, g.ContentHash, got, table.Rows, table.ContentHash, want)
		}
	}
}

func currentRelease(t *testing.T, url string) lake.Manifest {
	t.Helper()
	store, err := lake.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	_, m, err := lake.Current(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
