package report

import (
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"segue/schemas"
	"segue/transforms/io/lake"
)

// elements returns how often each element of a page stands in it, and the attributes of all.
func elements(t *testing.T, page string) (map[string]int, []html.Attribute) {
	t.Helper()
	counts, attributes := map[string]int{}, []html.Attribute(nil)
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				t.Fatal(z.Err())
			}
			return counts, attributes
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			counts[tok.Data]++
			attributes = append(attributes, tok.Attr...)
		}
	}
}

// Texts of the lake are shown as text wherever they stand: no element, handler or address comes from them, and nothing is loaded.
func TestHostileTexts(t *testing.T) {
	w := newWorld(t)
	first := w.claim("2026-03-01", "")
	w.publish(first, w.tables(first))
	run := w.claim("2026-03-02", first)
	w.publish(run, w.tables(run))
	page := w.page(run, Options{Producer: hostile})
	counts, attributes := elements(t, page)
	for _, name := range []string{"script", "img", "iframe", "object", "embed", "foreignobject"} {
		if counts[name] > 0 {
			t.Errorf("%d elements %s", counts[name], name)
		}
	}
	if counts["style"] != 1 {
		t.Errorf("%d style elements, want 1", counts["style"])
	}
	for _, a := range attributes {
		outside := (a.Key == "href" || a.Key == "src") && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "data:")
		if strings.HasPrefix(a.Key, "on") || outside {
			t.Errorf("attribute %s=%q", a.Key, a.Val)
		}
	}
	if strings.Contains(page, "could not be made") {
		t.Errorf("a section failed:\n%s", regexp.MustCompile(`could not be made.*`).FindString(page))
	}
	if shown := strings.Count(page, "&lt;script&gt;alert("); shown < 30 {
		t.Errorf("hostile texts are shown %d times, want many", shown)
	}
	if regexp.MustCompile(`#0000[0-9a-fA-F]{2}`).MatchString(page) {
		t.Error("a figure kept a colour that stands for an ink")
	}
}

// A run without any table has every section, and each says what is missing; an unfinished one has its page too.
func TestAbsentTables(t *testing.T) {
	w := newWorld(t)
	run := w.claim("2026-03-01", "")
	unfinished := w.page(run, Options{})
	if !strings.Contains(unfinished, "unfinished") || !strings.Contains(unfinished, "No stage of this run has ended.") {
		t.Error("the page of an unfinished run does not say so")
	}
	w.publish(run, nil)
	page := w.page(run, Options{})
	for _, s := range sections {
		if !strings.Contains(page, `<section id="`+s.id+`">`) {
			t.Errorf("no section %s", s.id)
		}
	}
	for _, table := range []string{schemas.TableEvaluation, schemas.TableCharts, schemas.TablePersonas, schemas.TableCoverage, schemas.TableRejected, schemas.TableUserRecommendations, schemas.TableSongVectors, schemas.TablePreferencesByHour} {
		if !strings.Contains(page, "This run has no table "+table+".") {
			t.Errorf("nothing says that table %s is missing", table)
		}
	}
	if strings.Contains(page, "could not be made") {
		t.Error("a missing table is shown as damage")
	}
}

// Empty tables are told apart from missing ones, and damage of one table leaves the other sections whole.
func TestEmptyAndDamagedTables(t *testing.T) {
	w := newWorld(t)
	run := w.claim("2026-03-01", "")
	tables := w.tables(run)
	for i := range tables {
		if tables[i].Name == schemas.TablePersonas {
			key := lake.RunKey(run, "tables", "broken.parquet")
			if _, err := w.lake.Create(t.Context(), key, strings.NewReader("PAR1 no more"), 12); err != nil {
				t.Fatal(err)
			}
			tables[i].Files[0].Key = key
		}
		if tables[i].Name == schemas.TableRejected {
			tables[i] = lake.Table{Name: schemas.TableRejected}
		}
	}
	w.publish(run, tables)
	page := w.page(run, Options{})
	if n := strings.Count(page, "could not be made"); n != 1 {
		t.Errorf("%d sections failed, want the one of the damaged table", n)
	}
	if !strings.Contains(page, "broken.parquet") || !strings.Contains(page, "Every input record was used.") {
		t.Error("the page names neither the damaged file nor that nothing was rejected")
	}
}

// A page is made of the lake's contents only, and an anonymous one names no listener.
func TestSamePageWithoutListeners(t *testing.T) {
	w := newWorld(t)
	run := w.claim("2026-03-01", "")
	w.publish(run, w.tables(run))
	named := w.page(run, Options{})
	if again := w.page(run, Options{}); again != named {
		t.Error("two pages of one run differ")
	}
	if !strings.Contains(named, "anna-9f3") {
		t.Error("the page names no listener")
	}
	if strings.Contains(w.page(run, Options{Anonymous: true}), "anna-9f3") {
		t.Error("the page without ids names a listener")
	}
	if _, err := lake.ReadRun(t.Context(), w.lake, "2026-01-01.1"); err == nil {
		t.Fatal("a run that was never claimed can be read")
	}
	if err := Write(t.Context(), io.Discard, w.lake, "2026-01-01.1", Options{}); !errors.Is(err, lake.ErrNotExist) {
		t.Errorf("a run that was never claimed: %v", err)
	}
}

// Ticks lie within their axis, rise, differ, and are three to eight.
func TestTicks(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	for range 2000 {
		low := (r.Float64() - .5) * math.Pow(10, float64(r.IntN(9)-3))
		high := low + math.Pow(10, float64(r.IntN(9)-4)+r.Float64())
		ticks := fewTicks{}.Ticks(low, high)
		room := (high - low) * 1e-6
		for i, tick := range ticks {
			if tick.Value < low-room || tick.Value > high+room || (i > 0 && (tick.Value <= ticks[i-1].Value || tick.Label == ticks[i-1].Label)) {
				t.Fatalf("seed %d: ticks of %v to %v are %v", seed, low, high, ticks)
			}
		}
		if len(ticks) < 2 || len(ticks) > 10 {
			t.Fatalf("seed %d: %d ticks of %v to %v", seed, len(ticks), low, high)
		}
	}
}

// Lifts and their inverses are as far from the middle, and far ones take the last inks.
func TestHeatInks(t *testing.T) {
	middle := int(heatInk(1))
	for _, lift := range []float64{1.05, 1.2, 1.5, 1.9, 2, 7} {
		if up, down := int(heatInk(lift))-middle, middle-int(heatInk(1/lift)); up != down || up < 0 {
			t.Errorf("lift %v is %d steps up, its inverse %d down", lift, up, down)
		}
	}
	if heatInk(100) != inkHeat+heatInks-1 || heatInk(.01) != inkHeat {
		t.Error("far lifts do not take the last inks")
	}
}

// Numbers are written as people read them.
func TestNumbers(t *testing.T) {
	for got, want := range map[string]string{
		count(1234567): "1\u202f234\u202f567", count(-1000): "−1\u202f000", count(999): "999", decimals(-.5, 2): "−0.50",
		signed(.5, 1): "+0.5", share(.125): "12.5 %", size(512): "512 B", size(1536): "1.5 KiB", seconds(3661): "1h1m1s", decimals(math.NaN(), 1): "–",
		trimmed(.25): "0.25", trimmed(3): "3",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Nearest songs are of the same bundle, whatever the lengths of vectors; songs of a bundle end nearer than others.
func TestLayout(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	var vectors [][]float32
	var genres []string
	for i := range 90 {
		v := []float32{float32(r.NormFloat64() * .2), float32(r.NormFloat64() * .2), float32(r.NormFloat64() * .2)}
		v[i%3] += 2 // three bundles
		length := 1 + 5*r.Float32()
		for j := range v {
			v[j] *= length
		}
		vectors, genres = append(vectors, v), append(genres, string(rune('a'+i%3)))
	}
	near, err := nearest(t.Context(), vectors, 5)
	if err != nil {
		t.Fatal(err)
	}
	for i, others := range near {
		for _, j := range others {
			if i == j || i%3 != j%3 {
				t.Fatalf("seed %d: the nearest of %d are %v", seed, i, others)
			}
		}
	}
	x, y, err := project(vectors)
	if err != nil {
		t.Fatal(err)
	}
	layout(x, y, near)
	within, between, pairs, rest := 0.0, 0.0, 0, 0
	for i := range x {
		for j := range i {
			d := math.Hypot(x[i]-x[j], y[i]-y[j])
			if math.IsNaN(d) {
				t.Fatalf("seed %d: song %d has no place", seed, i)
			}
			if i%3 == j%3 {
				within, pairs = within+d, pairs+1
			} else {
				between, rest = between+d, rest+1
			}
		}
	}
	if within/float64(pairs) > .7*between/float64(rest) {
		t.Errorf("seed %d: songs of one bundle are %v apart, of two %v", seed, within/float64(pairs), between/float64(rest))
	}
	for g, a := range agreements(genres, near) {
		if a.near != 1 || math.Abs(a.chance-1.0/3) > 1e-9 {
			t.Errorf("seed %d: genre %s agrees %v, by chance %v", seed, g, a.near, a.chance)
		}
	}
}

// A listener counts once, though the ladder is counted of all, by country and by history; groups are shown apart.
func TestCoverageCountsListenersOnce(t *testing.T) {
	w := newWorld(t)
	run := w.claim("2026-01-05", "")
	rows := []schemas.Coverage{
		{Dimension: schemas.All, Group: schemas.All, Tier: schemas.TierPersonal, Users: 3, Share: .75, Rows: 30},
		{Dimension: schemas.All, Group: schemas.All, Tier: schemas.TierPersona, Users: 1, Share: .25, Rows: 10},
		{Dimension: schemas.ByCountry, Group: "SE", Tier: schemas.TierPersonal, Users: 3, Share: 1, Rows: 30},
		{Dimension: schemas.ByCountry, Tier: schemas.TierPersona, Users: 1, Share: 1, Rows: 10},
	}
	w.publish(run, []lake.Table{write(w, run, schemas.TableCoverage, rows...)})
	page := w.page(run, Options{})
	for _, want := range []string{"75.0 %</dd>", "of 4 listeners", "By country and length of history", `<span class="small">country</span>`} {
		if !strings.Contains(page, want) {
			t.Errorf("page lacks %q", want)
		}
	}
}

// A line that is zero every night lies on an axis of plain numbers.
func TestFlatLines(t *testing.T) {
	flat := lines{places: []float64{1, 2}, zero: true, series: []line{{values: []float64{0, 0}}}}
	if low, high := flat.reach(); low != 0 || high != 1 {
		t.Errorf("axis of zeros from %g to %g", low, high)
	}
	flat.zero, flat.series[0].values = false, []float64{2, 2}
	if low, high := flat.reach(); low != 1.9 || high != 2.1 {
		t.Errorf("axis of 2 from %g to %g", low, high)
	}
}
