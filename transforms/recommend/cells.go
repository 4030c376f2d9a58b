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
	lifts, err := readLifts(ctx, s, files[schemas.TablePreferencesByHour], classes)
	if err != nil {
		return err
	}
	for k, lift := range lifts {
		if m.cells[k] == nil {
			m.cells[k] = &scoring.Cell{Name: k.String()}
		}
		m.cells[k].Lift = lift.means()
	}
	return nil
}

// liftSums sums the lifts of each class in one context.
type liftSums map[int32]liftSum

// liftSum is Σ days·lift and Σ days.
type liftSum struct{ lift, days float64 }

// means returns the mean lift of each class.
func (l liftSums) means() map[int32]float64 {
	out := map[int32]float64{}
	for class, s := range l {
		out[class] = s.lift / s.days
	}
	return out
}

// daysOf is how many days of a week a row stands for.
var daysOf = map[string]float64{schemas.Weekday: 5, schemas.Weekend: 2, schemas.All: 7}

// readLifts averages the shrunk lifts of preferences_by_hour over the hours of each day part: weekday and weekend, by their
// days, for a device; the rows over both for all devices.
func readLifts(ctx context.Context, s lake.Store, refs []lake.FileRef, classes classNumbers) (map[cellKey]liftSums, error) {
	out := map[cellKey]liftSums{}
	for _, ref := range refs {
		for row, err := range parquetio.Read[liftRow](ctx, s, ref) {
			if err != nil {
				return nil, err
			}
			known := (row.Kind == kindMood || row.Kind == kindGenre) && row.Value != schemas.Unknown
			if !known || row.Hour == nil || (row.Weekpart == schemas.All) != (row.Device == schemas.All) {
				continue
			}
			k := cellKey{row.Region, schemas.DayPart(int(*row.Hour)), row.Device}
			if out[k] == nil {
				out[k] = liftSums{}
			}
			class, days := classes.number(row.Kind, row.Value), daysOf[row.Weekpart]
			sum := out[k][class]
			out[k][class] = liftSum{sum.lift + days*row.Lift, sum.days + days}
		}
	}
	return out, nil
}

// liftRow is what recommending needs of preferences_by_hour.
type liftRow struct {
	Region   string  `parquet:"region,dict"`
	Weekpart string  `parquet:"weekpart,dict"`
	Hour     *int32  `parquet:"hour,optional,plain"`
	Device   string  `parquet:"device,dict"`
	Kind     string  `parquet:"kind,dict"`
	Value    string  `parquet:"value,dict"`
	Lift     float64 `parquet:"lift,plain"`
}
