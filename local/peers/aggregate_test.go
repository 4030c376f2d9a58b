package peers_test

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// row is a play as all programs read it.
type row struct {
	Hour   int32  `parquet:"hour,plain"`
	Device string `parquet:"device,dict"`
	Mood   string `parquet:"mood,dict"`
	Ms     int64  `parquet:"ms,plain"`
}

// generate writes n plays of 6 devices and 24 moods, as Segue writes tables.
func generate(b *testing.B, path string, n int) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := parquet.NewGenericWriter[row](f, parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}), parquet.DataPageVersion(1), parquet.MaxRowsPerRowGroup(250_000))
	r := rand.New(rand.NewPCG(1, 1))
	rows := make([]row, 10_000)
	for left := n; left > 0; left -= len(rows) {
		rows = rows[:min(len(rows), left)]
		for i := range rows {
			rows[i] = row{int32(r.IntN(24)), fmt.Sprint("device", r.IntN(6)), fmt.Sprint("mood", r.IntN(24)), int64(r.IntN(300_000))}
		}
		if _, err := w.Write(rows); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
}

// figures are what is known of one group.
type figures struct{ plays, ms int64 }

// aggregate counts by hour, device and mood: one flat array over the dictionary ids of a row group, names only at its end.
func aggregate(path string) (map[row]figures, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	out := map[row]figures{}
	for _, group := range file.RowGroups() {
		if err := aggregateGroup(group, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func aggregateGroup(group parquet.RowGroup, out map[row]figures) error {
	columns := group.ColumnChunks()
	n := int(group.NumRows())
	hours, _, err := ids(columns[0], n)
	if err != nil {
		return err
	}
	devices, deviceNames, err := ids(columns[1], n)
	if err != nil {
		return err
	}
	moods, moodNames, err := ids(columns[2], n)
	if err != nil {
		return err
	}
	ms, err := longs(columns[3], n)
	if err != nil {
		return err
	}
	d, m := len(deviceNames), len(moodNames)
	flat := make([]figures, 24*d*m)
	for i, t := range ms {
		at := &flat[(int(hours[i])*d+int(devices[i]))*m+int(moods[i])]
		at.plays, at.ms = at.plays+1, at.ms+t
	}
	for i, x := range flat {
		if x.plays > 0 {
			k := row{Hour: int32(i / (d * m)), Device: deviceNames[i/m%d], Mood: moodNames[i%m]}
			out[k] = figures{out[k].plays + x.plays, out[k].ms + x.ms}
		}
	}
	return nil
}

// ids returns the values of a column of int32, or the ids of one with a dictionary beside its names.
func ids(c parquet.ColumnChunk, n int) ([]int32, []string, error) {
	out := make([]int32, 0, n)
	var names []string
	err := pages(c, func(p parquet.Page) {
		data := p.Data()
		out = append(out, data.Int32()...)
		if dict := p.Dictionary(); dict != nil && names == nil {
			for i := range dict.Len() {
				names = append(names, dict.Index(int32(i)).String())
			}
		}
	})
	return out, names, err
}

func longs(c parquet.ColumnChunk, n int) ([]int64, error) {
	out := make([]int64, 0, n)
	err := pages(c, func(p parquet.Page) {
		data := p.Data()
		out = append(out, data.Int64()...)
	})
	return out, err
}

func pages(c parquet.ColumnChunk, visit func(parquet.Page)) error {
	pages := c.Pages()
	defer pages.Close()
	for {
		p, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		visit(p)
		parquet.Release(p)
	}
}

func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// BenchmarkAggregate counts 10 million plays (SEGUE_PEER_ROWS) by hour, device and mood, here and with DuckDB and Polars
// where there is a Python that has them, fails where they disagree, and reports the least CPU seconds of each. With
// SEGUE_AGGREGATES_REPORT it measures the stages of statistics too and fills the section of that file.
func BenchmarkAggregate(b *testing.B) {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("SEGUE_PEER_ROWS"), "10000000"))
	if err != nil || n < 1 {
		b.Fatalf("SEGUE_PEER_ROWS is %q, want a number", os.Getenv("SEGUE_PEER_ROWS"))
	}
	path := filepath.Join(b.TempDir(), "plays.parquet")
	generate(b, path, n)
	best, want := 0.0, ""
	for b.Loop() {
		before := cpuSeconds()
		groups, err := aggregate(path)
		if err != nil {
			b.Fatal(err)
		}
		if used := cpuSeconds() - before; best == 0 || used < best {
			best = used
		}
		var all figures
		for _, g := range groups {
			all.plays, all.ms = all.plays+g.plays, all.ms+g.ms
		}
		want = fmt.Sprint(len(groups), " ", all.plays, " ", all.ms)
	}
	b.ReportMetric(best, "segue-cpu-s")
	others := peersAggregate(b, path, want)
	for name, used := range others {
		b.ReportMetric(used, name+"-cpu-s")
	}
	if file := os.Getenv("SEGUE_AGGREGATES_REPORT"); file != "" && len(others) > 0 {
		writeAggregates(b, file, best, others)
	}
}

// peersAggregate returns the CPU seconds of the other programs; none without them.
func peersAggregate(b *testing.B, path, want string) map[string]float64 {
	b.Helper()
	const repeats = 3
	python := cmp.Or(os.Getenv("SEGUE_PYTHON"), "../../.venv/bin/python")
	if exec.Command(python, "-c", "import duckdb, polars").Run() != nil {
		b.Log("no Python with duckdb and polars: run make bench-aggregates, or set SEGUE_PYTHON")
		return nil
	}
	out, err := exec.Command(python, "aggregate.py", path, strconv.Itoa(repeats)).Output()
	if err != nil {
		b.Fatal(err)
	}
	spent := map[string]float64{}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		f := strings.SplitN(line, " ", 3)
		used, err := strconv.ParseFloat(f[1], 64)
		if err != nil || f[2] != want {
			b.Errorf("%s counts %s, here it is %s", f[0], f[2], want)
		}
		spent[f[0]] = used
	}
	return spent
}

// statistic is one figure that the benchmark of the stages prints.
var statistic = regexp.MustCompile(`([\d.]+) ([\w-]*cpu-s|peak-MiB)`)

// aggregatesText is the section, less its figures.
const aggregatesText = `Written by ` + "`make bench-aggregates`" + `: CPU seconds, user and system, 10 million plays. First a plain count of plays and milliseconds by hour,
device and mood, the least of three runs of each program on the same file, reading included:

| Segue | DuckDB | Polars | goal |
|---|---|---|---|
| %.2f | %.2f | %.2f | not more than the less of both |

Then the stages of statistics whole, 28 days of 200,000 listeners, in one process. Preferences, charts and profiles are what the goal counts, 40 CPU-s
and 1.5 GB; listens, which all of them read, are made before, and the peak is of both:

| preferences | charts | profiles | these three | goal | listens | peak MiB |
|---|---|---|---|---|---|---|
| %.1f | %.1f | %.1f | **%.1f** | 40 | %.1f | %.0f |

Then what plays go through over 28 days of a million: all in an empty lake, and the last day after a night that had the others. Clean and listens read
the plays of that day and what they kept of the others; preferences, charts and profiles read the kept listens of all days:

| | clean | listens | preferences | charts | profiles |
|---|---|---|---|---|---|
| all days | %.1f | %.1f | %.1f | %.1f | %.1f |
| the last day | %.1f | %.1f | %.1f | %.1f | %.1f |`

// writeAggregates measures the stages of statistics and fills the section.
func writeAggregates(b *testing.B, file string, ours float64, others map[string]float64) {
	b.Helper()
	out, err := exec.Command("go", "test", "segue/pipelines/nightly", "-run", "^$", "-bench", "Statistics|Days", "-benchtime", "1x").CombinedOutput()
	if err != nil {
		b.Fatalf("measure the stages: %v\n%s", err, out)
	}
	figure := map[string]float64{}
	for _, f := range statistic.FindAllStringSubmatch(string(out), -1) {
		if figure[f[2]], err = strconv.ParseFloat(f[1], 64); err != nil {
			b.Fatal(err)
		}
	}
	figure["three-cpu-s"] = figure["preferences-cpu-s"] + figure["charts-cpu-s"] + figure["profiles-cpu-s"]
	args := []any{ours, others["duckdb"], others["polars"]}
	for _, name := range []string{"preferences", "charts", "profiles", "three", "listens"} {
		args = append(args, figure[name+"-cpu-s"])
	}
	args = append(args, figure["peak-MiB"])
	for _, night := range []string{"whole", "next"} {
		for _, name := range []string{"clean", "listens", "preferences", "charts", "profiles"} {
			args = append(args, figure[night+"-"+name+"-cpu-s"])
		}
	}
	if err := writeSection(file, "# Aggregates", fmt.Sprintf(aggregatesText, args...)); err != nil {
		b.Fatal(err)
	}
}
