package main_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

const (
	flinkPort = "18081"
	jobPort   = "18099"
	flinkREST = "http://localhost:" + flinkPort
)

// flinkSite is a real Flink on this machine with two slots.
type flinkSite struct {
	portableSite
	dir string
}

func (s *flinkSite) script(args ...string) {
	s.t.Helper()
	cmd := exec.Command("../../local/flink/flink.sh", args...)
	cmd.Env = append(os.Environ(), "FLINK_PORT="+flinkPort, "JOB_PORT="+jobPort, "FLINK_SLOTS=2")
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("flink.sh %q: %v\n%s", args, err, out)
	}
}

// newFlinkSite starts Flink in the folder that FLINK_DIR names, as make test-flink does: a cluster, or embedded in Beam's job server.
func newFlinkSite(t *testing.T, start string) *flinkSite {
	t.Helper()
	dir := os.Getenv("FLINK_DIR")
	if dir == "" {
		t.Skip("FLINK_DIR names no folder: run make test-flink")
	}
	s := &flinkSite{portableSite{program: program{t: t, binary: builtBinary(t), env: []string{"TMPDIR=" + t.TempDir()}}, root: t.TempDir(), endpoint: "localhost:" + jobPort}, dir}
	s.script("stop")
	s.script(start)
	t.Cleanup(func() { s.script("stop") })
	return s
}

// state waits until a job of that name is in one of the states.
func (s *flinkSite) state(name string, states ...string) {
	s.t.Helper()
	waitFor(s.t, func() string {
		_, jobs, _ := s.run("flink", "jobs", "--rest", flinkREST) // a Flink that is recovering answers late: ask again
		for line := range strings.Lines(jobs) {
			f := strings.Fields(line)
			for _, st := range states {
				if len(f) > 2 && f[1] == name && f[2] == st {
					return st
				}
			}
		}
		return ""
	})
}

// A streaming job of a real Flink is listed, survives its TaskManager, is stopped with a savepoint, goes on from it, and is
// cancelled, by its name alone.
func TestFlinkCluster(t *testing.T) {
	s := newFlinkSite(t, "start")
	s.script("counts", "counts")
	s.state("counts", "RUNNING")
	s.checkpointed()
	s.script("kill-taskmanager")
	s.state("counts", "RESTARTING", "FAILING")
	s.state("counts", "RUNNING")
	s.refuses(1, []string{"no job other runs", "counts (running)"}, "flink", "stop", "other", "--savepoint", "file://"+s.root, "--rest", flinkREST)
	path := strings.TrimSpace(waitFor(t, func() string { // its tasks may start still
		_, out, _ := s.run("flink", "stop", "counts", "--savepoint", "file://"+s.root, "--rest", flinkREST)
		return out
	}))
	if _, err := os.Stat(filepath.Join(strings.TrimPrefix(path, "file:"), "_metadata")); err != nil {
		t.Errorf("savepoint %s: %v", path, err)
	}
	s.state("counts", "FINISHED")
	s.script("counts", "counts", path)
	s.state("counts", "RUNNING")
	log, err := os.ReadFile(filepath.Join(s.dir, "log", "jobmanager.log"))
	if err != nil || !strings.Contains(string(log), "from Savepoint") {
		t.Errorf("the job did not start from the savepoint, error %v", err)
	}
	s.must([]string{"is cancelled"}, "flink", "cancel", "counts", "--rest", flinkREST)
	s.state("counts", "CANCELED")
}

// The live job of a real Flink is found by its name, or by its id where two have it; it is stopped with a savepoint, and cancelled. The job is
// not ours: what is said to the cluster is.
func TestFlinkLive(t *testing.T) {
	s := newFlinkSite(t, "start")
	s.refuses(1, []string{"no job segue-live runs", "its jobs are none"}, "live", "cancel", "--rest", flinkREST)
	s.script("counts", "segue-live")
	s.state("segue-live", "RUNNING")
	path := strings.TrimSpace(waitFor(t, func() string { // its tasks may start still
		_, out, _ := s.run("live", "stop", "--savepoint", "file://"+s.root, "--rest", flinkREST)
		return out
	}))
	if _, err := os.Stat(filepath.Join(strings.TrimPrefix(path, "file:"), "_metadata")); err != nil {
		t.Errorf("savepoint %s: %v", path, err)
	}
	s.state("segue-live", "FINISHED")
	for range 2 {
		s.script("counts", "segue-live", path)
	}
	s.state("segue-live", "RUNNING")
	_, _, stderr := s.run("live", "cancel", "--rest", flinkREST)
	found := regexp.MustCompile(`give the id of one: (\w+), (\w+)`).FindStringSubmatch(stderr)
	if found == nil {
		t.Fatalf("of two jobs it says %s", stderr)
	}
	s.must([]string{found[1] + " (segue-live) is cancelled"}, "live", "cancel", found[1], "--rest", flinkREST)
	s.state("segue-live", "CANCELED")
	s.must([]string{found[2] + " (segue-live) is cancelled"}, "live", "cancel", found[2], "--rest", flinkREST)
}

// flinkJobs starts Flink with Beam's job server.
func flinkJobs(t *testing.T, start string) *flinkSite {
	t.Helper()
	if os.Getenv("JOB_SERVER") == "" {
		t.Skip("JOB_SERVER names no job server: run make test-flink")
	}
	return newFlinkSite(t, start)
}

func (s *flinkSite) flink(more ...string) []string {
	return append([]string{"--runner", "flink", "--endpoint", s.endpoint, "--set", "engine.parallelism=2"}, more...)
}

// The night on two slots gives the tables of prism, with workers in this process and in processes of their own; so it does when workers
// are killed.
func TestFlinkNight(t *testing.T) {
	s := flinkJobs(t, "embedded")
	s.in, s.day = smallWorld(t, nil)
	s.must(nil, s.night("prism")...)
	for _, environment := range []string{"loopback", "process"} {
		t.Run(environment, func(t *testing.T) {
			s.must(nil, append(s.night(environment), s.flink("--environment", environment)...)...)
			sameTables(t, filepath.Join(s.root, environment), filepath.Join(s.root, "prism"))
		})
	}
	t.Run("killed", s.killedNight)
}

// killedNight kills one worker in each of three starts, some jobs later each time; the fourth finishes, unless Flink itself went on before.
func (s *flinkSite) killedNight(t *testing.T) {
	p := s.startPool()
	external := s.flink("--environment", "external", "--set", "engine.workers="+p.address, "--set", "engine.worker_seconds=300")
	for _, n := range []int{2, 12, 30, 0} {
		ctx, stop := context.WithCancel(t.Context())
		if n > 0 {
			go killOne(ctx, p, len(p.workers())+n)
		}
		code, _, stderr := s.run(append(s.night("killed", "--resume"), external...)...)
		stop()
		if code == 0 {
			sameTables(t, filepath.Join(s.root, "killed"), filepath.Join(s.root, "prism"))
			return
		}
		fmt.Fprintln(t.Output(), stderr)
	}
	t.Error("a night that was resumed three times did not finish")
}

// Live on a cluster whose worker and TaskManager are killed, stopped with a savepoint and started from it, leaves the features and the archive
// of a job that never was.
func TestFlinkLiveRecovers(t *testing.T) {
	s := flinkJobs(t, "start")
	e := newEngineLive(t, &s.portableSite)
	plan := e.plan(6000)
	third := len(plan.Records) / 3
	send := func(i int) {
		t.Helper()
		part := *plan
		part.Records = plan.Records[third*i : min(third*(i+1), len(plan.Records))]
		if err := e.send(&part, 1e6); err != nil {
			t.Fatal(err)
		}
	}
	flink := []string{"--runner", "flink", "--set", "engine.worker_seconds=300"}
	e.mustStart(append(flink, "--detached")...)
	s.state("segue-live", "RUNNING")
	send(0)
	e.waitForOffsets()
	s.checkpointed()
	workers := e.pool.workers()
	if err := syscall.Kill(workers[len(workers)-1], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	send(1)
	e.waitForOffsets()
	s.script("kill-taskmanager")
	s.state("segue-live", "RESTARTING", "FAILING")
	s.state("segue-live", "RUNNING")
	path := strings.TrimSpace(waitFor(t, func() string { // its tasks may start still
		_, out, _ := s.run("live", "stop", "--savepoint", "file://"+s.root, "--rest", flinkREST)
		return out
	}))
	s.state("segue-live", "FINISHED")
	e.mustStart(append(flink, "--detached", "--from-savepoint", path)...)
	s.state("segue-live", "RUNNING")
	send(2)
	e.waitForOffsets()
	s.must([]string{"is cancelled"}, "live", "cancel", "--rest", flinkREST)
	e.mustStart(append(flink, "--until", "latest")...)
	e.check()
}

// checkpointed waits for a checkpoint of any job.
func (s *flinkSite) checkpointed() {
	s.t.Helper()
	waitFor(s.t, func() string {
		found, _ := filepath.Glob(filepath.Join(s.dir, "checkpoints", "*", "chk-*", "_metadata"))
		return strings.Join(found, " ")
	})
}

// What cannot be said to a cluster is refused in one line.
func TestFlinkUsage(t *testing.T) {
	p := program{t: t, binary: builtBinary(t)}
	p.refuses(1, []string{"no Flink answers at http://localhost:1"}, "flink", "jobs", "--rest", "http://localhost:1")
	p.refuses(2, []string{"--rest", "http://localhost:8081"}, "flink", "jobs", "--rest", "localhost:8081")
	p.refuses(2, []string{"--savepoint"}, "flink", "stop", "night")
}
