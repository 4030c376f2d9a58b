package recommend_test

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"

	"segue/local/world"
	"segue/transforms/algo/itemknn"
	"segue/transforms/algo/metrics"
	"segue/transforms/algo/scoring"
	"segue/transforms/algo/simd"
)

// bytesLines yields the lines of a text that are not empty.
func bytesLines(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for line := range bytes.Lines(text) {
			if line = bytes.TrimSuffix(line, []byte("\n")); len(line) > 0 && !yield(line) {
				return
			}
		}
	}
}

// Names of what is compared. All but the published lists are made by score alone, without caps, discounts of repetitions and
// exploration, as the baselines are.
const (
	full      = "full score"
	listed    = "as published, with caps"
	nearer    = "with 60 near vectors"
	inContext = "context lists"
	beside    = "general list, as long"
)

// variant is the score without one part.
type variant struct {
	name   string
	model  func(m *scoring.Model)
	person func(l *scoring.Listener)
}

func nobody(*scoring.Listener) {}
func same(*scoring.Model)      {}

// weighed returns the model's change to weights without one term, the others in proportion.
func weighed(change func(w scoring.Weights) scoring.Weights) func(m *scoring.Model) {
	return func(m *scoring.Model) {
		m.Settings.Personal, m.Settings.Persona = change(m.Settings.Personal), change(m.Settings.Persona)
	}
}

var variants = []variant{
	{full, same, nobody},
	{listed, same, nobody},
	{"without taste", weighed(func(w scoring.Weights) scoring.Weights { return w.Without(true, false) }), nobody},
	{"without context", same, func(l *scoring.Listener) { l.Mix, l.Main = nil, nil }},
	{"without popularity", weighed(func(w scoring.Weights) scoring.Weights {
		c := w.Context / (w.Context + w.Taste)
		return scoring.Weights{Taste: 1 - c, Context: c}
	}), nobody},
	{"without neighbours", func(m *scoring.Model) { m.Lists = scoring.Lists{} }, nobody},
	{"without cosine", func(m *scoring.Model) { m.Vectors = scoring.Vectors{} }, func(l *scoring.Listener) {
		if l.Vectors = nil; l.Persona != nil {
			l.Persona = &scoring.Persona{Songs: l.Persona.Songs, Scores: l.Persona.Scores}
		}
	}},
	{nearer, func(m *scoring.Model) { m.Settings.Vectors = 60 }, nobody},
	{"without persona", same, func(l *scoring.Listener) { l.Persona = nil }},
}

// uncapped leaves the order to the score.
func uncapped(m *scoring.Model) {
	s := &m.Settings
	s.ArtistCap, s.AlbumCap, s.ArtistStep, s.AlbumStep, s.Explore = depth, depth, 0, 0, 0
}

// Baselines, each over the whole catalogue without what the listener knows.
const (
	popular  = "popularity at home"
	itemKNN  = "item-kNN of listeners"
	capped   = "item-kNN, with caps"
	cosine   = "cosine only"
	depth    = 100
	perList  = 30
	allUsers = -1
)

// table holds nDCG@100 and recall@100 of one case after another, by method; contexts only of cases that have them.
type table map[string][2][]float64

func (t table) add(name string, ndcg, recall float64) {
	v := t[name]
	t[name] = [2][]float64{append(v[0], ndcg), append(v[1], recall)}
}

func (t table) measure(name string, list, hidden []int32) {
	h := metrics.Hits(list, hidden)
	t.add(name, metrics.NDCG(h, len(hidden), depth), metrics.Recall(h, len(hidden), depth))
}

// ablate measures all variants and baselines on a held-out week.
func ablate(t *testing.T, h *heldOut) table {
	t.Helper()
	out, models, scratches := table{}, make([]*scoring.Model, len(variants)), make([]*scoring.Scratch, len(variants))
	for i, v := range variants {
		m := *h.replay.Made
		if v.model(&m); v.name != listed {
			uncapped(&m)
		}
		models[i], scratches[i] = &m, m.NewScratch()
	}
	rank := h.baselines(t)
	err := h.replay.Each(t.Context(), func(user string, l *scoring.Listener) {
		hidden, byList := h.found(user, l)
		if len(hidden) == 0 {
			return
		}
		for i, v := range variants {
			only := *l
			v.person(&only)
			lists := models[i].Make(&only, scratches[i])
			out.measure(v.name, songs(lists[0]), hidden)
			if i == 0 {
				out.contexts(lists, byList)
			}
		}
		for name, scores := range rank(user, l) {
			out.measure(name, h.best(scores, l, anything), hidden)
			if name == itemKNN {
				out.measure(capped, h.best(scores, l, h.caps()), hidden)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// contexts measures the lists of contexts, and the general list cut to their length, on the plays in those contexts.
func (t table) contexts(lists []scoring.List, byList map[string][]int32) {
	var a, b, n float64
	general := songs(lists[0])
	for _, list := range lists[1:] {
		if hidden := byList[list.Name]; len(hidden) > 0 {
			a += metrics.NDCG(metrics.Hits(songs(list), hidden), len(hidden), perList)
			b += metrics.NDCG(metrics.Hits(general[:min(perList, len(general))], hidden), len(hidden), perList)
			n++
		}
	}
	if n > 0 {
		t.add(inContext, a/n, 0)
		t.add(beside, b/n, 0)
	}
}

func songs(l scoring.List) []int32 {
	out := make([]int32, len(l.Rows))
	for i := range out {
		out[i] = l.Rows[i].Song
	}
	return out
}

// baselines returns what scores every song for a listener by each baseline.
func (h *heldOut) baselines(t *testing.T) func(user string, l *scoring.Listener) map[string][]float64 {
	n := len(h.replay.IDs)
	var histories [][]int32
	homes, world := map[string][]float64{}, make([]float64, n)
	regions := map[string]string{}
	if err := h.replay.Each(t.Context(), func(user string, l *scoring.Listener) { regions[user] = l.Region }); err != nil {
		t.Fatal(err)
	}
	for user, met := range h.before {
		var list []int32
		home := homes[regions[user]]
		if home == nil {
			home = make([]float64, n)
			homes[regions[user]] = home
		}
		for s := range met {
			list = append(list, s)
			home[s]++
			world[s] += 1e-6
		}
		slices.Sort(list)
		histories = append(histories, list)
	}
	knn := itemknn.NewScorer(itemknn.NewMatrix(histories, n), itemknn.Scope{Columns: n, Vocab: n, Depth: depth})
	v := scoring.Vectors{Data: make([]float32, n*h.replay.Made.Vectors.Dim), Dim: h.replay.Made.Vectors.Dim}
	for s := range n {
		h.replay.Made.Direction(int32(s), v.Data[s*v.Dim:(s+1)*v.Dim])
	}
	return func(user string, l *scoring.Listener) map[string][]float64 {
		byCount, byKNN, byCosine := make([]float64, n), make([]float64, n), make([]float64, n)
		for s := range n {
			byCount[s] = world[s]
			if home := homes[l.Region]; home != nil {
				byCount[s] += home[s]
			}
			for own := l.Vectors; len(own) >= v.Dim && v.Dim > 0; own = own[v.Dim:] {
				byCosine[s] = max(byCosine[s], float64(simd.Dot(own[:v.Dim], v.Data[s*v.Dim:(s+1)*v.Dim])))
			}
		}
		knn.Begin()
		knn.Add(slices.Sorted(maps.Keys(h.before[user])))
		sums, scale := knn.Sums()
		for s := range n {
			byKNN[s] = sums[s] * scale[s]
		}
		return map[string][]float64{popular: byCount, itemKNN: byKNN, cosine: byCosine}
	}
}

// best returns the songs of highest scores that a listener does not know, and that a filter lets pass in turn, ties by song.
func (h *heldOut) best(scores []float64, l *scoring.Listener, pass func(song int32) bool) []int32 {
	var all, out []int32
	for s := range scores {
		if scores[s] > 0 && !h.known(l, int32(s)) {
			all = append(all, int32(s))
		}
	}
	slices.SortFunc(all, func(a, b int32) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
	for _, s := range all {
		if len(out) < depth && pass(s) {
			out = append(out, s)
		}
	}
	return out
}

func anything(int32) bool { return true }

// caps returns a filter that lets as many songs of an artist and of an album pass as lists hold, and one version of a recording.
func (h *heldOut) caps() func(song int32) bool {
	m, artists, albums, groups := h.replay.Made, map[int32]int{}, map[int32]int{}, map[int32]bool{}
	return func(song int32) bool {
		c := &m.Catalogue
		artist, album, group := c.Artist[song], c.Album[song], c.Group[song]
		if groups[group] || artist >= 0 && artists[artist] == m.Settings.ArtistCap || album >= 0 && albums[album] == m.Settings.AlbumCap {
			return false
		}
		artists[artist]++
		albums[album]++
		groups[group] = true
		return true
	}
}

// print shows a table with the ratio of the full score to each method, paired, with 95 % bounds; of what is published where caps
// are kept.
func (t table) print(out *testing.T, title string) {
	out.Logf("%s: %d listeners", title, len(t[full][0]))
	for _, name := range t.names() {
		v, base := t[name], t[full]
		switch name {
		case beside, inContext:
			base = t[inContext]
		case capped:
			base = t[listed]
		}
		r := ratio(base[0], v[0])
		line := fmt.Sprintf("  %-24s nDCG %.4f  recall %.4f  full/this %.3f [%.3f, %.3f]", name, mean(v[0]), mean(v[1]), r.Value, r.Low, r.High)
		if name != beside && name != inContext {
			q := ratio(base[1], v[1])
			line += fmt.Sprintf("  recall %.3f [%.3f, %.3f]", q.Value, q.Low, q.High)
		}
		out.Log(line)
	}
}

func (t table) names() []string {
	var names []string
	for _, v := range variants {
		names = append(names, v.name)
	}
	return append(names, popular, itemKNN, capped, cosine, inContext, beside)
}

// ratio returns the ratio of two means over the same listeners, with 95 % bounds by bootstrap.
func ratio(a, b []float64) metrics.Interval {
	return metrics.Bootstrap(len(a), []metrics.Series{{Num: a, Den: b}}, 1000, 1)[0]
}

func mean(v []float64) float64 { return metrics.Mean(v).Value }

// ablationWorld is a world of 700 listeners, or as many as SEGUE_ABLATION_USERS says. The seeds of the tests below served no
// choice of a setting.
func ablationWorld(seed uint64) world.Params {
	p := world.Default()
	p.Seed, p.Users, p.Songs, p.Playlists = seed, 700, 2400, 1500
	if n, err := strconv.Atoi(os.Getenv("SEGUE_ABLATION_USERS")); err == nil {
		p.Users, p.Songs, p.Playlists = n, 3*n, 2*n
	}
	return p
}

func whole(string) int { return allUsers }

// pool adds the cases of another table.
func (t table) pool(other table) {
	for name, v := range other {
		all := t[name]
		t[name] = [2][]float64{append(all[0], v[0]...), append(all[1], v[1]...)}
	}
}

// ablateAll pools the listeners of several worlds.
func ablateAll(t *testing.T, worlds ...world.Params) table {
	t.Helper()
	out := table{}
	for _, p := range worlds {
		out.pool(ablate(t, newHeldOut(t, p, whole)))
	}
	return out
}

// The full score finds more of what listeners discover in the week after than any baseline and than itself without taste,
// popularity, neighbours or cosines, by nDCG, and no fewer songs; as published, more than item-kNN under the same caps. Lists of
// a context foresee what is played in it better than the general list. Listeners share their hours here, so that the context
// of all hours tells nothing of the one or the other: it does no harm.
func TestAblation(t *testing.T) {
	if testing.Short() {
		t.Skip("runs two nights of three weeks")
	}
	got := ablateAll(t, ablationWorld(21), ablationWorld(22))
	got.print(t, "two generated worlds")
	for _, name := range []string{"without taste", "without popularity", "without neighbours", "without cosine", popular, itemKNN, cosine} {
		got.wantAbove(t, full, name)
		if r := ratio(got[full][1], got[name][1]); !(r.Low > 0.995) {
			t.Errorf("recall over that of %s is %.3f [%.3f, %.3f], want 1 or above", name, r.Value, r.Low, r.High)
		}
	}
	got.wantAbove(t, listed, capped)
	got.wantAbove(t, inContext, beside)
	for _, name := range []string{"without context", "without persona", nearer} {
		if r := ratio(got[full][0], got[name][0]); !(r.Low > 0.995) {
			t.Errorf("nDCG over that %s is %.3f [%.3f, %.3f], want 1", name, r.Value, r.Low, r.High)
		}
	}
}

// wantAbove wants the lower bound of the ratio of nDCG above 1.
func (t table) wantAbove(out *testing.T, a, b string) {
	out.Helper()
	if r := ratio(t[a][0], t[b][0]); !(r.Low > 1) {
		out.Errorf("nDCG of %s over %s is %.3f [%.3f, %.3f], want above 1", a, b, r.Value, r.Low, r.High)
	}
}

// Where listeners have hours and devices of their own, general lists are better with context than without, too.
func TestAblationOfOwnHours(t *testing.T) {
	if testing.Short() {
		t.Skip("runs two nights of three weeks")
	}
	a, b := ablationWorld(27), ablationWorld(28)
	a.OwnHours, b.OwnHours = true, true
	got := ablateAll(t, a, b)
	got.print(t, "two worlds of own hours")
	got.wantAbove(t, full, "without context")
	got.wantAbove(t, inContext, beside)
}

// Where context has no effect, neither the context lists nor the context term show one.
func TestAblationOfNullWorld(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a night of three weeks")
	}
	p := ablationWorld(23)
	p.NoContext = true
	got := ablateAll(t, p)
	got.print(t, "world without context")
	if r := ratio(got[inContext][0], got[beside][0]); !(r.Low < 1) {
		t.Errorf("context lists over the general list: %.3f [%.3f, %.3f], want 1 within", r.Value, r.Low, r.High)
	}
	if r := ratio(got[full][0], got["without context"][0]); !(r.Low > 0.98 && r.Low < 1 && r.High < 1.02) {
		t.Errorf("nDCG over that without context: %.3f [%.3f, %.3f], want 1", r.Value, r.Low, r.High)
	}
}
