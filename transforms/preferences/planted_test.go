package preferences

import (
	"math"
	"testing"

	"segue/local/world"
	"segue/schemas"
	"segue/transforms/algo/shrink"
	"segue/transforms/clean"
	"segue/transforms/io/lake"
	"segue/transforms/io/work/worktest"
	"segue/transforms/listens"
	"segue/transforms/moods"
)

// plantedTable runs a planted world from its landing files to the rows of the table.
func plantedTable(t *testing.T, w *world.Planted, p Params) map[key]schemas.PreferenceByHour {
	t.Helper()
	n := worktest.New(t, "2026-04-08")
	n.Landing[schemas.LandingSongs] = []lake.FileRef{write(t, n, "songs", w.Songs)}
	n.Landing[schemas.LandingUsers] = []lake.FileRef{write(t, n, "users", w.Users)}
	n.Landing[schemas.LandingPlays] = []lake.FileRef{write(t, n, "plays", w.Plays)}
	n.Landing[schemas.LandingPlaylists] = []lake.FileRef{write(t, n, "playlists", []schemas.Playlist{{PlaylistID: "p", Songs: []string{w.Songs[0].SongID}}})}
	n.MustStage(clean.Stage(clean.Default(), 50))
	n.MustStage(listens.Stage())
	n.MustStage(moods.Stage(moods.Default()))
	n.MustStage(Stage(p))
	out := map[key]schemas.PreferenceByHour{}
	for _, r := range read(t, n).hours {
		out[keyOf(r)] = r
	}
	return out
}

// planted calls visit for every finest cell and mood of the table with the share that was planted.
func planted(table map[key]schemas.PreferenceByHour, visit func(number int, r schemas.PreferenceByHour, truth float64)) {
	number := 0
	for region, name := range world.PlantedRegions {
		for _, part := range []string{schemas.Weekday, schemas.Weekend} {
			for hour := range 24 {
				for device, d := range world.PlantedDevices {
					for mood, m := range world.PlantedMoods {
						if r, ok := table[key{cell{name, part, int32(hour), d}, class{KindMood, m}}]; ok {
							visit(number, r, world.Share(region, part == schemas.Weekend, hour, device, mood))
						}
						number++
					}
				}
			}
		}
	}
}

// shown is what a planted table shows of its intervals.
type shown struct {
	cells, inside, backed                int
	shrunk, raw, width, alone, withCount float64
}

// of adds a table: one mood a cell is looked at, each in turn, so that a cell is one trial.
func (s *shown) of(t *testing.T, table map[key]schemas.PreferenceByHour) {
	planted(table, func(number int, r schemas.PreferenceByHour, truth float64) {
		if r.Share != nil {
			low, high := shrink.Interval(*r.Share, *r.EffectiveN)
			s.withCount, s.alone, s.width = s.withCount+1, s.alone+high-low, s.width+r.High-r.Low
			s.raw, s.shrunk = s.raw+(*r.Share-truth)*(*r.Share-truth), s.shrunk+(r.ShrunkShare-truth)*(r.ShrunkShare-truth)
		}
		if (number/5+number)%5 != 0 {
			return
		}
		if s.cells++; r.Low <= truth && truth <= r.High {
			s.inside++
		}
		if !r.Supported {
			s.backed++
			if r.Level == levelNames[levelRegionWeekpartHourDevice] {
				t.Errorf("a cell without support carries itself: %+v", r)
			}
		}
	})
}

// Planted shares lie inside the 90 % intervals of the finest cells, in five zones, two of which change their clocks, with
// listeners of very different activity and taste; shrunk shares are closer to them than observed ones.
//
// Bound: with n trials of chance 0.9 fewer than 0.9n − 3·√(0.09n) inside come about once in 700 tests. Cells of one seed
// share their parents and their errors, so that the rate of a seed varies by some two percent: seeds are pooled. Intervals
// that are merely wide would pass this: so no more than 95 % may lie inside, and the mean width must be below that of the
// same cells' observed shares alone.
func TestPlantedShares(t *testing.T) {
	for users, seeds := range map[int]int{600: 8, 3000: 4} {
		var all shown
		for seed := range seeds {
			before := all
			all.of(t, plantedTable(t, world.Plant(world.PlantParams{Seed: uint64(seed), Users: users, Days: 14}), Default()))
			t.Logf("%d listeners, seed %d: %d of %d inside", users, seed, all.inside-before.inside, all.cells-before.cells)
		}
		t.Logf("%d listeners: %.1f %% of %d inside (%d of them backed off); of %.0f with counts rmse %.4f, observed %.4f; width %.4f, alone %.4f", users,
			100*float64(all.inside)/float64(all.cells), all.cells, all.backed, all.withCount, math.Sqrt(all.shrunk/all.withCount), math.Sqrt(all.raw/all.withCount), all.width/all.withCount, all.alone/all.withCount)
		n := float64(all.cells)
		if least := 0.9*n - 3*math.Sqrt(0.09*n); n < 200 || float64(all.inside) < least || float64(all.inside) > 0.95*n {
			t.Errorf("%d of %d planted shares inside, want %.0f to %.0f", all.inside, all.cells, least, 0.95*n)
		}
		if all.shrunk >= all.raw || all.width >= all.alone {
			t.Errorf("%d listeners: shrinking did not help", users)
		}
	}
}

// A bot that plays one mood day and night moves no estimate out of its interval without the bot, and hardly any at all;
// without caps it would.
func TestBotMovesNothing(t *testing.T) {
	p := world.PlantParams{Seed: 4, Users: 3000, Days: 14}
	without := plantedTable(t, world.Plant(p), Default())
	p.Bot = true
	botWorld := world.Plant(p)
	capped := plantedTable(t, botWorld, Default())
	open := Default()
	open.DayCap, open.ListenerCap = 0, 0
	uncapped := plantedTable(t, botWorld, open)
	moved := func(table map[key]schemas.PreferenceByHour) (out int, most float64) {
		for k, before := range without {
			after, ok := table[k]
			if !ok || k.Kind != KindMood || !before.Supported {
				continue
			}
			if after.ShrunkShare < before.Low || after.ShrunkShare > before.High {
				out++
			}
			if k.Hour == allHours || k.Region == schemas.World {
				most = max(most, math.Abs(after.ShrunkShare-before.ShrunkShare))
			}
		}
		return out, most
	}
	out, most := moved(capped)
	outUncapped, mostUncapped := moved(uncapped)
	t.Logf("capped: %d estimates outside, coarse cells moved by at most %.4f; uncapped: %d, %.4f", out, most, outUncapped, mostUncapped)
	if out != 0 || most > 0.02 {
		t.Errorf("the bot moved %d estimates out of their intervals and coarse cells by up to %.4f", out, most)
	}
	if outUncapped == 0 {
		t.Error("the bot moves nothing even without caps: it shows nothing")
	}
}

// Counts of fewer than ten listeners are nowhere to be seen, and no published counts of a cell or a dimension leave
// exactly one of them out.
func TestSmallCellsAreWithheld(t *testing.T) {
	table := plantedTable(t, world.Plant(world.PlantParams{Seed: 5, Users: 800, Days: 14}), Default())
	withheld, cells := 0, map[cell][2]int{}
	for k, r := range table {
		nils := r.Plays == nil && r.Listeners == nil && r.WeightedPlays == nil && r.EffectiveN == nil && r.Skips == nil && r.Share == nil
		if nils {
			withheld++
		} else if r.Plays == nil || *r.Listeners < 10 {
			t.Errorf("%v: %+v", k, r)
		}
		if k.Kind == KindMood {
			c := cells[k.cell]
			if c[1]++; nils {
				c[0]++
			}
			cells[k.cell] = c
		}
	}
	for c, n := range cells {
		if n[0] == 1 && n[1] > 1 {
			t.Errorf("%v withholds one of %d moods alone", c, n[1])
		}
	}
	if withheld < 100 || withheld == len(table) {
		t.Errorf("%d of %d rows withheld", withheld, len(table))
	}
}
