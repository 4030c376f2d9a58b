package peers_test

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"segue/transforms/io/lake"
)

const (
	nightDate    = "2026-03-29" // last day of the generated world
	nightHeading = "# A night by size"
)

// nightRun is a cold night over a generated world of some playlists.
type nightRun struct {
	nightProcess
	playlists int
	stages    []lake.StageRecord
	tight     *tightNight // the same with less memory; nil = not tried
}

// tightNight is a night that was told to get by with some memory.
type tightNight struct {
	nightProcess
	memory string // the flag
	same   bool   // its tables are those of the night without the flag
}

// TestNight fills the section of BENCHMARKS.md on nights by size: SEGUE_NIGHT_SIZES lists playlists, SEGUE_NIGHT_REPORT names the file,
// SEGUE_NIGHT_MEMORY the memory with which the night of the last size is run once more.
func TestNight(t *testing.T) {
	sizes, file := os.Getenv("SEGUE_NIGHT_SIZES"), os.Getenv("SEGUE_NIGHT_REPORT")
	if sizes == "" || file == "" {
		t.Skip("takes minutes: make bench-night")
	}
	var runs []nightRun
	list := strings.Fields(sizes)
	for i, text := range list {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("SEGUE_NIGHT_SIZES: %v", err)
		}
		memory := ""
		if i == len(list)-1 {
			memory = os.Getenv("SEGUE_NIGHT_MEMORY")
		}
		runs = append(runs, runNight(t, n, memory))
	}
	slices.SortFunc(runs, func(a, b nightRun) int { return cmp.Compare(a.playlists, b.playlists) })
	if err := writeSection(file, nightHeading, nightText(runs)); err != nil {
		t.Fatal(err)
	}
}

// runNight generates a world in the shape of the Million Playlist Dataset, imports it and runs its night, each in a process of its own; with
// memory, the night runs again from what landed.
func runNight(t *testing.T, playlists int, memory string) nightRun {
	t.Helper()
	dir := t.TempDir()
	world, folder := filepath.Join(dir, "world"), filepath.Join(dir, "lake")
	generateWorld(t, world, playlists, 10, 14)
	importWorld(t, world, folder)
	out := nightRun{nightProcess: coldNight(t, folder), playlists: playlists, stages: nightStages(t, folder)}
	slices.SortFunc(out.stages, func(a, b lake.StageRecord) int { return a.StartedAt.Compare(b.StartedAt) })
	if memory == "" {
		return out
	}
	tables := tableHashes(t, folder)
	forgetNights(t, folder)
	out.tight = &tightNight{nightProcess: coldNight(t, folder, "--memory", memory), memory: memory}
	if out.tight.same = maps.Equal(tables, tableHashes(t, folder)); !out.tight.same {
		t.Errorf("with --memory %s the night of %d playlists has other tables", memory, playlists)
	}
	return out
}

// coldNight runs the night of a lake, without progress.
func coldNight(t *testing.T, folder string, flags ...string) nightProcess {
	t.Helper()
	p, err := runProcess(t.Context(), nil, stageKill{}, append([]string{"--lake", folder, "--date", nightDate, "--progress", "none"}, flags...)...)
	if err != nil {
		t.Fatal(err)
	}
	return p
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
	if last.tight != nil {
		b.WriteString(last.tight.text(last))
	}
	return b.String()
}

// text is what is said of the night below the table.
func (n *tightNight) text(than nightRun) string {
	tables := "the same tables"
	if !n.same {
		tables = "**other tables**"
	}
	return fmt.Sprintf("\n\nThe last of them again with `--memory %s` (`MEMORY=%s`): %.1f s (%.2f times), %.1f CPU-s (%.2f times), peak %d MB (%.2f GB), %s.", n.memory, n.memory,
		n.wall, n.wall/than.wall, n.cpu, n.cpu/than.cpu, n.peak>>20, float64(n.peak)/1e9, tables)
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
		return nightRun{nightProcess: nightProcess{cpu: cpu}, playlists: n, stages: []lake.StageRecord{{Stage: "clean", CPUSeconds: cpu, Outputs: files}}}
	}
	last := run(10_000, 31.7)
	last.wall, last.tight = 10, &tightNight{nightProcess{cpu: 63.4, wall: 15, peak: 3 << 29}, "1GiB", true}
	text := nightText([]nightRun{run(1000, 1), last})
	for _, want := range []string{
		"with `--memory 1GiB` (`MEMORY=1GiB`): 15.0 s (1.50 times), 63.4 CPU-s (2.00 times), peak 1536 MB (1.61 GB), the same tables.",
		"| clean | 1.00 | 0.0 | 0 | 1.0 | 31.70 | 0.0 | 0 | 10.0 | 1.50 | 1.00 |", "| whole process |", "**1.50**",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("section %q lacks %q", text, want)
		}
	}
}
