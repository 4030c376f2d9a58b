package recommend_test

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"segue/local/world"
	"segue/transforms/algo/metrics"
	"segue/transforms/algo/scoring"
)

// besideALS is what both sides read: rows of songs, those of listeners first, and the songs each listener found in the week after.
type besideALS struct {
	rows, hidden [][]int32
	makes        []side // one a list length
}

// side is the cost and the quality of one program.
type side struct {
	CPU     float64 `json:"cpu"` // seconds, one thread
	Quality float64 `json:"quality"`
	Note    string  `json:"note"`
}

// Lists for listeners cost less than implicit's ALS takes to recommend 100 songs to the same listeners out of factors it has
// already, and hold no fewer of the songs they find in the week after. ALS is trained on listeners and playlists, outside of
// what is measured; as are Segue's vectors and neighbours. Both have one thread.
func TestBesideALS(t *testing.T) {
	python := os.Getenv("SEGUE_PYTHON")
	if python == "" {
		t.Skip("set SEGUE_PYTHON to a Python with implicit: make bench-lists")
	}
	p := world.Default()
	p.Seed, p.Users, p.Songs, p.Playlists = 31, 8_000, 100_000, 40_000
	h := newHeldOut(t, p, whole)
	b := listsOfAll(t, h)
	b.rows = append(b.rows, playlistRows(t, h, p)...)
	if b.makes[0].Quality == 0 {
		t.Fatal("no listener finds a listed song")
	}
	folder := t.TempDir()
	putRows(t, folder, "rows", b.rows)
	putRows(t, folder, "hidden", b.hidden)
	out, err := exec.Command(python, "../../local/peers/methods.py", "als", folder, "128", "15").Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var theirs side
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	users := float64(len(b.hidden))
	t.Logf("%d listeners, %d songs, %d playlists", len(b.hidden), len(h.replay.IDs), len(b.rows)-len(b.hidden))
	t.Logf("%-24s %6.0f CPU-µs a listener, nDCG@100 %.4f, %s", "implicit ALS", theirs.CPU/users*1e6, theirs.Quality, theirs.Note)
	for i, name := range []string{"general list", "with lists of contexts"} {
		ours := b.makes[i]
		t.Logf("%-24s %6.0f CPU-µs a listener, nDCG@100 %.4f: ratio %.1f (goal 3)", name, ours.CPU/users*1e6, ours.Quality, theirs.CPU/ours.CPU)
		if ours.Quality < theirs.Quality {
			t.Errorf("%s: nDCG@100 %.4f, ALS %.4f", name, ours.Quality, theirs.Quality)
		}
	}
}

// listsOfAll makes the published lists of every listener who finds something in the week after.
func listsOfAll(t *testing.T, h *heldOut) besideALS {
	t.Helper()
	out, scratch := besideALS{makes: make([]side, 2)}, h.replay.Made.NewScratch()
	err := h.replay.Each(t.Context(), func(user string, l *scoring.Listener) {
		hidden, _ := h.found(user, l)
		if len(hidden) == 0 {
			return
		}
		out.rows, out.hidden = append(out.rows, slices.Clone(l.Known)), append(out.hidden, hidden)
		general := *l
		general.Main = nil
		for i, person := range []*scoring.Listener{&general, l} {
			var list []int32
			out.makes[i].CPU += threadCPU(t, func() { list = songs(h.replay.Made.Make(person, scratch)[0]) })
			hits := metrics.Hits(list, hidden)
			out.makes[i].Quality += metrics.NDCG(hits, len(hidden), depth)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range out.makes {
		out.makes[i].Quality /= float64(len(out.hidden))
	}
	return out
}

// threadCPU returns the CPU seconds of f, which must run on the thread that calls it.
func threadCPU(t *testing.T, f func()) float64 {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const thread = 1 // RUSAGE_THREAD
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(thread, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	f()
	return (used() - before).Seconds()
}

// playlistRows returns the playlists of a world by the songs of a night.
func playlistRows(t *testing.T, h *heldOut, p world.Params) [][]int32 {
	t.Helper()
	dir := t.TempDir()
	if err := world.Generate(t.Context(), dir, weeks(p)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "playlists.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var out [][]int32
	for line := range bytesLines(text) {
		var list struct {
			Songs []string `json:"songs"`
		}
		if err := json.Unmarshal(line, &list); err != nil {
			t.Fatal(err)
		}
		var row []int32
		for _, id := range list.Songs {
			if i, ok := h.index[id]; ok {
				row = append(row, i)
			}
		}
		slices.Sort(row)
		out = append(out, slices.Compact(row))
	}
	return out
}

// putRows writes rows of numbers as NAME.start.i64 and NAME.items.i32.
func putRows(t *testing.T, folder, name string, rows [][]int32) {
	t.Helper()
	start, items := []byte{}, []byte{}
	for _, row := range rows {
		start = binary.LittleEndian.AppendUint64(start, uint64(len(items)/4))
		for _, v := range row {
			items = binary.LittleEndian.AppendUint32(items, uint32(v))
		}
	}
	start = binary.LittleEndian.AppendUint64(start, uint64(len(items)/4))
	for suffix, data := range map[string][]byte{"start.i64": start, "items.i32": items} {
		if err := os.WriteFile(filepath.Join(folder, name+"."+suffix), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
