package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/archive"
	"segue/transforms/io/lake"
)

// engineLive is a live job on an engine whose workers a pool starts.
type engineLive struct {
	*liveSite
	engine *portableSite
	pool   *pool
}

func newEngineLive(t *testing.T, engine *portableSite) *engineLive {
	return &engineLive{newLiveSite(t, 4), engine, engine.startPool()}
}

// start runs segue live start with more arguments.
func (e *engineLive) start(more ...string) *exec.Cmd {
	args := append([]string{"live", "start", "--brokers", strings.Join(e.cluster.Brokers, ","), "--lake", e.lake, "--save-every", "1s", "--interval", "200ms"}, e.engine.external(e.pool)...)
	cmd := exec.Command(e.binary, append(args, more...)...)
	cmd.Env = append(os.Environ(), e.engine.env...)
	return cmd
}

func (e *engineLive) mustStart(more ...string) string {
	e.t.Helper()
	out, err := e.start(more...).CombinedOutput()
	if err != nil {
		e.t.Fatalf("segue live start %q: %v\n%s\npool:\n%s", more, err, out, e.pool.log)
	}
	return string(out)
}

// check compares what the job left with an oracle that keeps all events and sorts them.
func (e *engineLive) check() {
	e.t.Helper()
	o := e.oracle()
	e.readFeatures()
	e.checkFeatures(o)
	e.checkLetters(o)
	e.checkArchive(o)
	e.checkParity(o)
	e.t.Logf("in %d, %d listeners; %d feature records, %d of them repeats", o.in, len(o.events), e.written(), e.repeats)
}

// A job on an engine whose workers are killed at random moments, and that is started again each time, leaves the features and the archive of
// one that never was.
func TestKilledWorkersOfLive(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the binary and runs for half a minute: not in -short")
	}
	e := newEngineLive(t, engineSite(t))
	plan := e.plan(number(t, "SEGUE_LIVE_EVENTS", 40_000))
	rate := float64(number(t, "SEGUE_LIVE_RATE", 3000))
	sent := make(chan error, 1)
	go func() { sent <- e.send(plan, rate) }()
	kills := number(t, "SEGUE_LIVE_KILLS", 3)
	for range kills {
		before := len(e.pool.workers())
		job := e.start()
		stderr := &poolLog{}
		job.Stderr = stderr
		if err := job.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { job.Process.Kill() })
		waitFor(t, func() string { // the first worker answers the probe
			if len(e.pool.workers()) < before+2 {
				return ""
			}
			return "started"
		})
		e.waitUntil(time.Now().Add(time.Second + time.Duration(e.rng.IntN(2000))*time.Millisecond))
		workers := e.pool.workers()
		if err := syscall.Kill(workers[len(workers)-1], syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if err := job.Wait(); err == nil || !strings.Contains(stderr.String(), "job failed") { // prism has more than one word for why
			t.Fatalf("a job whose worker was killed ends with %v:\n%s", err, stderr)
		}
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	e.mustStart("--until", "latest")
	e.check()
	t.Logf("killed %d workers", kills)
}

// A detached job runs on, a process of segue live goes on behind it, and both leave what one would.
func TestDetachedLive(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the binary: not in -short")
	}
	e := newEngineLive(t, engineSite(t))
	plan := e.plan(4000)
	if err := e.send(plan, 1e6); err != nil {
		t.Fatal(err)
	}
	if out := e.mustStart("--detached", "--until", "latest"); !strings.Contains(out, "job job-") || !strings.Contains(out, "runs as segue-live") {
		t.Errorf("it says %q", out)
	}
	e.waitForSnapshots()
	if out, err := e.command("--until", "latest").CombinedOutput(); err != nil {
		t.Fatalf("segue live --until latest: %v\n%s", err, out)
	}
	e.check()
}

// waitForSnapshots waits until the lake's snapshots hold all that the topic does, and the job has let go of its partitions.
func (e *engineLive) waitForSnapshots() {
	e.t.Helper()
	e.waitForStates(func(s archive.State) bool { return s.Until.IsZero() })
}

// waitForOffsets waits until the lake's snapshots hold all that the topic does.
func (e *engineLive) waitForOffsets() {
	e.t.Helper()
	e.waitForStates(func(archive.State) bool { return true })
}

func (e *engineLive) waitForStates(ok func(archive.State) bool) {
	e.t.Helper()
	store, err := lake.Open(e.t.Context(), e.lake)
	if err != nil {
		e.t.Fatal(err)
	}
	spans := e.spans(schemas.TopicPlays)
	waitFor(e.t, func() string {
		for _, s := range spans {
			state, err := archive.ReadState(e.t.Context(), store, s.Partition)
			if err != nil || state.Offset+1 < s.Stop || !ok(state) {
				return ""
			}
		}
		return "all"
	})
}

// Live runs on a second engine, Beam's Python job service, as on prism, with workers in this process and in others.
func TestPortableLive(t *testing.T) {
	e := newEngineLive(t, newPortableSite(t))
	plan := e.plan(4000)
	half := len(plan.Records) / 2
	for i, environment := range []string{"loopback", "external"} {
		part := *plan
		part.Records = plan.Records[half*i : half*(i+1)]
		if err := e.send(&part, 1e6); err != nil {
			t.Fatal(err)
		}
		e.mustStart("--until", "latest", "--environment", environment)
	}
	e.check()
}

// What cannot work is said before anything is asked.
func TestLiveStartUsage(t *testing.T) {
	p := program{t: t, binary: builtBinary(t)}
	start := func(more ...string) []string {
		return append([]string{"live", "start", "--brokers", "localhost:1", "--lake", filepath.Join(t.TempDir(), "lake")}, more...)
	}
	flink := []string{"--runner", "flink", "--endpoint", "localhost:1"}
	p.refuses(2, []string{"--runner: want portable or flink", "segue live runs the job"}, start()...)
	p.refuses(2, []string{"--runner \"direct\"", "segue live runs the job in this process"}, start("--runner", "direct")...)
	p.refuses(2, []string{"--endpoint"}, start("--runner", "flink")...)
	p.refuses(2, []string{"--detached", "use process or external"}, start(append(flink, "--detached")...)...)
	p.refuses(2, []string{"--from-savepoint"}, start("--runner", "portable", "--endpoint", "localhost:1", "--from-savepoint", "file:///s")...)
	p.refuses(2, []string{"--savepoint is missing"}, "live", "stop", "--rest", "http://localhost:1")
	p.refuses(1, []string{"no Flink answers at http://localhost:1"}, "live", "stop", "--savepoint", "file:///s", "--rest", "http://localhost:1")
	p.refuses(1, []string{"no Flink answers at http://localhost:1"}, "live", "cancel", "--rest", "http://localhost:1")
	p.refuses(2, []string{"unexpected argument"}, "live", "begin")
}
