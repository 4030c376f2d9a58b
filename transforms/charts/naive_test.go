package charts

import (
	"cmp"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/chart"
	"segue/transforms/algo/localtime"
	"segue/transforms/io/listenio"
)

// heard is one play as the oracle sees it.
type heard struct {
	user string
	age  int // days before the night
	song string
	cell listenio.Cell
}

// versionOf and genresOf are the test's catalogue: b is a version of a, unknown to nobody.
var (
	songIDs   = []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	versionOf = map[string]string{"b": "a", "j": "nobody"}
	genresOf  = map[string][]string{"a": {"rock", "pop", "rock"}, "b": {"folk"}, "c": {"pop"}, "d": {"rock"}, "e": {"", "unknown"}, "f": {"pop"}}
)

// randomPlays returns plays of 70 days before the night and one after it.
func randomPlays(seed uint64, listeners int) []heard {
	r := rand.New(rand.NewPCG(seed, 9))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	var plays []heard
	for l := range listeners {
		for range 5 + r.IntN(30) {
			h := heard{
				user: "u" + string(rune('a'+l/26)) + string(rune('a'+l%26)), age: r.IntN(71) - 1, song: songIDs[min(r.IntN(10), r.IntN(10))],
				cell: listenio.Cell{Region: pick("SE", "SE", "SE", "BR", ""), Weekpart: schemas.Weekday, Hour: int32(r.IntN(24)), Device: pick("phone", "speaker", "unknown", ""), Place: pick("", "home", "gym", "unknown")},
			}
			if r.IntN(4) == 0 {
				h.cell.Hour, h.cell.Weekpart = listenio.UnknownHour, ""
			}
			plays = append(plays, h)
		}
	}
	return plays
}

// score is what a song has in one list, counted with sets.
type score struct {
	song      string
	listeners int64
	weight    float64
	before    int64
}

// tally is the songs of one list, best first, with all its listeners.
type tally struct {
	scores      []score
	all, before int64
}

const halfLife = 3.0

// count counts one list from nothing but sets of (listener, day).
func count(plays []heard, window int, matches func(heard) bool) tally {
	type vote struct {
		user string
		age  int
	}
	votes, everybody := map[string]map[vote]bool{}, map[vote]bool{}
	for _, p := range plays {
		if !matches(p) || p.age < 0 || p.age >= 2*window {
			continue
		}
		main := cmp.Or(versionOf[p.song], p.song)
		if !slices.Contains(songIDs, main) {
			main = p.song
		}
		if votes[main] == nil {
			votes[main] = map[vote]bool{}
		}
		votes[main][vote{p.user, p.age}], everybody[vote{p.user, p.age}] = true, true
	}
	listeners := func(set map[vote]bool, from, to int) int64 {
		who := map[string]bool{}
		for v := range set {
			if v.age >= from && v.age < to {
				who[v.user] = true
			}
		}
		return int64(len(who))
	}
	out := tally{all: listeners(everybody, 0, window), before: listeners(everybody, window, 2*window)}
	for song, set := range votes {
		s := score{song: song, listeners: listeners(set, 0, window), before: listeners(set, window, 2*window)}
		const one = 1 << 20
		for v := range set {
			if v.age < window {
				s.weight += math.Round(one*math.Exp2(-float64(v.age)/halfLife)) / one
			}
		}
		if s.listeners > 0 {
			out.scores = append(out.scores, s)
		}
	}
	slices.SortFunc(out.scores, func(a, b score) int {
		return cmp.Or(cmp.Compare(b.listeners, a.listeners), cmp.Compare(b.weight, a.weight), cmp.Compare(a.song, b.song))
	})
	return out
}

// step is one list of a chain from the finest to the world.
type step struct {
	name  string
	world bool // the last one: everybody counts
	small bool // too few listeners for a list of its own
	tally
}

// row is a song of a finished list.
type row struct {
	score
	level string
	all   tally
}

// finish walks a chain: own songs cut to depth, then those of the coarser lists until there are most of them.
func finish(chain []step, depth int) []row {
	most := min(100, depth)
	var out []row
	if s := chain[0]; !s.small {
		for _, x := range s.scores {
			if (x.listeners > 1 || s.world) && len(out) < depth {
				out = append(out, row{x, s.name, s.tally})
			}
		}
	}
	if len(chain) == 1 {
		return out
	}
	for _, x := range finish(chain[1:], depth) {
		if len(out) < most && !slices.ContainsFunc(out, func(r row) bool { return r.song == x.song }) {
			out = append(out, x)
		}
	}
	return out
}

func regionIs(region string) func(heard) bool {
	return func(h heard) bool { return region == schemas.World || h.cell.Region == region }
}

func both(a, b func(heard) bool) func(heard) bool {
	return func(h heard) bool { return a(h) && b(h) }
}

// regionChain returns the lists behind one of a region, narrowed by what matches.
func regionChain(plays []heard, region string, window int, p Params, matches func(heard) bool) []step {
	var chain []step
	if region != schemas.World {
		all := count(plays, window, regionIs(region))
		chain = append(chain, step{region, false, all.all < p.MinListeners, count(plays, window, both(regionIs(region), matches))})
	}
	return append(chain, step{schemas.World, true, false, count(plays, window, matches)})
}

func anything(heard) bool { return true }

func naiveCharts(plays []heard, p Params) []schemas.Chart {
	var rows []schemas.Chart
	for _, region := range []string{"BR", "SE", schemas.World} {
		for _, window := range chart.Windows {
			for i, x := range finish(regionChain(plays, region, int(window), p, anything), p.Depth) {
				r := schemas.Chart{
					Region: region, WindowDays: window, Rank: int32(i + 1), SongID: x.song, Level: x.level,
					Listeners: x.listeners, DecayedPlays: x.weight, ListenersBefore: x.before,
					GrowthLow: chart.GrowthLow(chart.Rates{Now: x.listeners, Before: x.before, AllNow: x.all.all, AllBefore: x.all.before}),
				}
				if x.before > 0 {
					growth := float64(x.listeners)/float64(x.before) - 1
					r.Growth = &growth
				}
				r.Trending = r.GrowthLow != nil && *r.GrowthLow >= 0.2
				rows = append(rows, r)
			}
		}
	}
	return rows
}

func naiveGenres(plays []heard, p Params) []schemas.PopularByGenre {
	var rows []schemas.PopularByGenre
	for _, region := range []string{"BR", "SE", schemas.World} {
		for _, genre := range []string{"pop", "rock"} { // folk is of a version only
			chain := regionChain(plays, region, chart.Longest, p, func(h heard) bool {
				return slices.Contains(genresOf[cmp.Or(versionOf[h.song], h.song)], genre)
			})
			if !slices.ContainsFunc(chain[0].scores, func(s score) bool { return s.listeners > 1 || chain[0].world }) {
				continue // nobody heard of it there
			}
			for i, x := range finish(chain, p.Depth) {
				rows = append(rows, schemas.PopularByGenre{Region: region, Genre: genre, Rank: int32(i + 1), SongID: x.song, Level: x.level, Listeners: x.listeners, DecayedPlays: x.weight})
			}
		}
	}
	return rows
}

// naiveContexts returns the rows of popular_by_context in any order.
func naiveContexts(plays []heard, p Params, hours localtime.DayHours) []schemas.PopularByContext {
	values := map[string]map[string]bool{"day": {}, "device": {}, "place": {}}
	dayPart := func(h heard) string {
		if h.cell.Hour < 0 {
			return ""
		}
		return schemas.DayParts[hours.Part(int(h.cell.Hour))]
	}
	for _, h := range plays {
		values["day"][dayPart(h)], values["device"][h.cell.Device], values["place"][h.cell.Place] = true, true, true
	}
	names := func(of string) []string {
		delete(values[of], "")
		delete(values[of], schemas.Unknown)
		return append(slices.Sorted(maps.Keys(values[of])), schemas.All)
	}
	in := func(c cell) func(heard) bool {
		return func(h heard) bool {
			return regionIs(c.Region)(h) && (c.DayPart == schemas.All || dayPart(h) == c.DayPart) && (c.Device == schemas.All || h.cell.Device == c.Device) && (c.Place == schemas.All || h.cell.Place == c.Place)
		}
	}
	var rows []schemas.PopularByContext
	for _, region := range []string{"BR", "SE", schemas.World} {
		for _, day := range names("day") {
			for _, device := range names("device") {
				for _, place := range names("place") {
					c := cell{region, day, device, place}
					if place != schemas.All && c != (cell{region, schemas.All, schemas.All, place}) || device != schemas.All && day == schemas.All {
						continue // no such context
					}
					var chain []step
					for _, at := range chainOf(c) {
						t := count(plays, chart.Longest, in(at))
						world := at == cell{schemas.World, schemas.All, schemas.All, schemas.All}
						chain = append(chain, step{at.Region + "/" + at.DayPart + "/" + at.Device + "/" + at.Place, world, !world && t.all < p.MinListeners, t})
					}
					if (chain[0].small || chain[0].all == 0) && (day != schemas.All || device != schemas.All || place != schemas.All) {
						continue
					}
					for i, x := range finish(chain, p.Depth) {
						rows = append(rows, schemas.PopularByContext{Region: region, DayPart: day, Device: device, Place: place, Rank: int32(i + 1), SongID: x.song, Level: x.level, Listeners: x.listeners, DecayedPlays: x.weight})
					}
				}
			}
		}
	}
	return rows
}

// chainOf spells out which list goes on with which.
func chainOf(c cell) []cell {
	chain := []cell{c}
	if c.DayPart != schemas.All && c.Device != schemas.All {
		chain = append(chain, cell{c.Region, c.DayPart, schemas.All, schemas.All})
	}
	for _, region := range []string{c.Region, schemas.World} {
		if last := chain[len(chain)-1]; last != (cell{region, schemas.All, schemas.All, schemas.All}) {
			chain = append(chain, cell{region, schemas.All, schemas.All, schemas.All})
		}
	}
	return chain
}
