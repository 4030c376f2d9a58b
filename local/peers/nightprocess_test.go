package peers_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// stageKill says in which stage a night is killed, and how long after that began; no stage = never.
type stageKill struct {
	stage string
	after time.Duration
}

// nightProcess is what one process of segue nightly did.
type nightProcess struct {
	cpu, wall float64
	peak      int64
	lines     []progressLine
	killed    bool
}

// progressLine is a line of --progress json.
type progressLine struct {
	At    time.Time `json:"at"`
	Event string    `json:"event"`
	Stage string    `json:"stage"`
	Left  float64   `json:"night_seconds_left"` // 0 = not known
}

// runProcess runs segue nightly with --progress json, and kills it with SIGKILL where kill says so.
func runProcess(ctx context.Context, env []string, kill stageKill, args ...string) (nightProcess, error) {
	cmd := exec.CommandContext(ctx, os.Getenv("SEGUE_BINARY"), append([]string{"nightly", "--progress", "json"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nightProcess{}, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nightProcess{}, err
	}
	var p nightProcess
	var other []string
	var timer *time.Timer
	for in := bufio.NewScanner(stderr); in.Scan(); {
		var line progressLine
		if json.Unmarshal(in.Bytes(), &line) != nil {
			other = append(other, in.Text())
			continue
		}
		p.lines = append(p.lines, line)
		switch {
		case line.Stage != kill.stage:
		case line.Event == "start" && timer == nil:
			timer = time.AfterFunc(kill.after, func() { _ = cmd.Process.Kill() })
		case line.Event == "end":
			timer.Stop()
		}
	}
	err = cmd.Wait()
	p.wall = time.Since(began).Seconds()
	p.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	p.peak = cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signal() == syscall.SIGKILL && kill.stage != "" {
		p.killed = true
		return p, nil
	}
	if err != nil {
		err = fmt.Errorf("segue nightly %v: %w\n%s", args, err, strings.Join(other, "\n"))
	}
	return p, err
}

// stages returns the stages that began, in order.
func (p nightProcess) stages() (names []string) {
	for _, l := range p.lines {
		if l.Event == "start" && !slices.Contains(names, l.Stage) {
			names = append(names, l.Stage)
		}
	}
	return names
}

// planned returns the time that was expected at the start over that which passed; 0 = nothing was expected.
func (p nightProcess) planned() float64 {
	if len(p.lines) == 0 {
		return 0
	}
	return p.lines[0].Left / p.span()
}

// span is the time between the first and the last line.
func (p nightProcess) span() float64 {
	return p.lines[len(p.lines)-1].At.Sub(p.lines[0].At).Seconds()
}

// foretold returns by which share of what was left the time that was told to be left was wrong, from the first third of the night to
// its last tenth: the middle one of all lines, and the largest.
func (p nightProcess) foretold() (median, most float64) {
	var off []float64
	for _, l := range p.lines {
		past := l.At.Sub(p.lines[0].At).Seconds()
		if whole := p.span(); l.Left > 0 && past > whole/3 && past < .9*whole {
			off = append(off, math.Abs(l.Left/(whole-past)-1))
		}
	}
	if len(off) == 0 {
		return 0, 0
	}
	slices.Sort(off)
	return off[len(off)/2], off[len(off)-1]
}
