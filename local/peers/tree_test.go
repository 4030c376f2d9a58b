package peers_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// spent is what a program and its children cost.
type spent struct {
	CPU   float64 // seconds, user and system
	Wall  float64 // seconds
	Peak  int64   // largest resident memory, summed over the processes that run at once
	Parts []part  // in order
	Told  string  // what the program said of itself: its line that begins with "with"
	Ended bool    // within its time
}

// part is what a program did until a line "done NAME" of its output.
type part struct {
	Name string  `json:"name"`
	CPU  float64 `json:"cpu"`
	Wall float64 `json:"wall"`
}

// tree follows a process and its descendants.
type tree struct {
	mutex sync.Mutex
	root  int
	began time.Time
	spent spent
}

// runTree runs a program to its end, or kills it and its descendants after a time.
func runTree(ctx context.Context, cmd *exec.Cmd, limit time.Duration) (spent, error) {
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	out, err := cmd.StdoutPipe()
	if err != nil {
		return spent{}, err
	}
	var failure strings.Builder
	cmd.Stderr = &failure
	if err := cmd.Start(); err != nil {
		return spent{}, err
	}
	t := &tree{root: cmd.Process.Pid, began: time.Now()}
	watched := make(chan error)
	done := make(chan struct{})
	go func() { watched <- t.watch(ctx, done) }()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		t.hear(lines.Text())
	}
	err = cmd.Wait()
	wall := time.Since(t.began).Seconds()
	close(done)
	late := <-watched
	t.spent.Wall = wall
	if used := cmd.ProcessState; used != nil {
		t.spent.CPU = max(t.spent.CPU, (used.UserTime() + used.SystemTime()).Seconds())
	}
	if errors.Is(late, context.DeadlineExceeded) {
		return t.spent, nil
	}
	t.spent.Ended = true
	if err != nil {
		err = fmt.Errorf("run %s: %w\n%s", cmd, err, failure.String())
	}
	return t.spent, errors.Join(err, late)
}

// watch samples until done; when the time is over it kills every process of the tree.
func (t *tree) watch(ctx context.Context, done <-chan struct{}) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return nil
		case <-tick.C:
			t.sample()
		case <-ctx.Done():
			alive := t.sample()
			for _, signal := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGKILL} { // none goes on when one that it waited for is gone
				for _, pid := range alive {
					_ = syscall.Kill(pid, signal) // it may be gone
				}
			}
			return ctx.Err()
		}
	}
}

// hear takes a line of the program's output in.
func (t *tree) hear(line string) {
	name, ok := strings.CutPrefix(line, "done ")
	if !ok {
		if about, ok := strings.CutPrefix(line, "with "); ok {
			t.spent.Told = about
		}
		return
	}
	t.sample()
	t.mutex.Lock()
	defer t.mutex.Unlock()
	next := part{Name: name, CPU: t.spent.CPU, Wall: time.Since(t.began).Seconds()}
	for _, p := range t.spent.Parts {
		next.CPU, next.Wall = next.CPU-p.CPU, next.Wall-p.Wall
	}
	t.spent.Parts = append(t.spent.Parts, next)
}

// sample notes what the processes of the tree have cost so far and returns them; those that ended count through the parent
// that waited for them.
func (t *tree) sample() (alive []int) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	all := processes()
	in, cpu, rss := map[int]bool{t.root: true}, 0.0, int64(0)
	for grew := true; grew; {
		grew = false
		for pid, p := range all {
			if !in[pid] && in[p.parent] {
				in[pid], grew = true, true
			}
		}
	}
	for pid := range in {
		if p, ok := all[pid]; ok {
			alive = append(alive, pid)
			cpu, rss = cpu+p.cpu, rss+p.rss
		}
	}
	t.spent.CPU, t.spent.Peak = max(t.spent.CPU, cpu), max(t.spent.Peak, rss)
	return alive
}

// process is one line of the table of processes.
type process struct {
	parent int
	cpu    float64 // seconds, of children it waited for as well
	rss    int64
}

// processes reads the table of processes.
func processes() map[int]process {
	const ticks = 100 // a second, on every Linux
	out := map[int]process{}
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it ended
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		number := func(i int) int64 { n, _ := strconv.ParseInt(f[i-3], 10, 64); return n } // fields as proc(5) counts them
		out[pid] = process{int(number(4)), float64(number(14)+number(15)+number(16)+number(17)) / ticks, number(24) * int64(os.Getpagesize())}
	}
	return out
}

// A program's cost includes its children's, a part ends with its line, and a program that takes too long is killed with its children.
func TestTree(t *testing.T) {
	const burn = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"
	got, err := runTree(t.Context(), exec.Command("sh", "-c", burn+"; echo done one; sh -c '"+burn+"'; echo done two; echo with sh"), time.Minute)
	if err != nil || !got.Ended || got.Told != "sh" {
		t.Fatalf("spent %+v, error %v", got, err)
	}
	if p := got.Parts; len(p) != 2 || p[0].CPU <= 0 || p[1].CPU < p[0].CPU/4 || p[0].CPU+p[1].CPU > got.CPU*1.001 || got.Peak < 1<<16 {
		t.Errorf("parts %+v of %v CPU-s, peak %d", p, got.CPU, got.Peak)
	}
	got, err = runTree(t.Context(), exec.Command("sh", "-c", "echo done one; sh -c 'sleep 60'; echo done two"), 300*time.Millisecond)
	if err != nil || got.Ended || len(got.Parts) != 1 || got.Wall > 30 {
		t.Errorf("a program over its time: %+v, error %v", got, err)
	}
	if _, err = runTree(t.Context(), exec.Command("sh", "-c", "echo broken >&2; exit 3"), time.Minute); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("a program that fails: error %v", err)
	}
}
