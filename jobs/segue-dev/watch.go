package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"segue/schemas"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/kafkaio"
)

// features are the fields of a feature record that the demo shows.
type features struct {
	Version       sessions.Version `json:"-"`
	Offset        int64            `json:"offset"`
	Generation    int64            `json:"generation"`
	Timer         int64            `json:"timer"`
	Plays         int64            `json:"session_plays"`
	Skips         int64            `json:"session_skips"`
	Device        string           `json:"device"`
	Country       string           `json:"country"`
	Hour          *int             `json:"local_hour"`
	Recent        []string
	Moods         map[string]float64
	TasteDistance *float64 `json:"taste_distance"`
}

// watch follows the topic of features and shows some listeners' newest records.
type watch struct {
	out     io.Writer
	redraw  bool // a terminal: the table stays where it is
	cluster kafkaio.Cluster
	users   []string
	titles  map[string]string
	sent    atomic.Int64
	err     error // of show

	mu      sync.Mutex
	next    map[int32]int64
	newest  map[string]features
	records int64
	heard   time.Time // of the newest record
	lines   int       // of the table drawn last
}

func newWatch(out io.Writer, c kafkaio.Cluster, users []string, titles map[string]string) *watch {
	info, err := os.Stdout.Stat()
	terminal := err == nil && out == os.Stdout && info.Mode()&os.ModeCharDevice != 0
	return &watch{out: out, redraw: terminal, cluster: c, users: users, titles: titles, next: map[int32]int64{}, newest: map[string]features{}, heard: time.Now()}
}

// mostHeard returns the n listeners with most plays.
func mostHeard(plays []schemas.Play, n int) []string {
	count := map[string]int{}
	for i := range plays {
		count[plays[i].UserID]++
	}
	var users []string
	for u := range count {
		users = append(users, u)
	}
	slices.SortFunc(users, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	return users[:min(n, len(users))]
}

// show reads and draws until the context ends: five times a second on a terminal, else every five seconds.
func (w *watch) show(ctx context.Context) {
	const look = 200 * time.Millisecond
	every := 25
	if w.redraw {
		every = 1
	}
	tick := time.NewTicker(look)
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			w.draw()
			return
		case <-tick.C:
		}
		if err := w.read(ctx); err != nil && ctx.Err() == nil {
			w.err = err
			return
		}
		if n%every == 0 {
			w.draw()
		}
	}
}

// read takes what is new in the topic; before the job has made it there is nothing.
func (w *watch) read(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	spans, err := kafkaio.Spans(ctx, w.cluster, schemas.TopicFeatures, kafkaio.Offsets(w.next), kafkaio.Latest())
	if err != nil {
		if w.records == 0 {
			return nil
		}
		return err
	}
	return kafkaio.Fetch(ctx, w.cluster, spans, func(b kafkaio.Batch) (bool, error) {
		for _, r := range b.Records {
			f := features{}
			if err := json.Unmarshal(r.Value, &f); err != nil {
				return false, fmt.Errorf("read the features of %q: %w", r.Key, err)
			}
			f.Version = sessions.Version{Offset: f.Offset, Generation: f.Generation, Timer: f.Timer}
			if before, ok := w.newest[string(r.Key)]; !ok || f.Version.Compare(before.Version) > 0 {
				w.newest[string(r.Key)] = f
			}
		}
		w.records, w.heard = w.records+int64(len(b.Records)), time.Now()
		w.next[b.Partition] = b.Last + 1
		return true, nil
	})
}

// note prints a line above the table.
func (w *watch) note(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = 0
	fmt.Fprintf(w.out, "-- %s\n", text)
}

// draw prints the table, over the one before on a terminal.
func (w *watch) draw() {
	w.mu.Lock()
	defer w.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d events sent, %d feature records of %d listeners, the newest %.1f s ago\n",
		w.sent.Load(), w.records, len(w.newest), time.Since(w.heard).Seconds())
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "listener\twhere, hour, on\tplays\tskips\tmood\toff taste\tplays now")
	for _, u := range w.users {
		f, ok := w.newest[u]
		if !ok {
			fmt.Fprintf(t, "%s\tnot heard yet\n", u)
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%s\t%s\t%s\n", u, f.place(), f.Plays, f.Skips, f.mood(), f.distance(), w.title(f))
	}
	t.Flush() // into memory
	text := b.String()
	if w.redraw {
		text = clip(text, 79) // a line that wraps would not be drawn over
		if w.lines > 0 {
			fmt.Fprintf(w.out, "\x1b[%dA\x1b[J", w.lines)
		}
		w.lines = strings.Count(text, "\n")
	}
	fmt.Fprint(w.out, text)
}

// clip cuts lines to a width.
func clip(text string, width int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if r := []rune(line); len(r) > width {
			lines[i] = string(r[:width])
		}
	}
	return strings.Join(lines, "\n")
}

func (f features) place() string {
	hour := "?"
	if f.Hour != nil {
		hour = fmt.Sprintf("%d h", *f.Hour)
	}
	return fmt.Sprintf("%s, %s, %s", cmp.Or(f.Country, "?"), hour, cmp.Or(f.Device, "?"))
}

// mood is the largest of the mix.
func (f features) mood() string {
	best := "-"
	for name, share := range f.Moods {
		if best == "-" || share > f.Moods[best] || share == f.Moods[best] && name < best {
			best = name
		}
	}
	if best == "-" {
		return best
	}
	return fmt.Sprintf("%s %.0f %%", best, 100*f.Moods[best])
}

func (f features) distance() string {
	if f.TasteDistance == nil {
		return "-"
	}
	return fmt.Sprintf("%.2f", *f.TasteDistance)
}

func (w *watch) title(f features) string {
	if len(f.Recent) == 0 {
		return "-"
	}
	song := f.Recent[len(f.Recent)-1]
	title := []rune(cmp.Or(w.titles[song], song))
	return string(title[:min(len(title), 32)])
}

// settle waits until no record has come for two seconds: the job has read everything.
func (w *watch) settle(ctx context.Context) error {
	const quiet, patience = 2 * time.Second, 30 * time.Second
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		w.mu.Lock()
		since, records := time.Since(w.heard), w.records
		w.mu.Unlock()
		if records > 0 && since > quiet {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("watch topic %s: %d records in all, and no end of them for %v", schemas.TopicFeatures, records, patience)
		}
	}
}
