package recommend

import (
	"cmp"
	"context"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// Class systems whose lift counts in a context: moods, and genres for songs without a mood.
const (
	kindMood  = "mood"
	kindGenre = "genre"
)

// cellKey is a context.
type cellKey struct{ region, dayPart, device string }

func (k cellKey) String() string { return k.region + "/" + k.dayPart + "/" + k.device }

// classNumbers numbers the classes of songs.
type classNumbers map[[2]string]int32

func (c classNumbers) number(kind, value string) int32 {
	n, ok := c[[2]string{kind, value}]
	if !ok {
		n = int32(len(c))
		c[[2]string{kind, value}] = n
	}
	return n
}

// of returns a song's moods, or its genres when it has none.
func (c classNumbers) of(row songRow) []int32 {
	kind, values := kindMood, row.Moods
	if len(values) == 0 {
		kind, values = kindGenre, row.Genres
	}
	var out []int32
	for _, v := range values {
		if n := c.number(kind, v); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// backOff returns the contexts of a listener, closest first; none without a day part.
func backOff(region, dayPart, device string) []cellKey {
	if dayPart == "" || dayPart == schemas.Unknown {
		return nil
	}
	var keys []cellKey
	for _, r := range []string{region, schemas.World} {
		for _, d := range []string{device, schemas.All} {
			if r != "" && d != "" && d != schemas.Unknown && !slices.Contains(keys, cellKey{r, dayPart, d}) {
				keys = append(keys, cellKey{r, dayPart, d})
			}
		}
	}
	return keys
}

// cell returns the closest context something is known of, nil without any.
func (m *model) cell(region, dayPart, device string) *scoring.Cell {
	for _, k := range backOff(region, dayPart, device) {
		if c := m.cells[k]; c != nil {
			return c
		}
	}
	return nil
}

// readCharts keeps the chart of the longest window of every region.
func (m *model) readCharts(ctx context.Context, s lake.Store, refs []lake.FileRef) error {
	window := map[string]int32{}
	rows := map[string][]charted{}
	for _, ref := range refs {
		for row, err := range parquetio.Read[schemas.Chart](ctx, s, ref) {
			if err != nil {
				return err
			}
			if row.Level != row.Region { // filled up from the world, which is a pool of its own
				continue
			}
			if row.WindowDays > window[row.Region] {
				window[row.Region], rows[row.Region] = row.WindowDays, nil
			}
			if song, ok := m.index(row.SongID); ok && row.WindowDays == window[row.Region] {
				rows[row.Region] = append(rows[row.Region], charted{row.Rank, song, row.Listeners})
			}
		}
	}
	for region, list := range rows {
		m.charts[region] = chartOf(list)
	}
	m.scoring.World = m.charts[schemas.World]
	return nil
}

// charted is one song of a chart.
type charted struct {
	rank      int32
	song      int32
	listeners int64
}

func chartOf(rows []charted) *scoring.Chart {
	slices.SortFunc(rows, func(a, b charted) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.song, b.song)) })
	songs, listeners := make([]int32, len(rows)), make([]int64, len(rows))
	for i, r := range rows {
		songs[i], listeners[i] = r.song, r.listeners
	}
	return scoring.NewChart(songs, listeners)
}

// readCells makes a cell of every context that has a chart or class plays.
func (m *model) readCells(ctx context.Context, s lake.Store, files map[string][]lake.FileRef, classes classNumbers) error {
	m.cells = map[cellKey]*scoring.Cell{}
	rows := map[cellKey][]charted{}
	for _, ref := range files[schemas.TablePopularByContext] {
		for row, err := range parquetio.Read[schemas.PopularByContext](ctx, s, ref) {
			if err != nil {
				return err
			}
			k := cellKey{row.Region, row.DayPart, row.Device}
			if row.Place != schemas.All || row.Level != k.String()+"/"+schemas.All {
				continue // of a place, or filled up from a coarser context
			}
			if song, ok := m.index(row.SongID); ok && row.DayPart != schemas.All {
				rows[k] = append(rows[k], charted{row.Rank, song, row.Listeners})
			}
		}
	}
	for k, list := range rows {
		m.cells[k] = &scoring.Cell{Name: k.String(), Chart: chartOf(list)}
	}
	plays, err := readPlays(ctx, s, files[schemas.TablePreferencesByHour], classes)
	if err != nil {
		return err
	}
	for k := range plays.total {
		if k.cellKey != (cellKey{}) && m.cells[k.cellKey] == nil {
			m.cells[k.cellKey] = &scoring.Cell{Name: k.cellKey.String()}
		}
	}
	for k, c := range m.cells {
		c.Lift = plays.lift(k)
	}
	return nil
}

// kindKey is a class system in a context; the context of all plays is the zero cellKey.
type kindKey struct {
	cellKey
	kind string
}

// classPlays counts plays by context and class.
type classPlays struct {
	total map[kindKey]int64
	plays map[kindKey]map[int32]int64
}

// readPlays sums preferences_by_hour by day part: weekday and weekend for a device, the rows over both for all devices.
func readPlays(ctx context.Context, s lake.Store, refs []lake.FileRef, classes classNumbers) (classPlays, error) {
	c := classPlays{map[kindKey]int64{}, map[kindKey]map[int32]int64{}}
	for _, ref := range refs {
		for row, err := range parquetio.Read[schemas.PreferenceByHour](ctx, s, ref) {
			if err != nil {
				return c, err
			}
			if (row.Kind != kindMood && row.Kind != kindGenre) || row.Value == schemas.Unknown {
				continue
			}
			k := kindKey{kind: row.Kind}
			switch {
			case row.Hour == nil && (row.Region != schemas.World || row.Weekpart != schemas.All || row.Device != schemas.All):
				continue
			case row.Hour != nil && (row.Weekpart == schemas.All) != (row.Device == schemas.All):
				continue
			case row.Hour != nil:
				k.cellKey = cellKey{row.Region, schemas.DayPart(int(*row.Hour)), row.Device}
			}
			if c.plays[k] == nil {
				c.plays[k] = map[int32]int64{}
			}
			c.total[k] += row.Plays
			c.plays[k][classes.number(row.Kind, row.Value)] += row.Plays
		}
	}
	return c, nil
}

// lift returns the lift of every class in a context.
func (c classPlays) lift(k cellKey) map[int32]float64 {
	out := map[int32]float64{}
	for _, kind := range []string{kindMood, kindGenre} {
		in, all := kindKey{k, kind}, kindKey{kind: kind}
		for class, plays := range c.plays[all] {
			if c.total[in] > 0 {
				out[class] = scoring.Lift(c.plays[in][class], c.total[in], plays, c.total[all])
			}
		}
	}
	return out
}
