package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vbauerster/mpb/v8"

	"segue/jobs/cli"
)

// clock moves only when told.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newClock() *clock { return &clock{time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)} }

// A stage of two phases tells its progress every few seconds and its time at the end: 4 of 10 items in 8 s leave 12 s.
func TestPlainProgress(t *testing.T) {
	var out bytes.Buffer
	c := newClock()
	p := newLines(&out, c.now)
	p.Start("embed", "passes", 8)
	for range 4 {
		c.at = c.at.Add(2 * time.Second)
		if p.items == 8 {
			p.Start("embed", "fold", 2)
		}
		p.Done("embed", "passes", 1)
	}
	p.End("embed", 9.04)
	p.Start("charts", "count", 1)
	p.Done("charts", "count", 1)
	p.End("charts", 0.1234)
	want := "embed        3/10 items of passes, 0.5/s, about 14s left\n" +
		"embed        4 items in 9.0 s\n" +
		"charts       1 item in 0.12 s\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// Every JSON line is one object with stage, event and counts; a stage starts from zero.
func TestJSONProgress(t *testing.T) {
	var out bytes.Buffer
	c := newClock()
	j := &jsonLines{counts: counts{now: c.now}, w: &out}
	j.Start("clean", "read", 3)
	c.at = c.at.Add(2 * time.Second)
	j.Done("clean", "read", 2)
	j.Done("clean", "read", 1)
	j.End("clean", 2)
	j.Start("embed", "pass", 1)
	var got []progressEvent
	for line := range strings.Lines(out.String()) {
		var e progressEvent
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		e.At = time.Time{}
		got = append(got, e)
	}
	want := []progressEvent{
		{Event: "start", Stage: "clean", Phase: "read", Items: 3},
		{Event: "progress", Stage: "clean", Phase: "read", Items: 3, Done: 2, Seconds: 2},
		{Event: "end", Stage: "clean", Items: 3, Done: 3, Seconds: 2},
		{Event: "start", Stage: "embed", Phase: "pass", Items: 1},
	}
	if len(got) != len(want) {
		t.Fatalf("%d events, want %d:\n%s", len(got), len(want), out.String())
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("event %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}

// Bars survive items that are done concurrently, a stage that never ends, and output that is no terminal.
func TestBars(t *testing.T) {
	var out bytes.Buffer
	b := newBars(&out, mpb.WithAutoRefresh())
	b.Start("embed", "pass", 100)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { b.Done("embed", "pass", 1) })
	}
	wg.Wait()
	b.End("embed", 1.5)
	b.Start("charts", "count", 3)
	b.Done("charts", "count", 1)
	b.Close()
	for _, stage := range []string{"embed", "charts"} {
		if !strings.Contains(out.String(), stage) {
			t.Errorf("no stage %s in %q", stage, out.String())
		}
	}
}

// An unknown mode is a usage error that names the nearest.
func TestProgressModes(t *testing.T) {
	if _, err := newProgress("plian", nil); !errors.Is(err, cli.ErrUsage) || !strings.Contains(err.Error(), "plain") {
		t.Errorf("error is %v", err)
	}
}
