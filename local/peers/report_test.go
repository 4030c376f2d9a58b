package peers_test

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/cpu"

	"segue/transforms/algo/simd"
)

// report is BENCHMARKS.md as it grows.
type report struct {
	body  strings.Builder
	notes []string
}

// begin heads the lines of a contest.
func (r *report) begin(c contest) {
	fmt.Fprintf(&r.body, "\n## %s: %s\n\n| job | other | CPU-s | other's | ratio | goal | wall s | other's | peak MB | other's | %s | other's |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n",
		strings.ToUpper(c.title[:1])+c.title[1:], c.size, c.unit)
}

// add writes one line.
func (r *report) add(d duel, ours, theirs cost) {
	ratio := theirs.CPU / ours.CPU
	goal := fmt.Sprintf("%g", d.goal)
	if ratio < d.goal {
		goal += ", missed"
	}
	fmt.Fprintf(&r.body, "| %s | %s | %.2f | %.2f | **%.1f** | %s | %.1f | %.1f | %d | %d | %.4f | %.4f |\n", d.what, d.named, ours.CPU, theirs.CPU, ratio, goal,
		ours.Wall, theirs.Wall, ours.Peak>>20, theirs.Peak>>20, ours.Quality, theirs.Quality)
	r.note(d.what+" here", ours.Note)
	r.note(d.named, theirs.Note)
}

func (r *report) note(who, text string) {
	line := "* " + who + ": " + text + "."
	if text != "" && !slices.Contains(r.notes, line) {
		r.notes = append(r.notes, line)
	}
}

// tileLine is what the kernels' own benchmark prints of a tile: its name, width, share of the peak and speed.
var tileLine = regexp.MustCompile(`BenchmarkTile/(\w+)/(\w+)/dim=(\d+)\S*\s+\d+\s+([\d.]+) %peak\s+([\d.]+) GFLOP/s`)

// tiles measures the float32 tile beside the peak of multiply-adds and the same product by OpenBLAS, on one thread.
func (r *report) tiles(t *testing.T, python string) {
	out, err := exec.Command("go", "test", "segue/transforms/algo/simd", "-run", "^$", "-bench", "^BenchmarkTile$/"+simd.Tier(), "-benchtime", "1000x").CombinedOutput()
	if err != nil {
		t.Fatalf("measure tiles: %v\n%s", err, out)
	}
	r.body.WriteString("\n## Products of a tile, one thread\n\n| kernel | width | GFLOP/s | of the peak, goal 90 % | OpenBLAS sgemm | ratio, goal 1.4 |\n|---|---|---|---|---|---|\n")
	blas := map[string]cost{}
	a := &arena{t: t, python: python, folder: ".", done: map[string]cost{}}
	for _, f := range tileLine.FindAllStringSubmatch(string(out), -1) {
		kind, width := f[2], f[3]
		if _, ok := blas[width]; !ok {
			blas[width] = a.run(false, "sgemm "+width, false)
			r.note("OpenBLAS", blas[width].Note)
		}
		speed, err := strconv.ParseFloat(f[5], 64)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&r.body, "| %s, %s | %s | %.0f | %s %% | %.0f | **%.2f** |\n", f[1], kind, width, speed, f[4], blas[width].Quality, speed/blas[width].Quality)
	}
}

// String returns the whole report.
func (r *report) String() string {
	return fmt.Sprintf(`# Benchmarks beside other programs

Written by %smake bench-peers%s: each line is one run of both sides on the same generated input, one after the other, each in
a process of its own, on one thread (skip-grams: two). Reading input and starting up are not counted; CPU-s are user and
system; peak memory is that of the process while the method ran, its input included. Ratios are of CPU-s: above 1, Segue
takes less.

Machine: %s.
%s
## What ran

%s
`, "`", "`", machine(), r.body.String(), strings.Join(r.notes, "\n"))
}

// machine names the processor by what the kernels use of it.
func machine() string {
	features := []string{runtime.GOARCH}
	for name, has := range map[string]bool{"AVX2": cpu.X86.HasAVX2, "FMA": cpu.X86.HasFMA, "AVX-512": cpu.X86.HasAVX512F, "VNNI": cpu.X86.HasAVX512VNNI, "AMX": cpu.X86.HasAMXTile} {
		if has {
			features = append(features, name)
		}
	}
	slices.Sort(features[1:])
	gib := math.NaN()
	if info, err := os.ReadFile("/proc/meminfo"); err == nil {
		if f := strings.Fields(string(info)); len(f) > 1 {
			if kib, err := strconv.ParseFloat(f[1], 64); err == nil {
				gib = math.Round(kib / (1 << 20))
			}
		}
	}
	return fmt.Sprintf("%d cores, %s, %g GiB, %s, kernels %s", runtime.NumCPU(), strings.Join(features, " "), gib, runtime.Version(), simd.Tier())
}
