package main_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"

	"segue/local/s3"
)

// prismServer is a job service of its own, on all addresses of this host; its port.
var prismServer = sync.OnceValue(func() int {
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		panic(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	if _, err := prism.CreateJobServer(context.Background(), prism.Options{Port: port}); err != nil {
		panic(err)
	}
	return port
})

// engineSite is a lake with a small world and an engine beside it.
func engineSite(t *testing.T) *portableSite {
	s := &portableSite{program: program{t: t, binary: builtBinary(t), env: []string{"TMPDIR=" + t.TempDir()}}, root: t.TempDir(), endpoint: fmt.Sprintf("localhost:%d", prismServer())}
	s.in, s.day = smallWorld(t, nil)
	return s
}

// refusesSoon fails the test unless a night is refused with one line within seconds.
func (s *portableSite) refusesSoon(texts []string, args ...string) {
	s.t.Helper()
	began := time.Now()
	s.refuses(1, texts, args...)
	if took := time.Since(began); took > time.Minute {
		s.t.Errorf("segue %q took %v", args, took)
	}
}

// external are the arguments of an engine that is told of a pool.
func (s *portableSite) external(p *pool) []string {
	return s.portable("--environment", "external", "--set", "engine.workers="+p.address)
}

// A worker without the credentials of the lake is named before the night begins.
func TestWorkerWithoutCredentials(t *testing.T) {
	site := engineSite(t)
	server, err := s3.Start(t.Context(), t.TempDir(), s3.Options{Buckets: []string{"music"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	site.env = append(site.env, "AWS_ENDPOINT_URL="+server.Endpoint, "AWS_REGION="+s3.Region)
	blind := site.startPool()
	site.env = append(site.env, "AWS_ACCESS_KEY_ID="+server.AccessKey, "AWS_SECRET_ACCESS_KEY="+server.SecretKey)
	const lake = "s3://music/segue"
	site.must(nil, importArgs(site.in, lake)...)
	night := append([]string{"nightly", "--lake", lake, "--date", site.day, "--progress", "none", "--until", "clean"}, site.external(blind)...)
	site.refusesSoon([]string{"the worker on host", "credentials"}, night...)
	if _, out, _ := site.run("runs", "--lake", lake); strings.Contains(out, site.day) {
		t.Errorf("a night has begun: %s", out)
	}
}

// A worker on whose host the lake's directory is not there, or is another one, is named before the night begins.
func TestWorkerWithoutTheLake(t *testing.T) {
	site := engineSite(t)
	night := site.night("lake", "--until", "clean")
	for says, mount := range map[string]string{"is not on its host": site.root, "another one there": filepath.Join(site.root, "lake")} {
		elsewhere := *site
		elsewhere.binary = otherHost(t, site.binary, mount)
		site.refusesSoon([]string{"the worker on host", filepath.Join(site.root, "lake"), says}, append(night, site.external(elsewhere.startPool())...)...)
	}
}

// otherHost returns a program that runs the binary where another file system hides a folder, as on another host.
func otherHost(t *testing.T, binary, hidden string) string {
	t.Helper()
	if err := exec.Command("unshare", "-m", "true").Run(); err != nil {
		t.Skipf("no other view of the disk can be made here: %v", err)
	}
	script := filepath.Join(t.TempDir(), "elsewhere")
	text := fmt.Sprintf("#!/bin/sh\nexec unshare -m sh -c 'mount -t tmpfs none %s && exec \"$@\"' x %s \"$@\"\n", hidden, binary)
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return script
}

// Where an engine's hosts lack the binary no worker answers, and that is said with where it is looked for.
func TestWorkerBinaryMissing(t *testing.T) {
	site := engineSite(t)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	site.endpoint = fmt.Sprintf("%s:%d", host, prismServer()) // its disk cannot be looked at
	night := append(site.night("lake", "--until", "clean"), site.portable("--environment", "process", "--set", "engine.command=/none/segue",
		"--set", "engine.shared_disk=true", "--set", "engine.worker_seconds=3")...)
	site.refusesSoon([]string{"no worker of the engine has answered", "/none/segue"}, night...)
	site.endpoint = fmt.Sprintf("localhost:%d", prismServer())
	site.refuses(2, []string{"worker binary", "/none/segue"}, append(site.night("lake"), site.portable("--environment", "process", "--set", "engine.command=/none/segue")...)...)
}
