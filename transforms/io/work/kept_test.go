package work_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"segue/transforms/io/lake"
	"segue/transforms/io/work"
	"segue/transforms/io/work/worktest"
)

func init() {
	work.Register[keptFn, work.Collect[keptOut], keptItem, keptOut, []keptOut]()
}

// keptItem is a file with what does not decide the result beside it.
type keptItem struct {
	File lake.FileRef
	Note string
}

func (i keptItem) Identity() any { return i.File }

type keptOut struct {
	File lake.FileRef
	Text string
}

// keptFn writes one file an item and names another that it never writes.
type keptFn struct {
	Suffix string
	Model  lake.FileRef
	Fails  bool
}

var keptRan, keptVersion atomic.Int64

func (keptFn) Version() int { return int(keptVersion.Load()) }

func (f keptFn) Do(ctx context.Context, env *work.Env, i keptItem) ([]work.Keyed[keptOut], error) {
	keptRan.Add(1)
	env.File("never", "x", ".txt")
	text := i.File.SHA256 + f.Suffix + f.Model.SHA256
	key := env.File("made", "x", ".txt")
	in, err := env.Lake.Create(ctx, key, strings.NewReader(text), int64(len(text)))
	if err == nil && f.Fails {
		err = errPlanted
	}
	return []work.Keyed[keptOut]{{Key: i.File.SHA256, Value: keptOut{lake.FileRef{Key: key, ETag: in.ETag, Size: in.Size}, text}}}, err
}

// keptNight is one run after the other over a lake, each with two items.
type keptNight struct {
	*worktest.Night
	runs int
}

// phase runs the items as a new run and returns what came, how many items ran and the folders it used.
func (n *keptNight) phase(f keptFn, items ...keptItem) (got []string, ran int64, sc *work.Context, err error) {
	n.T.Helper()
	n.runs++
	runner, _ := work.NewRunner(n.Runner)
	set := work.Setting{Lake: n.Lake, Run: lake.RunID("2026-01-05", n.runs), Attempt: fmt.Sprint("a", n.runs), Date: n.Date, Runner: runner}
	sc, err = work.NewContext(n.T.Context(), set, work.Stage{Name: "test"}, nil, nil)
	if err != nil {
		n.T.Fatal(err)
	}
	before := keptRan.Load()
	out, err := work.Run(sc, "keep", items, f, work.Collect[keptOut]{})
	for _, o := range out {
		data, _, err := n.Lake.Get(n.T.Context(), o[0].File.Key)
		if err != nil || string(data) != o[0].Text {
			n.T.Errorf("kept file %s holds %q (%v), want %q", o[0].File.Key, data, err, o[0].Text)
		}
		got = append(got, o[0].Text)
	}
	return got, keptRan.Load() - before, sc, err
}

func item(sha, key string) keptItem {
	return keptItem{File: lake.FileRef{Key: key, ETag: "e" + key, SHA256: sha}, Note: key}
}

// A later run adopts what an earlier one kept, files included, wherever its input lies; anything that decides the result
// makes another item; the run names what it used.
func TestKeptItemsServeLaterRuns(t *testing.T) {
	for _, runner := range work.Runners {
		t.Run(runner, func(t *testing.T) {
			n := &keptNight{Night: worktest.New(t, "2026-01-05")}
			n.Runner = runner
			model := func(key string) keptFn { return keptFn{Model: lake.FileRef{Key: key, ETag: key, SHA256: "m"}} }
			first, ran, sc, err := n.phase(model("k1"), item("x", "1"), item("y", "2"))
			if err != nil || ran != 2 || !slices.Equal(first, []string{"xm", "ym"}) {
				t.Fatalf("first run: %v, %d ran, %v", first, ran, err)
			}
			if c := sc.Counters(); c["work/kept_made"] != 2 || c["work/kept_hits"] != 0 || len(sc.Kept()) != 2 {
				t.Errorf("counters %v, kept %v", c, sc.Kept())
			}
			used := sc.Kept()
			again, ran, sc, err := n.phase(model("k2"), item("x", "7"), item("z", "8"), item("y", "9"))
			if err != nil || ran != 1 || !slices.Equal(again, []string{"xm", "ym", "zm"}) {
				t.Errorf("second run: %v, %d ran, %v", again, ran, err)
			}
			if c := sc.Counters(); c["work/kept_made"] != 1 || c["work/kept_hits"] != 2 || sc.Kept()[0] != used[0] || sc.Kept()[2] != used[1] {
				t.Errorf("counters %v, kept %v after %v", c, sc.Kept(), used)
			}
			keptVersion.Add(1)
			if _, ran, _, _ = n.phase(model("k1"), item("x", "1")); ran != 1 {
				t.Error("another version adopted")
			}
			if _, ran, _, _ = n.phase(keptFn{Suffix: "s"}, item("x", "1")); ran != 1 {
				t.Error("another configuration adopted")
			}
		})
	}
}

// Files without a SHA256 count by key and ETag.
func TestLandingFilesCountByKey(t *testing.T) {
	n := &keptNight{Night: worktest.New(t, "2026-01-05")}
	landing := func(key, etag string) keptItem { return keptItem{File: lake.FileRef{Key: key, ETag: etag}} }
	for i, c := range []struct {
		item keptItem
		ran  int64
	}{{landing("a", "1"), 1}, {landing("a", "1"), 0}, {landing("a", "2"), 1}, {landing("b", "1"), 1}} {
		if _, ran, _, err := n.phase(keptFn{}, c.item); ran != c.ran || err != nil {
			t.Errorf("call %d: %d ran (%v), want %d", i, ran, err, c.ran)
		}
	}
}

// A kept item whose record or file is gone or damaged is made again and then adopted; a failed one leaves no record.
func TestDamagedKeptItemsAreMadeAgain(t *testing.T) {
	n := &keptNight{Night: worktest.New(t, "2026-01-05")}
	if _, _, _, err := n.phase(keptFn{Fails: true}, item("x", "1")); !errors.Is(err, errPlanted) {
		t.Fatalf("error %v", err)
	}
	made := func(name string, want int64) *work.Context {
		t.Helper()
		got, ran, sc, err := n.phase(keptFn{}, item("x", "1"))
		if err != nil || ran != want || !slices.Equal(got, []string{"x"}) {
			t.Fatalf("%s: %v, %d ran, %v; want %d", name, got, ran, err, want)
		}
		return sc
	}
	record := made("first", 1).Kept()[0] + "record.json"
	_, in, err := n.Lake.Get(t.Context(), record)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Lake.Swap(t.Context(), record, []byte("{"), in.ETag); err != nil {
		t.Fatal(err)
	}
	made("damaged record", 1)
	made("mended", 0)
	files, err := n.Lake.List(t.Context(), made("listed", 0).Kept()[0]+"made/")
	if err != nil || len(files) != 2 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, f := range files {
		if err := n.Lake.Delete(t.Context(), f.Key); err != nil {
			t.Fatal(err)
		}
	}
	made("deleted file", 1)
	made("mended again", 0)
	if err := n.Lake.Delete(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	made("deleted record", 1)
}
