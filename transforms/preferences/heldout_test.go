package preferences

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"segue/local/world"
	"segue/schemas"
	"segue/transforms/algo/metrics"
	"segue/transforms/algo/worth"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/work/worktest"
)

// heard is one play of the held-out trials: what somebody heard where and when.
type heard struct {
	listener string
	at       time.Time
	cell     cell
	class    string
}

// trained returns the rows of moods of what was heard, by the code of the stage.
func trained(t *testing.T, plays []heard, p Params) map[key]schemas.PreferenceByHour {
	t.Helper()
	b, class := newBuilder(), map[string]int32{}
	for _, x := range plays {
		class[x.class] = 0
	}
	for i, name := range slices.Sorted(maps.Keys(class)) {
		b.add(songTags{SongID: name}, []string{name})
		class[name] = int32(i)
	}
	plays = slices.SortedFunc(slices.Values(plays), func(x, y heard) int { return cmp.Or(cmp.Compare(x.listener, y.listener), x.at.Compare(y.at)) })
	book, songs, last := listenio.NewBook(), b.finish(), time.Time{}
	for _, x := range plays {
		book.Add(listenio.Event{
			UserID: x.listener, At: x.at, Song: class[x.class], Play: true, Weight: worth.One,
			Cell: listenio.Cell{Region: x.cell.Region, Weekpart: x.cell.Weekpart, Hour: x.cell.Hour, Device: x.cell.Device},
		})
		if x.at.After(last) {
			last = x.at
		}
	}
	n := worktest.New(t, "2026-01-05")
	ref, err := book.Write(t.Context(), n.Lake, "book", songs.ids)
	if err != nil {
		t.Fatal(err)
	}
	c := newCounter(p, listenio.DayOf(last), songs)
	if err := c.read(t.Context(), n.Lake, []lake.FileRef{ref}); err != nil {
		t.Fatal(err)
	}
	c.finish()
	m := newMerge(p, songs, 1)
	for _, r := range c.sums.Rows() {
		if k := r.Key.Member(); k >= songs.first[1] && k < songs.first[2] || k == int32(len(songs.names)+1) {
			m.add(c.index.Values()[r.Key.Cell()], min(k, songs.first[2]), r.Value)
		}
	}
	out := map[key]schemas.PreferenceByHour{}
	for _, r := range m.rows() {
		out[keyOf(r)] = r
	}
	return out
}

// floor is the least share that raw shares are given: without one their loss would be infinite.
const floor = 0.005

// losses returns the log-loss of each listener's held-out plays under the shrunk shares, the observed shares of the
// finest cell, and the overall mix.
func losses(rows map[key]schemas.PreferenceByHour, test []heard) (shrunk, raw, overall []float64) {
	classes := map[string]float64{}
	for k, r := range rows {
		if k.cell == root {
			classes[k.Value] = r.ShrunkShare
		}
	}
	loss := func(of func(class string) float64, class string) float64 {
		total := 0.0
		for c := range classes {
			total += of(c)
		}
		return -math.Log(of(class) / total)
	}
	sums := map[string][4]float64{}
	for _, x := range test {
		if _, known := classes[x.class]; !known {
			continue
		}
		s := sums[x.listener]
		s[0] += loss(func(c string) float64 { return estimate(rows, x.cell, c) }, x.class)
		s[1] += loss(func(c string) float64 { return observed(rows, x.cell, c) }, x.class)
		s[2] += loss(func(c string) float64 { return classes[c] }, x.class)
		s[3]++
		sums[x.listener] = s
	}
	for _, who := range slices.Sorted(maps.Keys(sums)) {
		s := sums[who]
		shrunk, raw, overall = append(shrunk, s[0]/s[3]), append(raw, s[1]/s[3]), append(overall, s[2]/s[3])
	}
	return shrunk, raw, overall
}

// estimate returns the shrunk share of a class, the next coarser one where a cell has no row of it.
func estimate(rows map[key]schemas.PreferenceByHour, c cell, value string) float64 {
	for {
		if r, ok := rows[key{c, class{KindMood, value}}]; ok {
			return r.ShrunkShare
		}
		parent, ok := c.parent()
		if !ok {
			return floor
		}
		c = parent
	}
}

// observed returns the observed share of a class in a cell.
func observed(rows map[key]schemas.PreferenceByHour, c cell, value string) float64 {
	if r, ok := rows[key{c, class{KindMood, value}}]; ok && r.Share != nil {
		return max(*r.Share, floor)
	}
	return floor
}

// better fails unless the shrunk shares lose less than both others, each by a difference whose 95 % interval over
// listeners excludes 0.
func better(t *testing.T, name string, p Params, train, test []heard) {
	t.Helper()
	shrunk, _, overall := losses(trained(t, train, p), test)
	p.MinListeners = 1 // raw shares with nothing withheld
	_, raw, _ := losses(trained(t, train, p), test)
	diff := func(than []float64) metrics.Interval {
		d := make([]float64, len(than))
		for i := range d {
			d[i] = than[i] - shrunk[i]
		}
		return metrics.Mean(d)
	}
	overRaw, overMix := diff(raw), diff(overall)
	t.Logf("%s: %d listeners, log-loss shrunk %.4f; raw shares lose %.4f more (%.4f–%.4f), the overall mix %.4f more (%.4f–%.4f)", name, len(shrunk),
		metrics.Mean(shrunk).Value, overRaw.Value, overRaw.Low, overRaw.High, overMix.Value, overMix.Low, overMix.High)
	if !(overRaw.Low > 0) || !(overMix.Low > 0) {
		t.Errorf("%s: shrinkage is not better than raw shares and the overall mix", name)
	}
}

// Held-out days of the planted world: shrunk shares predict moods better than observed ones and than the overall mix.
func TestHeldOutPlanted(t *testing.T) {
	w := world.Plant(world.PlantParams{Seed: 6, Users: 1500, Days: 14})
	mood, zone, region := map[string]string{}, map[string]*time.Location{}, map[string]string{}
	for _, s := range w.Songs {
		mood[s.SongID] = slices.Concat(s.Moods, []string{schemas.Unknown})[0]
	}
	for _, u := range w.Users {
		at := slices.Index(world.PlantedRegions, u.Country)
		loc, err := time.LoadLocation(world.PlantedZones[at])
		if err != nil {
			t.Fatal(err)
		}
		zone[u.UserID], region[u.UserID] = loc, u.Country
	}
	var train, test []heard
	for _, p := range w.Plays {
		x := heard{p.UserID, p.StartedAt, where(p.StartedAt.In(zone[p.UserID]), region[p.UserID], p.Device), mood[p.SongID]}
		if p.StartedAt.Before(world.PlantStart.AddDate(0, 0, 11)) {
			train = append(train, x)
		} else {
			test = append(test, x)
		}
	}
	better(t, "planted", Default(), train, test)
}

func where(local time.Time, region, device string) cell {
	part := schemas.Weekday
	if local.Weekday() == time.Saturday || local.Weekday() == time.Sunday {
		part = schemas.Weekend
	}
	return cell{region, part, int32(local.Hour()), device}
}

// polled stations were looked at about once a day: their hours say nothing.
var polled = []string{"WCSX", "WMGK", "WNCX", "WZLX", "KZOK"}

// Held-out days of real radio logs: station as region, decade of release as class, a station's day as listener, because
// its 20 stations are one listener each; local hours are those of New York for all, which moves hours but no two plays of
// a station apart. Trained on the first five days.
func TestHeldOutClassicRock(t *testing.T) {
	root := cmp.Or(os.Getenv("SEGUE_REAL_DATA"), "../../../shared/data")
	decade := map[string]string{}
	for _, l := range csvRows(t, filepath.Join(root, "classic_rock", "tracks.csv"), 13) {
		decade[l[0]] = schemas.Unknown
		if len(l[12]) >= 4 {
			decade[l[0]] = l[12][:3] + "0s"
		}
	}
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	var all []heard
	seen := map[string]bool{}
	first := time.Time{}
	for _, l := range csvRows(t, filepath.Join(root, "classic_rock", "events.csv"), 10) {
		at, err := strconv.ParseInt(l[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if id := fmt.Sprint(l[:3]); seen[id] || slices.Contains(polled, l[0]) {
			continue
		} else {
			seen[id] = true
		}
		local := time.Unix(at, 0).In(zone)
		if first.IsZero() || local.Before(first) {
			first = local
		}
		all = append(all, heard{l[0] + local.Format("-01-02"), time.Unix(at, 0).UTC(), where(local, l[0], "radio"), decade[l[1]]})
	}
	var train, test []heard
	for _, x := range all {
		if x.at.Before(first.AddDate(0, 0, 5)) {
			train = append(train, x)
		} else {
			test = append(test, x)
		}
	}
	p := Default()
	p.MinListeners = 2
	better(t, "classic_rock", p, train, test)
}

func csvRows(t *testing.T, path string, fields int) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("no real data at %s: name its folder in SEGUE_REAL_DATA", path)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = fields
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}
