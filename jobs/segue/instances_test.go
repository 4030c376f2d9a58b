package main_test

import (
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"syscall"
	"testing"
	"time"
)

var statusPages = regexp.MustCompile(`status at (http://\S+)/metrics`)

// instances is live as several processes, each of its share.
type instances struct {
	*liveSite
	jobs []*exec.Cmd
}

func (s *liveSite) startInstances(n int) *instances {
	s.t.Helper()
	all := &instances{s, make([]*exec.Cmd, n)}
	for i := range n {
		all.start(i)
	}
	return all
}

func (a *instances) start(i int) {
	a.jobs[i] = a.liveSite.start("--instance", fmt.Sprintf("%d/%d", i, len(a.jobs)))
}

// ready asks the page of a job that has told where it is.
func ready(log string) string {
	at := statusPages.FindStringSubmatch(log)
	if at == nil {
		return ""
	}
	answer, err := http.Get(at[1] + "/readyz")
	if err != nil {
		return ""
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return ""
	}
	return "ready"
}

// kill ends one by SIGKILL and starts it again.
func (a *instances) kill(i int) {
	a.t.Helper()
	a.killed = append(a.killed, time.Now())
	if err := a.jobs[i].Process.Kill(); err != nil {
		a.t.Fatal(err)
	}
	if a.jobs[i].Wait(); a.jobs[i].ProcessState.Exited() {
		a.t.Fatalf("instance %d had ended before it was killed:\n%s", i, a.jobs[i].Stderr)
	}
	a.start(i)
}

// stop asks all to stop, as when their number is to change, once they own their partitions: one that is stopped while it claims them
// leaves them held for a while.
func (a *instances) stop() {
	a.t.Helper()
	for i, job := range a.jobs {
		waitFor(a.t, func() string { return ready(job.Stderr.(*poolLog).String()) })
		if err := job.Process.Signal(syscall.SIGTERM); err != nil {
			a.t.Fatal(err)
		}
		if err := job.Wait(); err != nil {
			a.t.Fatalf("instance %d asked to stop ends with %v:\n%s", i, err, job.Stderr)
		}
	}
}

// Four instances, of which one at random is killed again and again, and then eight that go on where they stopped, leave the features
// and the archive of an oracle that keeps all events and sorts them: nothing is lost, and what is written again has the same version.
func TestKilledInstances(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the binary and runs for half a minute: not in -short")
	}
	s := newLiveSite(t, 8)
	plan := s.plan(number(t, "SEGUE_LIVE_EVENTS", 40_000))
	rate := float64(number(t, "SEGUE_LIVE_RATE", 3000))
	takes := time.Duration(float64(len(plan.Records)) / rate * float64(time.Second))
	sent := make(chan error, 1)
	go func() { sent <- s.send(plan, rate) }()
	began := time.Now()
	live := s.startInstances(4)
	for _, m := range s.moments(takes*3/4, number(t, "SEGUE_LIVE_KILLS", 3), 0) {
		s.waitUntil(began.Add(m.at + time.Second))
		live.kill(s.rng.IntN(4))
	}
	s.waitUntil(began.Add(takes * 3 / 4))
	live.stop()
	live = s.startInstances(8)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	live.stop()
	for i := range 8 {
		if out, err := s.command("--until", "latest", "--instance", fmt.Sprintf("%d/8", i)).CombinedOutput(); err != nil {
			t.Fatalf("segue live --instance %d/8 --until latest: %v\n%s", i, err, out)
		}
	}
	o := s.oracle()
	if c := plan.Counts; c.Sent != o.in || c.Applied != o.applied || c.Late != o.late || c.Duplicates != o.duplicates || c.Dead != o.broke {
		t.Errorf("of the topic the oracle counts %d = %d + %d + %d + %d, the plan of the traffic says %+v", o.in, o.applied, o.late, o.duplicates, o.broke, c)
	}
	s.readFeatures()
	s.checkFeatures(o)
	s.checkLetters(o)
	s.checkArchive(o)
	s.checkParity(o)
	gap, _ := s.gap()
	t.Logf("in %d, %d listeners, %d kills of one of four, then eight; %d feature records, %d of them repeats; longest gap after a kill %v",
		o.in, len(o.events), len(s.killed), s.written(), s.repeats, gap)
}
