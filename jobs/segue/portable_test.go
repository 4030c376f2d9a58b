package main_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// portableSite is a second engine, Beam's Python job service, and a world to run nights of.
type portableSite struct {
	program
	endpoint string
	in, day  string
	root     string // folder of the lakes
}

// newPortableSite starts the job service by the Python that SEGUE_BEAM_PYTHON names, as make test-portable does.
func newPortableSite(t *testing.T) *portableSite {
	t.Helper()
	python := os.Getenv("SEGUE_BEAM_PYTHON")
	if python == "" {
		t.Skip("SEGUE_BEAM_PYTHON names no Python with apache-beam: run make test-portable")
	}
	site := &portableSite{program: program{t: t, binary: builtBinary(t), env: []string{"TMPDIR=" + t.TempDir()}}, root: t.TempDir()}
	site.in, site.day = smallWorld(t, nil)
	portFile := filepath.Join(t.TempDir(), "port")
	log, err := os.Create(filepath.Join(t.TempDir(), "service.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-m", "apache_beam.runners.portability.local_job_service_main", "--port", "0", "--port_file", portFile)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		log.Close()
	})
	site.endpoint = "localhost:" + strings.TrimSpace(waitFor(t, func() string {
		b, _ := os.ReadFile(portFile)
		return string(b)
	}))
	return site
}

// waitFor returns the first text that is not empty.
func waitFor(t *testing.T, ask func() string) string {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if text := ask(); text != "" {
			return text
		}
	}
	t.Fatal("waited five minutes in vain")
	return ""
}

// night returns the arguments of a night in a lake of its own, made when it is new.
func (s *portableSite) night(name string, more ...string) []string {
	dir := filepath.Join(s.root, name)
	if _, err := os.Stat(dir); err != nil {
		s.must(nil, importArgs(s.in, dir)...)
	}
	return append([]string{"nightly", "--lake", dir, "--date", s.day, "--progress", "none", "--set", "embed.dim=16"}, more...)
}

func (s *portableSite) portable(more ...string) []string {
	return append([]string{"--runner", "portable", "--endpoint", s.endpoint}, more...)
}

// pool is a running segue worker-pool.
type pool struct {
	cmd     *exec.Cmd
	log     *poolLog
	address string
}

type poolLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *poolLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *poolLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (s *portableSite) startPool() *pool {
	s.t.Helper()
	p := &pool{cmd: exec.Command(s.binary, "worker-pool", "--listen", "localhost:0"), log: &poolLog{}}
	p.cmd.Env = append(os.Environ(), s.env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		p.cmd.Process.Signal(syscall.SIGTERM)
		if err := p.cmd.Wait(); err != nil {
			s.t.Errorf("worker pool: %v", err)
		}
		for _, pid := range p.workers() {
			if syscall.Kill(pid, 0) == nil {
				s.t.Errorf("worker process %d outlives its pool", pid)
			}
		}
	})
	at := regexp.MustCompile(`worker pool at (\S+)`)
	p.address = waitFor(s.t, func() string {
		if m := at.FindStringSubmatch(p.log.String()); m != nil {
			return m[1]
		}
		return ""
	})
	return p
}

// workers returns the processes the pool has started, in order.
func (p *pool) workers() []int {
	var out []int
	for _, m := range regexp.MustCompile(`started, process (\d+)`).FindAllStringSubmatch(p.log.String(), -1) {
		pid, _ := strconv.Atoi(m[1])
		out = append(out, pid)
	}
	return out
}

// The night gives the same tables on a second engine, with workers in this process and in processes of their own.
func TestPortableNightEqualsPrism(t *testing.T) {
	site := newPortableSite(t)
	site.must(nil, site.night("prism")...)
	site.must(nil, append(site.night("loopback"), site.portable()...)...)
	sameTables(t, filepath.Join(site.root, "loopback"), filepath.Join(site.root, "prism"))

	p := site.startPool()
	external := site.portable("--environment", "external", "--set", "engine.workers="+p.address, "--engine-option", "direct_num_workers=2")
	site.must(nil, append(site.night("external"), external...)...)
	sameTables(t, filepath.Join(site.root, "external"), filepath.Join(site.root, "prism"))
	if n := len(p.workers()); n < 2 {
		t.Errorf("the pool started %d worker processes", n)
	}
}

// Workers killed in the middle end the night with a word on what to do, and --resume finishes it with the same tables.
func TestKilledWorkers(t *testing.T) {
	site := newPortableSite(t)
	site.must(nil, site.night("prism")...)
	p := site.startPool()
	external := site.portable("--environment", "external", "--set", "engine.workers="+p.address)
	kills := 0
	for i := 1; i <= 30; i++ {
		ctx, stop := context.WithCancel(t.Context())
		go killOne(ctx, p, len(p.workers())+3*i) // later in the night each time
		code, _, stderr := site.run(append(site.night("killed", "--resume"), external...)...)
		stop()
		if code == 0 {
			break
		}
		if kills++; !strings.Contains(stderr, "ended before its work was done") || !strings.Contains(stderr, "--resume") {
			t.Errorf("night %d: exit %d: %s", i, code, stderr)
		}
	}
	t.Logf("killed %d workers", kills)
	if kills == 0 {
		t.Error("no worker was killed in its work")
	}
	sameTables(t, filepath.Join(site.root, "killed"), filepath.Join(site.root, "prism"))
}

// killOne kills the n-th worker of the pool as soon as it starts.
func killOne(ctx context.Context, p *pool, n int) {
	for ctx.Err() == nil {
		if w := p.workers(); len(w) >= n {
			syscall.Kill(w[n-1], syscall.SIGKILL)
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// Twenty nights leave neither a process nor a file of theirs behind.
func TestSubmissionsLeaveNothing(t *testing.T) {
	site := newPortableSite(t)
	temp := t.TempDir()
	site.env = []string{"TMPDIR=" + temp}
	p := site.startPool()
	for i := range 20 {
		args := site.portable("--environment", "external", "--set", "engine.workers="+p.address)
		if i%2 == 0 {
			args = site.portable()
		}
		site.must(nil, append(site.night(fmt.Sprint("n", i), "--until", "sessions"), args...)...)
	}
	left, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		t.Errorf("left in the temporary folder: %s", f.Name())
	}
	for _, pid := range p.workers() {
		if syscall.Kill(pid, 0) == nil {
			t.Errorf("worker process %d still runs", pid)
		}
	}
}

// What cannot work is said in one line, before anything is submitted.
func TestEngineUsage(t *testing.T) {
	in, day := smallWorld(t, nil)
	p := program{t: t, binary: builtBinary(t)}
	dir := filepath.Join(t.TempDir(), "lake")
	p.must(nil, importArgs(in, dir)...)
	night := func(more ...string) []string {
		return append([]string{"nightly", "--lake", dir, "--date", day, "--progress", "none"}, more...)
	}
	p.refuses(2, []string{"did you mean portable?"}, night("--runner", "portabel")...)
	p.refuses(2, []string{"--endpoint"}, night("--runner", "flink")...)
	p.refuses(2, []string{"another host"}, night("--runner", "flink", "--endpoint", "flink.example:8099")...)
	p.refuses(2, []string{"directory of this host"}, night("--runner", "flink", "--endpoint", "flink.example:8099", "--environment", "process")...)
	p.refuses(2, []string{"looks like a secret"}, night("--runner", "portable", "--endpoint", "localhost:1", "--engine-option", "s3_secret=x")...)
	p.refuses(1, []string{"no job service answers at localhost:1"}, night("--runner", "portable", "--endpoint", "localhost:1")...)
}
