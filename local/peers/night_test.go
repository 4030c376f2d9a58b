package peers_test

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"segue/transforms/io/lake"
)

const (
	nightDate    = "2026-03-29" // last day of the generated world
	nightHeading = "# A night by size"
)

// nightRun is a cold night over a generated world of some playlists.
type nightRun struct {
	playlists int
	cpu, wall float64 // of the process, its report included
	peak      int64
	stages    []lake.StageRecord
}

// TestNight fills the section of BENCHMARKS.md on nights by size: SEGUE_NIGHT_SIZES lists playlists, SEGUE_NIGHT_REPORT names the file.
func TestNight(t *testing.T) {
	sizes, file := os.Getenv("SEGUE_NIGHT_SIZES"), os.Getenv("SEGUE_NIGHT_REPORT")
	if sizes == "" || file == "" {
		t.Skip("takes minutes: make bench-night")
	}
	var runs []nightRun
	for _, text := range strings.Fields(sizes) {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("SEGUE_NIGHT_SIZES: %v", err)
		}
		runs = append(runs, runNight(t, n))
	}
	slices.SortFunc(runs, func(a, b nightRun) int { return cmp.Compare(a.playlists, b.playlists) })
	if err := writeSection(file, nightHeading, nightText(runs)); err != nil {
		t.Fatal(err)
	}
}

// runNight generates a world in the shape of the Million Playlist Dataset, imports it and runs its night, each in a process of its own.
func runNight(t *testing.T, playlists int) nightRun {
	t.Helper()
	segue := os.Getenv("SEGUE_BINARY")
	dir := t.TempDir()
	world, folder := filepath.Join(dir, "world"), filepath.Join(dir, "lake")
	generateWorld(t, world, playlists, 10, 14)
	importWorld(t, world, folder)
	began := time.Now()
	night := command(t, segue, "nightly", "--lake", folder, "--date", nightDate, "--progress", "none")
	out := nightRun{playlists: playlists, wall: time.Since(began).Seconds(), cpu: (night.UserTime() + night.SystemTime()).Seconds()}
	out.peak = night.SysUsage().(*syscall.Rusage).Maxrss << 10
	s, err := lake.Open(t.Context(), folder)
	if err == nil {
		out.stages, err = lake.ReadStages(t.Context(), s, nightDate+".1")
	}
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(out.stages, func(a, b lake.StageRecord) int { return a.StartedAt.Compare(b.StartedAt) })
	return out
}

// command runs a program to its end.
func command(t *testing.T, name string, args ...string) *os.ProcessState {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return cmd.ProcessState
}

// nightText is the section: a line a stage, with the slopes of CPU and bytes between the smallest and the largest size.
func nightText(runs []nightRun) string {
	var b strings.Builder
	fmt.Fprintf(&b, `Written by `+"`make bench-night`"+`: cold nights over generated worlds in the shape of the Million Playlist Dataset, as many listeners as playlists and ten
plays each in 14 days, in a directory, each night in a process of its own with two cores. A slope is that of the logarithms of a figure and of
playlists, between the smallest and the largest world: 1 = in proportion.

| stage |`)
	for _, r := range runs {
		fmt.Fprintf(&b, " %d playlists: CPU-s | wall s | peak MB | MB written |", r.playlists)
	}
	b.WriteString(" slope of CPU | of bytes |\n|---|" + strings.Repeat("---|", 4*len(runs)+2))
	first, last := runs[0], runs[len(runs)-1]
	for _, stage := range last.stages {
		fmt.Fprintf(&b, "\n| %s |", stage.Stage)
		for _, r := range runs {
			s := r.stage(stage.Stage)
			fmt.Fprintf(&b, " %.2f | %.1f | %d | %.1f |", s.CPUSeconds, s.Seconds, s.PeakBytes>>20, float64(written(s))/1e6)
		}
		was := first.stage(stage.Stage)
		fmt.Fprintf(&b, " %s | %s |", slope(first, last, was.CPUSeconds, stage.CPUSeconds), slope(first, last, float64(written(was)), float64(written(stage))))
	}
	b.WriteString("\n| whole process |")
	var bytes [2]float64
	for _, r := range runs {
		all := 0.0
		for _, s := range r.stages {
			all += float64(written(s))
		}
		bytes = [2]float64{cmp.Or(bytes[0], all), all}
		fmt.Fprintf(&b, " **%.1f** | **%.1f** | %d | %.1f |", r.cpu, r.wall, r.peak>>20, all/1e6)
	}
	fmt.Fprintf(&b, " **%s** | %s |", slope(first, last, first.cpu, last.cpu), slope(first, last, bytes[0], bytes[1]))
	return b.String()
}

func (r nightRun) stage(name string) lake.StageRecord {
	for _, s := range r.stages {
		if s.Stage == name {
			return s
		}
	}
	return lake.StageRecord{}
}

// written returns the bytes of what a stage hands on.
func written(s lake.StageRecord) (n int64) {
	for _, files := range s.Outputs {
		for _, f := range files {
			n += f.Size
		}
	}
	return n
}

// slope returns how a figure grows with playlists; a dash where there is too little to tell.
func slope(a, b nightRun, from, to float64) string {
	if a.playlists == b.playlists || from < .05 || to < .05 {
		return "–"
	}
	return fmt.Sprintf("%.2f", math.Log(to/from)/math.Log(float64(b.playlists)/float64(a.playlists)))
}

// Slopes are those of powers, and a night's section has a line a stage.
func TestNightText(t *testing.T) {
	run := func(n int, cpu float64) nightRun {
		files := map[string][]lake.FileRef{"songs": {{Size: int64(n) * 1000}}}
		return nightRun{playlists: n, cpu: cpu, stages: []lake.StageRecord{{Stage: "clean", CPUSeconds: cpu, Outputs: files}}}
	}
	text := nightText([]nightRun{run(1000, 1), run(10_000, 31.7)})
	for _, want := range []string{"| clean | 1.00 | 0.0 | 0 | 1.0 | 31.70 | 0.0 | 0 | 10.0 | 1.50 | 1.00 |", "| whole process |", "**1.50**"} {
		if !strings.Contains(text, want) {
			t.Errorf("section %q lacks %q", text, want)
		}
	}
}
