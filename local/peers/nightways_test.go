package peers_test

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"segue/local/s3"
	"segue/schemas"
	"segue/transforms/io/lake"
)

const (
	waysHeading = "# A night in other ways"
	dayAfter    = "2026-03-30"
)

// nightWays runs the night of one generated world again and again.
type nightWays struct {
	t         *testing.T
	playlists int
	world     string             // folder of its files
	plain     nightProcess       // the night everything is compared with
	records   []lake.StageRecord // of its stages
	tables    map[string]string  // content hash of its tables
	rows      []nightWay
	repeats   []stageRepeat
	touched   touched
}

// touched is what of the night after has inputs that changed, as shares.
type touched struct {
	songs     float64 // of the songs in playlists: those in a changed one
	sums      float64 // of what co-occurrence adds up: the rows of these songs
	listeners float64 // of the listeners: those who played on the new day
}

// nightWay is a night beside the plain one.
type nightWay struct {
	name  string
	ran   nightProcess
	other []string // tables that differ; nil where other ones are expected
	same  bool     // tables are expected to be those of the plain night
}

// stageRepeat is a kill in a stage, and which finished stages the next start did again.
type stageRepeat struct {
	stage  string
	killed bool
	again  []string
}

// TestNightWays fills the section of BENCHMARKS.md on nights in other ways: SEGUE_WAYS_PLAYLISTS is the size of the world, SEGUE_NIGHT_REPORT names the file.
func TestNightWays(t *testing.T) {
	text, file := os.Getenv("SEGUE_WAYS_PLAYLISTS"), os.Getenv("SEGUE_NIGHT_REPORT")
	if text == "" || file == "" {
		t.Skip("takes many minutes: make bench-ways")
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("SEGUE_WAYS_PLAYLISTS: %v", err)
	}
	w := &nightWays{t: t, playlists: n, world: filepath.Join(t.TempDir(), "world")}
	generateWorld(t, w.world, n, 10.7, 15) // a day more than the first night reads
	first := w.imported("plain")
	w.undisturbed(first)
	w.way("`--memory 12GiB`", nil, "--memory", "12GiB")
	w.way("`--memory 1GiB`, one core", []string{"GOMAXPROCS=1"}, "--memory", "1GiB")
	w.onS3()
	w.killedInEveryStage()
	w.nightAfter(first)
	for _, row := range w.rows {
		if row.same && len(row.other) > 0 {
			t.Errorf("%s: tables %v differ from those of the plain night", row.name, row.other)
		}
	}
	for _, r := range w.repeats {
		if len(r.again) > 0 {
			t.Errorf("killed in %s: %v were done again", r.stage, r.again)
		}
	}
	if err := writeSection(file, waysHeading, waysText(w)); err != nil {
		t.Fatal(err)
	}
}

// imported returns a new lake with the world in it.
func (w *nightWays) imported(name string) (folder string) {
	w.t.Helper()
	folder = filepath.Join(w.t.TempDir(), name)
	importWorld(w.t, w.world, folder)
	return folder
}

// undisturbed runs the night that the others are compared with.
func (w *nightWays) undisturbed(folder string) {
	w.t.Helper()
	w.plain = w.run(nil, stageKill{}, "--lake", folder, "--date", nightDate)
	w.tables = tableHashes(w.t, folder)
	w.records = nightStages(w.t, folder)
	w.rows = append(w.rows, nightWay{name: "in a directory, `--memory 6GiB`", ran: w.plain, same: true})
}

func (w *nightWays) run(env []string, kill stageKill, args ...string) nightProcess {
	w.t.Helper()
	p, err := runProcess(w.t.Context(), env, kill, args...)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// way runs the night in a lake of its own, with more flags or other variables.
func (w *nightWays) way(name string, env []string, args ...string) {
	w.t.Helper()
	folder := w.imported("way")
	ran := w.run(env, stageKill{}, append(args, "--lake", folder, "--date", nightDate)...)
	w.compare(name, ran, folder)
	w.remove(folder)
}

// onS3 runs the night against the server of this process.
func (w *nightWays) onS3() {
	w.t.Helper()
	srv, err := s3.Start(w.t.Context(), w.t.TempDir(), s3.Options{Buckets: []string{"segue"}})
	if err != nil {
		w.t.Fatal(err)
	}
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_S3": srv.Endpoint, "AWS_ACCESS_KEY_ID": srv.AccessKey, "AWS_SECRET_ACCESS_KEY": srv.SecretKey, "AWS_REGION": "us-east-1",
	} {
		w.t.Setenv(name, value)
	}
	slow, err := srv.Slow(late)
	if err != nil {
		w.t.Fatal(err)
	}
	w.inBucket("in the embedded S3", "s3://segue/lake", nil)
	w.inBucket(fmt.Sprintf("in the embedded S3, each answer %s late", late), "s3://segue/slow", []string{"AWS_ENDPOINT_URL_S3=" + slow})
}

// late is how late buckets of the same region answer, about.
const late = 30 * time.Millisecond

func (w *nightWays) inBucket(name, bucket string, env []string) {
	w.t.Helper()
	importWorld(w.t, w.world, bucket)
	ran := w.run(env, stageKill{}, "--lake", bucket, "--date", nightDate)
	w.compare(name, ran, bucket)
}

// killedInEveryStage kills one night within each stage in turn, each time continuing it.
func (w *nightWays) killedInEveryStage() {
	w.t.Helper()
	folder := w.imported("killed")
	var all nightProcess
	add := func(p nightProcess) {
		all.cpu, all.wall, all.peak = all.cpu+p.cpu, all.wall+p.wall, max(all.peak, p.peak)
	}
	for _, r := range w.records {
		done := nightStages(w.t, folder)
		p := w.run(nil, stageKill{r.Stage, time.Duration(r.Seconds / 3 * float64(time.Second))}, "--resume", "--until", r.Stage, "--lake", folder, "--date", nightDate)
		add(p)
		repeat := stageRepeat{stage: r.Stage, killed: p.killed}
		for _, stage := range p.stages() {
			if slices.ContainsFunc(done, func(d lake.StageRecord) bool { return d.Stage == stage }) {
				repeat.again = append(repeat.again, stage)
			}
		}
		w.repeats = append(w.repeats, repeat)
	}
	add(w.run(nil, stageKill{}, "--resume", "--lake", folder, "--date", nightDate))
	w.compare("killed in every stage, all starts together", all, folder)
	w.remove(folder)
}

// nightAfter runs the next date in the lake of the plain night: a day of plays more, and one playlist in a hundred without its last song.
func (w *nightWays) nightAfter(folder string) {
	w.t.Helper()
	ran := w.run(nil, stageKill{}, "--lake", w.nextInputs(folder), "--date", dayAfter)
	w.rows = append(w.rows, nightWay{name: "the night after: a day of plays more, 1 % of playlists changed", ran: ran})
}

// nextInputs imports the changed playlists, and notes what they touch.
func (w *nightWays) nextInputs(folder string) string {
	w.t.Helper()
	var rows []schemas.Playlist
	changed, sums := map[string]bool{}, map[string]int{} // by song: whether it is in a changed playlist, songs of all its playlists
	err := rowsOf(filepath.Join(w.world, "playlists.parquet"), func(p schemas.Playlist) {
		p.Songs = slices.Clone(p.Songs)
		h := fnv.New32a()
		h.Write([]byte(p.PlaylistID))
		changes := h.Sum32()%100 == 0 && len(p.Songs) > 1
		for _, song := range p.Songs {
			changed[song] = changed[song] || changes
			sums[song] += len(p.Songs)
		}
		if changes {
			p.Songs = p.Songs[:len(p.Songs)-1]
		}
		rows = append(rows, p)
	})
	all := 0
	for song, n := range sums {
		all += n
		if changed[song] {
			w.touched.songs, w.touched.sums = w.touched.songs+1, w.touched.sums+float64(n)
		}
	}
	w.touched.songs, w.touched.sums = w.touched.songs/float64(len(sums)), w.touched.sums/float64(all)
	file := filepath.Join(w.t.TempDir(), "playlists.parquet")
	if err == nil {
		err = parquet.WriteFile(file, rows)
	}
	if err == nil {
		err = w.listened()
	}
	if err != nil {
		w.t.Fatal(err)
	}
	command(w.t, os.Getenv("SEGUE_BINARY"), "import", "--from", "parquet", "--lake", folder, "--date", dayAfter, "--playlists", file)
	return folder
}

// listened notes how many of the listeners played on the new day.
func (w *nightWays) listened() error {
	heard := map[string]bool{}
	err := rowsOf(filepath.Join(w.world, "plays.parquet"), func(p schemas.Play) {
		heard[p.UserID] = heard[p.UserID] || p.StartedAt.UTC().Format(time.DateOnly) == dayAfter
	})
	for _, yes := range heard {
		if yes {
			w.touched.listeners += 1 / float64(len(heard))
		}
	}
	return err
}

// compare adds a night whose tables should be those of the plain one.
func (w *nightWays) compare(name string, ran nightProcess, folder string) {
	w.t.Helper()
	row := nightWay{name: name, ran: ran, same: true}
	got := tableHashes(w.t, folder)
	for table, hash := range w.tables {
		if got[table] != hash {
			row.other = append(row.other, table)
		}
	}
	slices.Sort(row.other)
	w.rows = append(w.rows, row)
}

func (w *nightWays) remove(folder string) {
	w.t.Helper()
	if err := os.RemoveAll(folder); err != nil {
		w.t.Fatal(err)
	}
}

// waysText is the section: a line a night, then what kills did and how well time was foretold.
func waysText(w *nightWays) string {
	var b strings.Builder
	fmt.Fprintf(&b, `Written by `+"`make bench-ways`"+` (`+"`PLAYLISTS=100000`"+` is its default): the night of one generated world of %d playlists, as many listeners and ten plays each in
14 days, one after the other in one run, each in a lake of its own but the last, which goes on in the lake of the first. Ratios are to the first. Same
tables: the content hashes of all %d tables of the release are those of the first night.

| night | CPU-s | ratio | wall s | ratio | peak MB | same tables |
|---|---|---|---|---|---|---|
`, w.playlists, len(w.tables))
	for _, r := range w.rows {
		same := "other inputs"
		if r.same {
			same = "yes"
		}
		if len(r.other) > 0 {
			same = "no: " + strings.Join(r.other, ", ")
		}
		fmt.Fprintf(&b, "| %s | %.1f | %.2f | %.1f | %.2f | %d | %s |\n", r.name, r.ran.cpu, r.ran.cpu/w.plain.cpu, r.ran.wall, r.ran.wall/w.plain.wall, r.ran.peak>>20, same)
	}
	b.WriteString("\nKilled with SIGKILL a third through a stage, by the time it took in the first night, then continued with `--resume`: ")
	var killed, missed, again []string
	for _, r := range w.repeats {
		if r.killed {
			killed = append(killed, r.stage)
		} else {
			missed = append(missed, r.stage)
		}
		again = append(again, r.again...)
	}
	fmt.Fprintf(&b, "%s; ended before the kill: %s; finished stages done again: %s.\n", listOf(killed), listOf(missed), listOf(again))
	fmt.Fprintf(&b, "\nOf the night after, %.0f %% of the songs are in a changed playlist, and their rows are %.0f %% of what co-occurrence adds up; every vector moves; %.0f %% of the\nlisteners played on the new day, and charts and preferences move for all.\n",
		100*w.touched.songs, 100*w.touched.sums, 100*w.touched.listeners)
	last := w.rows[len(w.rows)-1].ran
	median, most := last.foretold()
	fmt.Fprintf(&b, "\n%.2f of its time were expected at its start (`--plan` tells the same); from its first third to its last tenth the time told to be left\nwas wrong by %.0f %% (middle of all lines), at most %.0f %%.\n", last.planned(), 100*median, 100*most)
	return b.String()
}

// listOf joins names, or says that there are none.
func listOf(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
