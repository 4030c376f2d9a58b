package peers_test

import (
	"cmp"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"segue/transforms/io/lake"
)

// nightBeside is a night of one program.
type nightBeside struct {
	Playlists  int     `json:"playlists"`
	Program    string  `json:"program"`
	CPU        float64 `json:"cpu"`
	Wall       float64 `json:"wall"`
	Peak       int64   `json:"peak"`
	Written    int64   `json:"written"`
	Parts      []part  `json:"parts"`
	Ended      bool    `json:"ended"`
	Neighbours float64 `json:"neighbours"` // nDCG@100 of held-out playlists, by the better table of neighbours
	Lists      float64 `json:"lists"`      // nDCG@100 of what listeners find in the week after
	Told       string  `json:"told"`

	OursCPU  float64 `json:"ours_cpu,omitempty"` // of Segue's night in the same run; 0 = it was not in it
	OursPeak int64   `json:"ours_peak,omitempty"`
	OursSame float64 `json:"ours_same,omitempty"` // CPU-s of its stages that lead to the tables of the others
}

// Programs, by the word that CONTENDER takes.
const (
	programSegue  = "segue"
	programPython = "python"
	programSpark  = "spark"
)

// arena of nights: one lake whose landing zone all programs read.
type nightArena struct {
	t         *testing.T
	playlists int
	lake      string
	heldOut   string // file of playlist ids that are kept away from training
	exam      *exam
	limit     time.Duration
}

// TestNightPeers fills the section of BENCHMARKS.md on nights of other programs: SEGUE_NIGHT_SIZE playlists, SEGUE_NIGHT_REPORT
// names the file; SEGUE_NIGHT_CONTENDER runs one program and leaves the lines of the others; SEGUE_NIGHT_LIMIT is the longest a
// program may take.
func TestNightPeers(t *testing.T) {
	size, file := os.Getenv("SEGUE_NIGHT_SIZE"), os.Getenv("SEGUE_NIGHT_REPORT")
	if size == "" || file == "" {
		t.Skip("takes minutes: make bench-night SIZE=10k")
	}
	limit, err := time.ParseDuration(cmp.Or(os.Getenv("SEGUE_NIGHT_LIMIT"), "30m"))
	if err != nil {
		t.Fatalf("SEGUE_NIGHT_LIMIT: %v", err)
	}
	thousands, short := strings.CutSuffix(size, "k")
	n, err := strconv.Atoi(thousands)
	if err != nil || n < 1 {
		t.Fatalf("SEGUE_NIGHT_SIZE is %q, want a number of playlists such as 10k", size)
	}
	if short {
		n *= 1000
	}
	a := newNightArena(t, n, limit)
	runs := map[string]func() nightBeside{programSegue: a.segue, programPython: a.python, programSpark: a.spark}
	var nights []nightBeside
	for _, name := range strings.Fields(cmp.Or(os.Getenv("SEGUE_NIGHT_CONTENDER"), "segue python spark")) {
		run, ok := runs[name]
		if !ok {
			t.Fatalf("SEGUE_NIGHT_CONTENDER is %q, want segue, python or spark", name)
		}
		night := run()
		t.Logf("%+v", night)
		nights = append(nights, night)
		for _, n := range besideOurs(nights) {
			if err := addNight(file, n); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// besideOurs notes beside all nights of a run what Segue's took.
func besideOurs(nights []nightBeside) []nightBeside {
	if i := slices.IndexFunc(nights, func(n nightBeside) bool { return n.Program == programSegue }); i >= 0 {
		for k := range nights {
			nights[k].OursCPU, nights[k].OursPeak, nights[k].OursSame = nights[i].CPU, nights[i].Peak, nights[i].same().CPU
		}
	}
	return nights
}

// newNightArena generates a world of three weeks and imports it; nights are of the end of the second week.
func newNightArena(t *testing.T, playlists int, limit time.Duration) *nightArena {
	t.Helper()
	dir := t.TempDir()
	world := filepath.Join(dir, "world")
	a := &nightArena{t: t, playlists: playlists, lake: filepath.Join(dir, "lake"), heldOut: filepath.Join(dir, "heldout.csv"), limit: limit}
	generateWorld(t, world, playlists, 15, 21)
	importWorld(t, world, a.lake)
	err := os.RemoveAll(world)
	if err == nil {
		a.exam, err = newExam(a.landing(), nightDate)
	}
	if err == nil {
		err = os.WriteFile(a.heldOut, []byte(strings.Join(a.exam.heldOut, "\n")+"\n"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d cases, %d listeners who find something", len(a.exam.cases), len(a.exam.found))
	return a
}

func (a *nightArena) landing() string { return filepath.Join(a.lake, "landing") }

// segue runs a night of Segue.
func (a *nightArena) segue() nightBeside {
	a.t.Helper()
	got, err := runTree(a.t.Context(), exec.Command(os.Getenv("SEGUE_BINARY"), "nightly", "--lake", a.lake, "--date", nightDate,
		"--progress", "none"), a.limit)
	if err != nil {
		a.t.Fatal(err)
	}
	s, err := lake.Open(a.t.Context(), a.lake)
	if err != nil {
		a.t.Fatal(err)
	}
	stages, err := lake.ReadStages(a.t.Context(), s, lake.RunID(nightDate, 1))
	if err != nil {
		a.t.Fatal(err)
	}
	got.Parts = partsOf(got, stages)
	tables := filepath.Join(a.lake, lake.RunKey(lake.RunID(nightDate, 1), "tables"))
	return a.graded(programSegue, got, tables, "song_neighbours")
}

// stageParts says to which part of a night a stage belongs: those that others have as well.
var stageParts = map[string]string{
	"clean": "clean", "matrix": "embed", "embed": "embed", "neighbours": "neighbours",
	"listens": "aggregates", "moods": "aggregates", "preferences": "aggregates", "charts": "aggregates",
	"profiles": "lists", "recommend": "lists",
}

// partRest is what Segue's night does beyond the tables of the others: sessions, parity, evaluation, gate, publishing, a report.
const partRest = "rest"

// partsOf adds up stages.
func partsOf(whole spent, stages []lake.StageRecord) (out []part) {
	rest := part{partRest, whole.CPU, whole.Wall}
	for _, name := range []string{"clean", "embed", "neighbours", "aggregates", "lists"} {
		p := part{Name: name}
		for _, s := range stages {
			if stageParts[s.Stage] == name {
				p.CPU, p.Wall = p.CPU+s.CPUSeconds, p.Wall+s.Seconds
			}
		}
		rest.CPU, rest.Wall = rest.CPU-p.CPU, rest.Wall-p.Wall
		out = append(out, p)
	}
	return append(out, rest)
}

// python runs the night of Polars, scikit-learn, FAISS and implicit.
func (a *nightArena) python() nightBeside {
	a.t.Helper()
	return a.other(programPython, cmp.Or(os.Getenv("SEGUE_PYTHON"), "../../.venv-peers/bin/python"), "night_python.py", "neighbours", "cooccurrence")
}

// spark runs the night of Spark.
func (a *nightArena) spark() nightBeside {
	a.t.Helper()
	return a.other(programSpark, cmp.Or(os.Getenv("SEGUE_SPARK_PYTHON"), "../../.venv/bin/python"), "night_spark.py", "neighbours")
}

// other runs a program beside; neighbours are its tables of them.
func (a *nightArena) other(name, python, program string, neighbours ...string) nightBeside {
	a.t.Helper()
	out := a.t.TempDir()
	got, err := runTree(a.t.Context(), exec.Command(python, program, a.landing(), nightDate, a.heldOut, out), a.limit)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.graded(name, got, out, neighbours...)
}

// graded measures the tables that a program left in a folder.
func (a *nightArena) graded(name string, got spent, folder string, neighbours ...string) nightBeside {
	a.t.Helper()
	n := nightBeside{Playlists: a.playlists, Program: name, CPU: got.CPU, Wall: got.Wall, Peak: got.Peak, Parts: got.Parts, Ended: got.Ended, Told: got.Told}
	err := filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n.Written += info.Size()
		}
		return err
	})
	if err != nil {
		a.t.Fatal(err)
	}
	if !got.Ended {
		return n
	}
	for _, table := range neighbours {
		quality, err := a.exam.neighbours(filepath.Join(folder, table))
		if err != nil {
			a.t.Fatal(err)
		}
		a.t.Logf("%s: nDCG@100 of held-out playlists by %s is %.4f", name, table, quality)
		n.Neighbours = max(n.Neighbours, quality)
	}
	if n.Lists, err = a.exam.lists(filepath.Join(folder, "user_recommendations")); err != nil {
		a.t.Fatal(err)
	}
	return n
}
