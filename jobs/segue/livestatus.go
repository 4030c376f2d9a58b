package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"segue/jobs/cli"
	"segue/jobs/nearest"
	"segue/pipelines/live"
)

// writeMetrics writes a status in the text form of Prometheus.
func writeMetrics(w io.Writer, s live.Status) {
	for _, m := range []struct {
		name, kind, help string
		value            float64
	}{
		{"records_total", "counter", "Records read: applied, late, duplicates and dead letters together.", float64(s.In)},
		{"applied_total", "counter", "Plays that count.", float64(s.Applied)},
		{"late_total", "counter", "Plays older than the lateness: archived only.", float64(s.Late)},
		{"duplicates_total", "counter", "Plays with an event id seen before.", float64(s.Duplicates)},
		{"dead_letters_total", "counter", "Records nobody can use.", float64(s.Dead)},
		{"unknown_fields_total", "counter", "Fields of plays that the contract does not have: left out.", float64(s.Unknown)},
		{"repeated_total", "counter", "Records read again and passed over.", float64(s.Again)},
		{"written_total", "counter", "Records acknowledged by the brokers.", float64(s.Written)},
		{"listeners", "gauge", "Listeners known.", float64(s.Listeners)},
		{"lag_records", "gauge", "Records not yet read.", float64(s.Lag)},
		{"recycled_total", "counter", "Pipelines begun anew for their memory.", float64(s.Recycled)},
		{"delay_seconds", "gauge", "From a record's time to its features, of the newest.", s.Delay.Seconds()},
		{"watermark_delay_seconds", "gauge", "From the start of a partition's newest play to now, of the oldest of them.", s.Behind.Seconds()},
	} {
		fmt.Fprintf(w, "# HELP segue_live_%s %s\n# TYPE segue_live_%s %s\nsegue_live_%s %g\n", m.name, m.help, m.name, m.kind, m.name, m.value)
	}
	if s.Release != "" {
		const name = "segue_live_release_since_seconds"
		fmt.Fprintf(w, "# HELP %s When the release in use was taken into use, since 1970.\n# TYPE %s gauge\n%s{run=%q} %d\n", name, name, name, s.Release, s.ReleaseAt.Unix())
	}
}

// view shows one status after another.
type view struct {
	every time.Duration
	show  func(now, before live.Status, passed time.Duration)
	end   func()
}

// statusView returns the view of a progress mode: auto is one line that changes on a terminal, and a line every 10 s otherwise.
func statusView(mode string, w *os.File) (view, error) {
	line := func(form string) func(now, before live.Status, passed time.Duration) {
		return func(now, before live.Status, passed time.Duration) {
			fmt.Fprintf(w, form, statusLine(now, before, passed))
		}
	}
	switch {
	case mode == "none":
		return view{time.Hour, func(_, _ live.Status, _ time.Duration) {}, func() {}}, nil
	case mode == "json":
		e := json.NewEncoder(w)
		return view{10 * time.Second, func(now, _ live.Status, _ time.Duration) { e.Encode(now) }, func() {}}, nil // nobody could be told of an error
	case mode == "auto" && isTerminal(w):
		return view{time.Second, line("\r\x1b[K%s"), func() { fmt.Fprintln(w) }}, nil
	case mode == "auto", mode == "plain":
		return view{10 * time.Second, line("%s\n"), func() {}}, nil
	}
	return view{}, cli.Usage("unknown --progress %q%s", mode, nearest.Hint(mode, progressModes))
}

// showStatus shows the status until the context ends.
func showStatus(ctx context.Context, job *live.Job, v view) {
	tick := time.NewTicker(v.every)
	defer tick.Stop()
	defer v.end()
	before, at := job.Status(), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case t := <-tick.C:
			now := job.Status()
			v.show(now, before, t.Sub(at))
			before, at = now, t
		}
	}
}

func statusLine(now, before live.Status, passed time.Duration) string {
	rate := float64(now.In-before.In) / max(passed.Seconds(), 1e-3)
	return fmt.Sprintf("%.0f events/s  lag %d  delay %v  watermark −%v  listeners %d  late %d  duplicates %d  dead letters %d  release %s",
		rate, now.Lag, now.Delay.Round(time.Millisecond), now.Behind.Round(time.Second), now.Listeners, now.Late, now.Duplicates, now.Dead, orNone(now.Release))
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
