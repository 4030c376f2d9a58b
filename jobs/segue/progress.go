package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"segue/jobs/cli"
	"segue/jobs/nearest"
	"segue/pipelines/nightly"
	"segue/transforms/io/work"
)

// progressModes are the values of --progress.
var progressModes = []string{"auto", "plain", "json", "none"}

// progressView shows progress until it is closed.
type progressView interface {
	work.Progress
	expect(stages []nightly.StageForecast, resumed bool) // before the night starts
	Close()
}

// newProgress returns the view of a mode: auto is bars on a terminal and plain lines otherwise.
func newProgress(mode string, w *os.File) (progressView, error) {
	switch mode {
	case "auto":
		if isTerminal(w) {
			return newBars(w), nil
		}
		return newLines(w, time.Now), nil
	case "plain":
		return newLines(w, time.Now), nil
	case "json":
		return &jsonLines{counts: counts{now: time.Now}, w: w}, nil
	case "none":
		return silent{}, nil
	}
	return nil, unknownProgress(mode)
}

func unknownProgress(mode string) error {
	return cli.Usage("unknown --progress %q%s", mode, nearest.Hint(mode, progressModes))
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	return err == nil
}

type silent struct{}

func (silent) Start(string, string, int) {}
func (silent) Done(string, string, int)  {}
func (silent) End(string, float64)       {}
func (silent) Close()                    {}

func (silent) expect([]nightly.StageForecast, bool) {}

// counts follows the one stage at work: phases add items to it.
type counts struct {
	mu      sync.Mutex
	now     func() time.Time
	stage   string
	started time.Time
	told    time.Time // when it was last shown
	items   int
	done    int
	night   nightRest
}

// expect tells what the stages of the night are expected to take, and whether it goes on where an earlier start of it ended.
func (c *counts) expect(stages []nightly.StageForecast, resumed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.night = newNightRest(stages, resumed)
}

// begin opens the stage if it is a new one.
func (c *counts) begin(stage string) (isNew bool) {
	if c.stage != stage {
		c.stage, c.items, c.done, c.started = stage, 0, 0, c.now()
		c.told, isNew = c.started, true
		c.night.begin(stage)
	}
	return isNew
}

// start adds the items of a phase, and opens its stage if it is a new one.
func (c *counts) start(stage, phase string, items int) (isNew bool) {
	isNew = c.begin(stage)
	c.items += items
	c.night.start(stage, phase, items, c.now())
	return isNew
}

// did counts items of a phase that are done.
func (c *counts) did(phase string, items int) {
	c.done += items
	c.night.did(phase, items)
}

// end closes the stage.
func (c *counts) end(stage string) {
	c.stage = ""
	c.night.end(stage, c.now())
}

// due reports whether it is time to show progress again, and takes note that it is shown.
func (c *counts) due(every time.Duration) bool {
	if now := c.now(); now.Sub(c.told) >= every {
		c.told = now
		return true
	}
	return false
}

// rate returns items a second and the time the known rest will take.
func (c *counts) rate() (perSecond float64, left time.Duration) {
	elapsed := c.now().Sub(c.started)
	if elapsed <= 0 || c.done == 0 {
		return 0, 0
	}
	perSecond = float64(c.done) / elapsed.Seconds()
	return perSecond, time.Duration(float64(c.items-c.done) / perSecond * float64(time.Second))
}

// nightLeft returns the time until the night ends; 0 = not known.
func (c *counts) nightLeft() time.Duration {
	return c.night.left(c.now()).Round(100 * time.Millisecond)
}

// ofNight returns it in words behind those on the stage.
func (c *counts) ofNight() string {
	if left := c.nightLeft().Round(time.Second); left > 0 {
		return fmt.Sprintf(", %s of the night", left)
	}
	return ""
}

// lines shows progress as plain lines: one when a stage ends, and one every tellEvery while it lasts.
type lines struct {
	counts
	w io.Writer
}

const tellEvery = 5 * time.Second

func newLines(w io.Writer, now func() time.Time) *lines {
	return &lines{counts: counts{now: now}, w: w}
}

func (l *lines) Start(stage, phase string, items int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.start(stage, phase, items)
}

func (l *lines) Done(stage, phase string, items int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begin(stage)
	l.did(phase, items)
	if !l.due(tellEvery) {
		return
	}
	perSecond, left := l.rate()
	fmt.Fprintf(l.w, "%-12s %d/%d items of %s, %.3g/s, about %s left%s\n", stage, l.done, l.items, phase, perSecond, left.Round(time.Second), l.ofNight())
}

func (l *lines) End(stage string, seconds float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begin(stage)
	fmt.Fprintf(l.w, "%-12s %s in %s\n", stage, plural(l.done, "item"), duration(seconds))
	l.end(stage)
}

func (l *lines) Close() {}

// jsonLines shows progress as one JSON object a line, for programs.
type jsonLines struct {
	counts
	w io.Writer
}

// progressEvent is one line of --progress json.
type progressEvent struct {
	At      time.Time `json:"at"`
	Event   string    `json:"event"` // start of a phase, progress in it, end of the stage
	Stage   string    `json:"stage"`
	Phase   string    `json:"phase,omitempty"`
	Items   int       `json:"items"` // of the stage, as far as known
	Done    int       `json:"done"`
	Seconds float64   `json:"seconds"`                      // since the stage started
	Left    float64   `json:"night_seconds_left,omitempty"` // until the night ends, by the records of an earlier one
}

func (j *jsonLines) tell(event, stage, phase string, seconds float64) {
	b, err := json.Marshal(progressEvent{j.now().UTC(), event, stage, phase, j.items, j.done, seconds, j.nightLeft().Seconds()})
	if err != nil {
		panic("segue: encode progress: " + err.Error())
	}
	fmt.Fprintf(j.w, "%s\n", b)
}

func (j *jsonLines) Start(stage, phase string, items int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.start(stage, phase, items)
	j.tell("start", stage, phase, j.now().Sub(j.started).Seconds())
}

func (j *jsonLines) Done(stage, phase string, items int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.begin(stage)
	j.did(phase, items)
	if j.due(time.Second) {
		j.tell("progress", stage, phase, j.now().Sub(j.started).Seconds())
	}
}

func (j *jsonLines) End(stage string, seconds float64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.begin(stage)
	j.end(stage)
	j.tell("end", stage, "", seconds)
}

func (j *jsonLines) Close() {}
