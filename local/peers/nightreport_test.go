package peers_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	besideHeading = "# A night beside other programs"
	besideMark    = "<!-- night " // begins a line of the section that holds a night as JSON, from which the tables are made
)

// nightNames are the programs in the order of their lines.
var nightNames = []struct{ program, name string }{
	{programSegue, "Segue"}, {programPython, "Polars, scikit-learn, FAISS, implicit"}, {programSpark, "Spark"},
}

// addNight puts a night in place of an earlier one of the same program and size, and writes the section again.
func addNight(file string, night nightBeside) error {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	nights := []nightBeside{night}
	for line := range strings.Lines(string(text)) {
		if data, ok := strings.CutPrefix(line, besideMark); ok {
			var n nightBeside
			if err := json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimSpace(data), "-->")), &n); err != nil {
				return fmt.Errorf("read a night of %s: %w", file, err)
			}
			if n.Program != night.Program || n.Playlists != night.Playlists {
				nights = append(nights, n)
			}
		}
	}
	place := func(n nightBeside) int {
		return slices.IndexFunc(nightNames, func(p struct{ program, name string }) bool { return p.program == n.Program })
	}
	slices.SortFunc(nights, func(a, b nightBeside) int {
		return cmp.Or(cmp.Compare(a.Playlists, b.Playlists), cmp.Compare(place(a), place(b)))
	})
	return writeSection(file, besideHeading, besideText(nights))
}

// besideText is the section.
func besideText(nights []nightBeside) string {
	var b strings.Builder
	b.WriteString("Written by `make bench-night SIZE=10k` and `SIZE=100k` (`CONTENDER=python` runs one program): " + `cold nights over the same landing zone, a generated world in
the shape of the Million Playlist Dataset with as many listeners as playlists and ten plays each in 14 days. Every program reads the same Parquet files and
writes vectors of all songs in playlists, 100 neighbours for each out of the songs in 5 or more, plays by country, hour, device and mood, charts by country and 100 songs for each listener. CPU-s are user
and system of a program and all its children, reading, writing and starting up included; peak memory is that of all its processes at once. All are measured by
one program: nDCG@100 of the hidden songs of 1 playlist in 50 that none was trained on, by the sum of the scores of neighbours (the better of the Python
programs' two tables), and nDCG@100 of what listeners play for the first time, and do not skip, in the week after, of all who do. Segue's night also makes its other tables, evaluates itself
and publishes; its second line has only the stages that lead to the tables of the others. Times are of each program over Segue's whole night
in the same run, and over those stages; lines of one size may be of different runs.
A wall time far above half of the CPU-s is that of a machine that did other work as well, which makes CPU-s higher too, by a tenth or two.

| playlists | program | CPU-s | times | over the same tables | wall s | peak MB | times | MB written | nDCG@100 of playlists | of lists |
|---|---|---|---|---|---|---|---|---|---|---|
`)
	for _, n := range nights {
		ours := nightBeside{}
		if i := slices.IndexFunc(nights, func(o nightBeside) bool { return o.Playlists == n.Playlists && o.Program == programSegue }); i >= 0 {
			ours = nights[i]
			ours.OursSame = ours.same().CPU
		}
		if n.OursCPU > 0 {
			ours = nightBeside{CPU: n.OursCPU, Peak: n.OursPeak, OursSame: n.OursSame}
		}
		b.WriteString(n.lines(ours))
	}
	b.WriteString("\nCPU-s by part:\n\n| playlists | program |" + strings.Join(nightParts, " | ") + " |\n|---|---|" + strings.Repeat("---|", len(nightParts)) + "\n")
	for _, n := range nights {
		fmt.Fprintf(&b, "| %d | %s |", n.Playlists, n.name())
		for _, name := range nightParts {
			b.WriteString(" " + n.part(name) + " |")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for _, n := range nights {
		data, _ := json.Marshal(n) // numbers and text
		fmt.Fprintf(&b, "%s%s -->\n", besideMark, data)
	}
	return b.String()
}

// nightParts are the parts of all programs.
var nightParts = []string{"clean", "embed", "neighbours", "co-occurrence", "aggregates", "lists", "write", partRest}

// part returns the CPU-s of a part, a dash where the program has none.
func (n nightBeside) part(name string) string {
	for _, p := range n.Parts {
		if p.Name == name {
			return fmt.Sprintf("%.1f", p.CPU)
		}
	}
	return "–"
}

func (n nightBeside) name() string {
	for _, p := range nightNames {
		if p.program == n.Program {
			return p.name
		}
	}
	return n.Program
}

// lines are those of the first table.
func (n nightBeside) lines(ours nightBeside) string {
	if !n.Ended {
		last := "nothing"
		if len(n.Parts) > 0 {
			last = n.Parts[len(n.Parts)-1].Name
		}
		return fmt.Sprintf("| %d | %s, not finished: %s done | > %.1f | > %s | > %s | > %.0f | %d | %s | – | – | – |\n", n.Playlists, n.name(), last,
			n.CPU, times(n.CPU, ours.CPU), times(n.CPU, ours.OursSame), n.Wall, n.Peak>>20, times(float64(n.Peak), float64(ours.Peak)))
	}
	out := fmt.Sprintf("| %d | %s | **%.1f** | %s | %s | %.1f | %d | %s | %.1f | %.4f | %.4f |\n", n.Playlists, n.name(), n.CPU, times(n.CPU, ours.CPU),
		times(n.CPU, ours.OursSame), n.Wall, n.Peak>>20, times(float64(n.Peak), float64(ours.Peak)), float64(n.Written)/1e6, n.Neighbours, n.Lists)
	if n.Program == programSegue {
		same := n.same()
		out += fmt.Sprintf("| %d | – stages of the same tables | %.1f | %s | 1.0 | %.1f | – | – | – | – | – |\n", n.Playlists, same.CPU, times(same.CPU, n.CPU), same.Wall)
	}
	return out
}

// same sums the stages of Segue's night that lead to the tables of the others.
func (n nightBeside) same() part {
	same := part{}
	for _, p := range n.Parts {
		if p.Name != partRest {
			same.CPU, same.Wall = same.CPU+p.CPU, same.Wall+p.Wall
		}
	}
	return same
}

// times returns a ratio; a dash where there is nothing to compare with.
func times(a, b float64) string {
	if b == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", a/b)
}

// A night replaces that of its program and size alone, and what others cost is over Segue's in the same run, the last one's where that is not told.
func TestAddNight(t *testing.T) {
	file := filepath.Join(t.TempDir(), "BENCHMARKS.md")
	segue := nightBeside{Playlists: 10, Program: programSegue, CPU: 9, Ended: true, Parts: []part{{"embed", 2, 1}, {partRest, 2, 1}}}
	again := segue
	again.CPU = 4
	for _, n := range []nightBeside{{Playlists: 10, Program: programSpark, CPU: 100, Parts: []part{{"clean", 1, 1}}}, segue, {Playlists: 20, Program: programPython, CPU: 8, Ended: true}, again, {Playlists: 10, Program: programPython, CPU: 8, OursCPU: 16, OursSame: 4, Ended: true}} {
		if err := addNight(file, n); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| 10 | Segue | **4.0** | 1.0 | 2.0 |", "| 10 | – stages of the same tables | 2.0 | 0.5 | 1.0 |", "| 10 | Spark, not finished: clean done | > 100.0 | > 25.0 | > 50.0 |",
		"| 20 | Polars, scikit-learn, FAISS, implicit | **8.0** | – | – |", "| 10 | Polars, scikit-learn, FAISS, implicit | **8.0** | 0.5 | 2.0 |", "| 10 | Segue | – | 2.0 | – |",
	} {
		if strings.Count(string(text), want) != 1 {
			t.Errorf("not once %q in\n%s", want, text)
		}
	}
}
