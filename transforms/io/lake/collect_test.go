package lake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"segue/transforms/io/lake"
)

var days14 = lake.Retention{Daily: 2, Weekly: 2, Grace: lake.MinGrace}

// later is when everything a test wrote is older than the grace period.
func later() time.Time { return time.Now().Add(lake.MinGrace + time.Hour) }

// put writes an object and returns its key.
func put(ctx context.Context, s lake.Store, key, text string) error {
	_, err := s.Create(ctx, key, strings.NewReader(text), int64(len(text)))
	return err
}

// night publishes a run that leaves what a night leaves: claim, records, working data, an orphan, and a kept item it uses.
func night(ctx context.Context, s lake.Store, run, previous string, failed ...string) error {
	m, err := release(ctx, s, run, "a")
	if err != nil {
		return err
	}
	m.Previous, m.Failed = previous, failed
	if _, err := lake.CreateJSON(ctx, s, lake.RunKey(run, "run.json"), lake.RunInfo{Run: run, Date: m.Date, Attempt: m.Attempt, Previous: previous}); err != nil {
		return err
	}
	item := itemOf(run)
	named := lake.RunKey(run, "work", "clean", "named")
	for key, text := range map[string]string{
		named: "n", lake.RunKey(run, "work", "clean", "records", "item-1.json"): "r", lake.RunKey(run, "tables", "songs", "part-0-b.parquet"): "orphan",
		item + "part": "p", item + lake.KeptRecord: "{}",
	} {
		if err := put(ctx, s, key, text); err != nil {
			return err
		}
	}
	record := lake.StageRecord{Stage: "clean", Outputs: map[string][]lake.FileRef{"named": {{Key: named}}}, Kept: []string{item}}
	if err := lake.WriteStage(ctx, s, run, record); err != nil {
		return err
	}
	if err := lake.Publish(ctx, s, m); err != nil && !errors.Is(err, lake.ErrHeld) {
		return err
	}
	return nil
}

// nights fills a lake: nine published days, a candidate, an unfinished run, a kept item of nobody. It returns what a
// collection by days14 keeps and what it takes.
func nights(t *testing.T, s lake.Store) (kept, taken []string) {
	t.Helper()
	ctx := t.Context()
	for day := 10; day <= 18; day++ { // Tuesday to Wednesday; 15 is a Sunday
		run := lake.RunID(fmt.Sprintf("2026-11-%d", day), 1)
		if err := night(ctx, s, run, lake.RunID(fmt.Sprintf("2026-11-%d", day-1), 1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := night(ctx, s, "2026-11-18.2", "2026-11-11.1", "rows"); err != nil {
		t.Fatal(err)
	}
	for key, text := range map[string]string{
		"runs/2026-11-12.2/run.json": `{"run":"2026-11-12.2","date":"2026-11-12","attempt":2}`, "runs/2026-11-12.2/work/clean/x": "x",
		"kept/clean/parse/nobody/part": "p", "kept/clean/parse/nobody/" + lake.KeptRecord: "{}",
	} {
		if err := put(ctx, s, key, text); err != nil {
			t.Fatal(err)
		}
	}
	// 18 and 17 are the newest days, 15 the last of its week, and each of them reads the run of the day before.
	return []string{"2026-11-14.1", "2026-11-15.1", "2026-11-16.1", "2026-11-17.1", "2026-11-18.1"},
		[]string{"2026-11-10.1", "2026-11-11.1", "2026-11-12.1", "2026-11-12.2", "2026-11-13.1", "2026-11-18.2"}
}

func keys(t *testing.T, s lake.Store) []string {
	t.Helper()
	infos := must[[]lake.Info](t)(s.List(t.Context(), ""))
	out := make([]string, 0, len(infos))
	for _, in := range infos {
		if !strings.HasPrefix(in.Key, "gc/") {
			out = append(out, in.Key)
		}
	}
	return out
}

// itemOf names the kept item that a run of night uses.
func itemOf(run string) string {
	return "kept/clean/parse/" + strings.NewReplacer("-", "", ".", "").Replace(run) + "/"
}

// collected returns the keys that a collection of nights leaves.
func collected(before, taken []string) []string {
	gone := []string{"kept/clean/parse/nobody/"}
	var out []string
	for _, run := range taken {
		gone = append(gone, "runs/"+run+"/", itemOf(run))
		out = append(out, lake.ManifestKey(run)) // says that the run is gone
	}
	for _, key := range before {
		lost := slices.ContainsFunc(gone, func(folder string) bool { return strings.HasPrefix(key, folder) })
		if !lost && !strings.HasSuffix(key, "part-0-b.parquet") && !strings.Contains(key, "/records/") {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// A dry run tells and changes nothing; a collection takes exactly what no kept run names, says so in its receipt, and a
// second one finds nothing. What is young stays, whatever it is.
func TestCollect(t *testing.T) {
	eachLake(t, func(t *testing.T, s lake.Store) {
		kept, taken := nights(t, s)
		before := keys(t, s)
		young := must[lake.Receipt](t)(lake.Collect(t.Context(), s, days14, time.Now(), false))
		dry := must[lake.Receipt](t)(lake.Collect(t.Context(), s, days14, later(), true))
		if after := keys(t, s); young.Total.Files != 0 || !slices.Equal(before, after) {
			t.Fatalf("young or dry collection changed the lake: %+v\n%v\n%v", young.Total, before, after)
		}
		want := collected(before, taken)
		receipt := must[lake.Receipt](t)(lake.Collect(t.Context(), s, days14, later(), false))
		if got := keys(t, s); !slices.Equal(got, want) {
			t.Errorf("left\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if receipt.Total != dry.Total || receipt.Total.Files == 0 || receipt.FinishedAt == nil || !slices.Equal(receipt.Runs, dry.Runs) {
			t.Errorf("receipt %+v, dry run %+v", receipt, dry)
		}
		stored, _, err := lake.ReadJSON[lake.Receipt](t.Context(), s, "gc/"+receipt.ID+".json")
		if err != nil || stored.Total != receipt.Total {
			t.Errorf("stored receipt %+v, %v", stored, err)
		}
		for _, run := range kept {
			whole(t, s, run)
		}
		if again := must[lake.Receipt](t)(lake.Collect(t.Context(), s, days14, later(), false)); again.Total.Files != 0 {
			t.Errorf("a second collection finds %+v", again)
		}
		refused(t, s, taken)
	})
}

func whole(t *testing.T, s lake.Store, run string) {
	t.Helper()
	m, err := lake.ReadManifest(t.Context(), s, run)
	if err != nil {
		t.Errorf("kept run: %v", err)
		return
	}
	if problems, err := lake.Verify(t.Context(), s, m); err != nil || len(problems) > 0 {
		t.Errorf("kept run %s: %v %v", run, problems, err)
	}
}

// refused checks that nothing takes a collected run up again.
func refused(t *testing.T, s lake.Store, taken []string) {
	t.Helper()
	ctx := t.Context()
	for _, run := range taken {
		if err := lake.Rollback(ctx, s, run); !errors.Is(err, lake.ErrCollected) {
			t.Errorf("roll back to %s: %v", run, err)
		}
		if err := lake.CheckFree(ctx, s, run); !errors.Is(err, lake.ErrTaken) {
			t.Errorf("check %s: %v", run, err)
		}
		m, err := release(ctx, s, run, "late")
		if err != nil {
			t.Fatal(err)
		}
		if err := lake.Publish(ctx, s, m); !errors.Is(err, lake.ErrCollected) {
			t.Errorf("publish %s: %v", run, err)
		}
		if err := s.Delete(ctx, m.Tables[0].Files[0].Key); err != nil {
			t.Fatal(err)
		}
	}
	if run := must[string](t)(lake.ClaimRun(ctx, s, "2026-11-12", lake.RunInfo{})); run != "2026-11-12.3" {
		t.Errorf("claimed %s: the id of a collected run", run)
	}
}

// Settings that would endanger a night are refused; an object that cannot be read stops the collection with its key.
func TestCollectRefuses(t *testing.T) {
	eachLake(t, func(t *testing.T, s lake.Store) {
		nights(t, s)
		for _, r := range []lake.Retention{{Daily: -1, Grace: lake.MinGrace}, {Daily: 1, Grace: time.Hour}} {
			if _, err := lake.Collect(t.Context(), s, r, later(), false); err == nil {
				t.Errorf("collect by %+v: no error", r)
			}
		}
		key := lake.ManifestKey("2026-11-10.1")
		in := must[lake.Info](t)(s.Stat(t.Context(), key))
		must[lake.Info](t)(s.Swap(t.Context(), key, []byte(`{"run": "2026-1`), in.ETag))
		before := keys(t, s)
		_, err := lake.Collect(t.Context(), s, days14, later(), false)
		if !errors.Is(err, lake.ErrDamaged) || !strings.Contains(err.Error(), key) || !slices.Equal(before, keys(t, s)) {
			t.Errorf("collect over a damaged manifest: %v", err)
		}
	})
}

// killing kills this process, as kill -9 would, before or after its n-th write.
type killing struct {
	lake.Store
	left *atomic.Int64
}

func (k killing) step() {
	if k.left.Add(-1) == 0 {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

func (k killing) Create(ctx context.Context, key string, r io.Reader, size int64) (lake.Info, error) {
	k.step()
	defer k.step()
	return k.Store.Create(ctx, key, r, size)
}

func (k killing) Swap(ctx context.Context, key string, data []byte, etag string) (lake.Info, error) {
	k.step()
	defer k.step()
	return k.Store.Swap(ctx, key, data, etag)
}

func (k killing) Delete(ctx context.Context, key string) error {
	k.step()
	defer k.step()
	return k.Store.Delete(ctx, key)
}

// TestCollectChild is not a test: it is the process that TestKilledCollections kills.
func TestCollectChild(t *testing.T) {
	dir, n := os.Getenv("LAKE_TEST_COLLECT"), os.Getenv("LAKE_TEST_KILL_AT")
	if dir == "" {
		t.Skip("only as the child of TestKilledCollections")
	}
	at, err := strconv.ParseInt(n, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	left := new(atomic.Int64)
	left.Store(at)
	must[lake.Receipt](t)(lake.Collect(t.Context(), killing{must[lake.Store](t)(lake.Open(t.Context(), dir)), left}, days14, later(), false))
}

// Killed with signal 9 before and after writes (with SEGUE_CRASHES set, every single one), collections lose nothing that a kept run names, offer nothing
// half deleted, and the next one ends the work.
func TestKilledCollections(t *testing.T) {
	if testing.Short() {
		t.Skip("starts dozens of processes: not in -short")
	}
	template := t.TempDir()
	s := must[lake.Store](t)(lake.Open(t.Context(), template))
	kept, taken := nights(t, s)
	want := collected(keys(t, s), taken)
	kills, stride := 0, 5
	if os.Getenv("SEGUE_CRASHES") != "" {
		stride = 1
	}
	first := 1 + rand.IntN(stride)
	t.Logf("every %d. write from %d on", stride, first)
	for at := first; ; at += stride {
		dir := filepath.Join(t.TempDir(), "lake")
		if err := os.CopyFS(dir, os.DirFS(template)); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(os.Args[0], "-test.run", "^TestCollectChild$")
		cmd.Env = append(os.Environ(), "LAKE_TEST_COLLECT="+dir, fmt.Sprintf("LAKE_TEST_KILL_AT=%d", at))
		out, err := cmd.CombinedOutput()
		s := must[lake.Store](t)(lake.Open(t.Context(), dir))
		if err == nil {
			break
		}
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
			t.Fatalf("kill at %d: %v\n%s", at, err, out)
		}
		kills++
		offered(t, s, kept)
		must[lake.Receipt](t)(lake.Collect(t.Context(), s, days14, later(), false))
		if got := keys(t, s); !slices.Equal(got, want) {
			t.Fatalf("killed at write %d, then ended, left\n%s\nwant\n%s", at, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		os.RemoveAll(dir)
	}
	t.Logf("%d kills", kills)
	if kills < 20 {
		t.Errorf("only %d kills", kills)
	}
}

// offered checks that the kept runs are whole, and so is every other run that could still be promoted or rolled back to.
func offered(t *testing.T, s lake.Store, kept []string) {
	t.Helper()
	p := must[lake.Pointer](t)(lake.ReadPointer(t.Context(), s))
	for _, run := range kept {
		whole(t, s, run)
	}
	for _, run := range p.Releases {
		if !slices.Contains(p.Doomed, run) {
			whole(t, s, run)
		}
	}
}

// Nights, rollbacks, promotions and two collectors at once, all crashing at random: a reader that follows the pointer never
// misses a file.
func TestCollectWhileNightsRun(t *testing.T) {
	eachLake(t, func(t *testing.T, s lake.Store) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		c := crashing{s, new(sync.Mutex), rand.New(rand.NewPCG(seed, 1))}
		ctx, stop := context.WithCancel(t.Context())
		var others sync.WaitGroup
		publish(t, s, "2026-10-01.1")
		for range 2 {
			others.Go(func() { readFollowing(t, ctx, s) })
			others.Go(func() {
				for ctx.Err() == nil {
					lake.Collect(ctx, c, lake.Retention{Daily: 1, Grace: lake.MinGrace}, later(), false) // crashes are its business
				}
			})
		}
		others.Go(func() {
			for ctx.Err() == nil {
				if p, err := lake.ReadPointer(ctx, s); err == nil && len(p.Releases) > 1 {
					lake.Rollback(ctx, c, p.Releases[len(p.Releases)-2])
					lake.Promote(ctx, c, p.Run, lake.Override{})
				}
			}
		})
		for day := 1; day <= 20; day++ {
			m, err := release(ctx, s, lake.RunID(fmt.Sprintf("2026-11-%02d", day), 1), "a")
			for {
				if err == nil {
					err = lake.Publish(ctx, c, m)
				}
				if !errors.Is(err, errCrash) {
					break
				}
				err = nil
			}
			if err != nil && !errors.Is(err, lake.ErrCollected) && !errors.Is(err, lake.ErrTaken) {
				t.Errorf("publish %s: %v", m.Run, err) // with no age at all, a night may be collected before it is published
			}
		}
		stop()
		others.Wait()
	})
}

// readFollowing reads every file of the current release; one that is gone is an error unless the pointer has moved on.
func readFollowing(t *testing.T, ctx context.Context, s lake.Store) {
	for ctx.Err() == nil {
		p, err := lake.ReadPointer(t.Context(), s)
		if err != nil {
			t.Errorf("read: %v", err)
			return
		}
		m, err := lake.ReadManifest(t.Context(), s, p.Run)
		var problems []lake.Problem
		if err == nil {
			problems, err = lake.Verify(t.Context(), s, m)
		}
		if now := must[lake.Pointer](t)(lake.ReadPointer(t.Context(), s)); now.Run != p.Run && now.Previous != p.Run {
			continue // two moves later a reader without grace period has no claim
		}
		if err != nil || len(problems) > 0 {
			t.Errorf("run %s: %v, %v", p.Run, problems, err)
			return
		}
	}
}
