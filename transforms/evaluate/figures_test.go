package evaluate

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"segue/local/world"
	"segue/schemas"
	"segue/transforms/algo/itemknn"
	"segue/transforms/algo/ranking"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// byHand is 12 songs by n falling: 8 of the vocabulary with n = 12 10 8 6 6 6 6 6 and four rare ones with n = 4 3 2 1.
func byHand() *vocabulary {
	var playlists [][]int32
	for p := range int32(12) {
		var row []int32
		for c, n := range []int32{12, 10, 8, 6, 6, 6, 6, 6, 4, 3, 2, 1} {
			if p < n {
				row = append(row, int32(c))
			}
		}
		playlists = append(playlists, row)
	}
	v := &vocabulary{matrix: itemknn.NewMatrix(playlists, 12), ids: []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}
	if err := v.index(); err != nil {
		panic(err)
	}
	return v
}

// The vocabulary has 60 entries: song 0 and 1 pass 20 of them, 0 to 4 pass 40 (12+10+8+6+6 = 42).
func TestPartsByHand(t *testing.T) {
	f := newFacts(byHand())
	if want := [caseParts]int32{2, 5, 8, 12}; f.cut != want {
		t.Errorf("parts end at %v, want %v", f.cut, want)
	}
	for c, want := range map[int32]int{0: 0, 1: 0, 2: 1, 4: 1, 5: 2, 7: 2, 8: 3, 11: 3} {
		if got := f.part(c); got != want {
			t.Errorf("song %d is in part %d, want %d", c, got, want)
		}
	}
}

// Seed 0 publishes 5 (.9), 9 (.8), 2 (.7) and seed 1 publishes 2 (.3); hidden are 2, 5, 6, 3, 4, of which the lists find 2 (1.0)
// and 5 (.9) with both seeds, but 5 before 2 with one; 9 and 11 are hidden and rare.
func TestJudgeByHand(t *testing.T) {
	v := byHand()
	f := newFacts(v)
	f.artist = []int32{0, 1, 2, 3, 4, 2, 6, 7, 8, 9, 10, 11}
	lists := map[int32][]neighbour{0: {{5, .9}, {9, .8}, {2, .7}}, 1: {{2, .3}}}
	add := func(seed int32, to *ranking.Sums) { storedLists(lists).Add(seed, to) }
	j := &judge{bench: newBench(itemknn.NewCache(v.matrix, itemknn.Scope{Columns: 12, Vocab: 8, Depth: 3, IDs: v.ids}), add), figures: figures{methods: methods}, facts: f}
	j.add(Case{Seeds: []int32{0, 1}, Hidden: []int32{2, 5, 6, 3, 4}, Cold: []int32{9, 11}})
	want := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	row := j.data
	for p, n := range []float64{0, 3, 2, 2} { // 2 3 4 are mid, 5 and 6 tail, 9 and 11 cold
		want("hidden of "+parts[p], row[atHidden+p], n)
	}
	// Ranking: 2 5 | 3 4 6 7 by id with score 0: the first five are all hidden.
	want("r-precision", row[j.hit(published, len(strata)-1, 1)], 1)
	want("mrr", row[j.hit(published, 0, 5)], 1)
	// The untruncated ranking is 2, then 3 to 7 alike by id: 2 3 4 5 6 are all hidden too. Popularity ranks the same.
	want("recall@10 of item-kNN", row[j.hit(untruncated, len(strata)-1, 2)], 1)
	want("mid found", row[j.found(published, 1)], 3)
	want("tail found", row[j.found(published, 2)], 2)
	want("cold found", row[j.found(published, coldPart)], 2) // 12 - 2 songs are fewer than 100: all are shown
	want("cold found by popularity", row[j.found(popularity, coldPart)], 0)
	// Shown: 2 5 3 4 6 7 with n = 8 6 6 6 6 6; the seeds have 12 and 10.
	want("lift", row[j.list(published, 1)], 38.0/6/11-1)
	want("novelty", row[j.list(published, 0)], -(math.Log2(8.0/12)+5*math.Log2(.5))/6)
	want("entropy", row[j.list(published, 2)], -(2.0/6)*math.Log2(2.0/6)-4*(1.0/6)*math.Log2(1.0/6))
	if !slices.Equal(j.tops[:7], []int32{2, 5, 3, 4, 6, 7, -1}) {
		t.Errorf("shown %v", j.tops[:7])
	}
}

// Pooled recall is hits over hidden songs; a part that no case has is left out, and so is a ratio to nothing.
func TestPooledByHand(t *testing.T) {
	m := measured{figures: figures{methods: methods}, shown: make([][]int64, len(methods))}
	for i, c := range []struct{ hidden, found, knn float64 }{{4, 1, 0}, {0, 0, 0}, {6, 4, 5}} {
		row := make([]float64, m.width())
		row[atSeeds], row[atHidden+2] = float64(20+5*i), c.hidden
		row[m.found(published, 2)], row[m.found(untruncated, 2)] = c.found, c.knn
		m.data = append(m.data, row...)
	}
	got := map[string]schemas.Evaluation{}
	for _, r := range m.rows(1, false) {
		got[r.Metric+" "+r.Stratum+" "+r.Method] = r
	}
	if r := got["recall@100 songs=tail published"]; r.Value != .5 || r.Cases != 2 {
		t.Errorf("recall of the tail: %+v", r)
	}
	if r := got["recall@100_ratio songs=tail published/item_knn"]; r.Value != 1 || r.Low == nil {
		t.Errorf("its ratio: %+v", r)
	}
	if _, ok := got["recall@100 songs=cold published"]; ok {
		t.Error("a part without hidden songs has a row")
	}
	if r := got["ndcg@100 seeds=25 published"]; r.Cases != 2 {
		t.Errorf("cases with 25 seeds: %+v", r)
	}
	if _, ok := got["ndcg@100_ratio all published/item_knn"]; ok {
		t.Error("a ratio to nDCG 0 has a row")
	}
}

// BenchmarkEvaluate measures 1,000 cases on the generated world of 100 thousand playlists and songs, intervals included: two
// sets of stored lists (tonight's and last night's), the baselines and every stratum.
func BenchmarkEvaluate(b *testing.B) {
	v, cases := generated(b, 100_000)
	scope := itemknn.Scope{Columns: len(v.ids), Vocab: v.size, Depth: 100, IDs: v.ids}
	lists := listsOf(v, scope, cases)
	methods := append(slices.Clone(methods), MethodLastNight)
	b.ReportAllocs()
	from := cpuSeconds()
	for b.Loop() {
		f := newFacts(v)
		f.artist = make([]int32, len(v.ids))
		rows := itemknn.NewCache(v.matrix, scope)
		keepRows(rows, cases)
		j := &judge{bench: newBench(rows, lists.Add, lists.Add), figures: figures{methods: methods}, facts: f}
		j.addAll(cases)
		m := measured{j.figures, make([][]int64, len(methods))}
		for i := range m.shown {
			m.shown[i] = make([]int64, v.size)
		}
		m.count(j.tops)
		m.rows(1, false)
	}
	b.ReportMetric((cpuSeconds()-from)/float64(b.N), "cpu-s/op")
	b.ReportMetric(float64(len(cases)), "cases")
}

// cpuSeconds returns the time all cores spent on this process.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// listsOf returns the stored baseline's lists of the cases' seeds, to stand for published ones.
func listsOf(v *vocabulary, scope itemknn.Scope, cases []Case) storedLists {
	knn, out := itemknn.NewScorer(v.matrix, scope), storedLists{}
	for _, c := range cases {
		for _, s := range c.Seeds {
			if out[s] == nil {
				for _, e := range knn.Stored(s) {
					out[s] = append(out[s], neighbour{e.Column, e.Score})
				}
			}
		}
	}
	return out
}

// generated returns the training matrix of a generated world and 1,000 cases of playlists kept away from it.
func generated(b *testing.B, playlists int) (*vocabulary, []Case) {
	b.Helper()
	p := world.Default()
	p.Songs, p.Playlists, p.Users, p.Days = playlists, playlists, 0, 1
	dir := b.TempDir()
	if err := world.Generate(b.Context(), dir, p); err != nil {
		b.Fatal(err)
	}
	s, err := lake.Open(b.Context(), dir)
	if err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "playlists.parquet"))
	if err != nil {
		b.Fatal(err)
	}
	rows, err := parquetio.ReadAll[schemas.Playlist](b.Context(), s, lake.FileRef{Key: "playlists.parquet", Size: info.Size()})
	if err != nil {
		b.Fatal(err)
	}
	return cut(rows, 1000)
}

// cut trains on the playlists after the first 50th part, and returns so many cases of that part.
func cut(rows []schemas.Playlist, most int) (*vocabulary, []Case) {
	held := len(rows) / 50
	n := map[string]int{}
	for _, p := range rows[held:] {
		for _, s := range p.Songs {
			n[s]++
		}
	}
	var names []string
	for s := range n {
		names = append(names, s)
	}
	slices.SortFunc(names, func(a, b string) int {
		if n[a] != n[b] {
			return n[b] - n[a]
		}
		if a < b {
			return -1
		}
		return 1
	})
	at := map[string]int32{}
	v := &vocabulary{}
	for c, s := range names {
		at[s] = int32(c)
		v.ids = append(v.ids, int32(c))
	}
	numbers := func(p schemas.Playlist) (out []int32) {
		for _, s := range p.Songs {
			if c, ok := at[s]; ok {
				out = append(out, c)
			}
		}
		return out
	}
	var train [][]int32
	for _, p := range rows[held:] {
		row := numbers(p)
		slices.Sort(row)
		train = append(train, row)
	}
	v.matrix = itemknn.NewMatrix(train, len(names))
	if err := v.index(); err != nil {
		panic(err)
	}
	var cases []Case
	for _, p := range rows[:held] {
		known, cold := v.columnsOf(numbers(p))
		if c, ok := NewCase(known); ok && len(cases) < most {
			c.Cold = cold
			cases = append(cases, c)
		}
	}
	return v, cases
}
