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

// Keys of charts.
type (
	situation   struct{ region, dayPart, device string }
	genreRegion struct{ region, genre string }
	placeRegion struct{ region, place string }
)

// charts are all lists of most heard songs; rows that were filled up from a coarser list are left out of them.
type charts struct {
	region   map[string]*scoring.Chart // the longest window
	trending map[string][]int32
	genre    map[genreRegion]*scoring.Chart
	context  map[situation]*scoring.Chart
	place    map[placeRegion]*scoring.Chart
}

// charted is one song of a chart.
type charted struct {
	rank      int32
	song      int32
	listeners int64
}

// chartsOf makes the chart of every key.
func chartsOf[K comparable](rows map[K][]charted) map[K]*scoring.Chart {
	out := make(map[K]*scoring.Chart, len(rows))
	for key, list := range rows {
		slices.SortFunc(list, func(a, b charted) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.song, b.song)) })
		songs, listeners := make([]int32, len(list)), make([]int64, len(list))
		for i, r := range list {
			songs[i], listeners[i] = r.song, r.listeners
		}
		out[key] = scoring.NewChart(songs, listeners)
	}
	return out
}

func (m *model) readCharts(ctx context.Context, s lake.Store, files map[string][]lake.FileRef) error {
	if err := m.readRegions(ctx, s, files[schemas.TableCharts]); err != nil {
		return err
	}
	m.scoring.World = m.charts.region[schemas.World]
	if err := m.readGenres(ctx, s, files[schemas.TablePopularByGenre]); err != nil {
		return err
	}
	return m.readContexts(ctx, s, files[schemas.TablePopularByContext])
}

// readRegions keeps the chart of the longest window of every region, and what is on the rise in any window.
func (m *model) readRegions(ctx context.Context, s lake.Store, refs []lake.FileRef) error {
	window := map[string]int32{}
	rows, rising := map[string][]charted{}, map[string][]charted{}
	for _, ref := range refs {
		for row, err := range parquetio.Read[schemas.Chart](ctx, s, ref) {
			if err != nil {
				return err
			}
			song, ok := m.index(row.SongID)
			if !ok || row.Level != row.Region {
				continue
			}
			if row.Trending {
				rising[row.Region] = append(rising[row.Region], charted{row.Rank, song, row.Listeners})
			}
			if row.WindowDays > window[row.Region] {
				window[row.Region], rows[row.Region] = row.WindowDays, nil
			}
			if row.WindowDays == window[row.Region] {
				rows[row.Region] = append(rows[row.Region], charted{row.Rank, song, row.Listeners})
			}
		}
	}
	m.charts.region = chartsOf(rows)
	for _, c := range m.charts.region {
		c.Beside(m.scoring.LogCount)
	}
	m.charts.trending = map[string][]int32{}
	for region, c := range chartsOf(rising) {
		m.charts.trending[region] = c.Songs
	}
	return nil
}

func (m *model) readGenres(ctx context.Context, s lake.Store, refs []lake.FileRef) error {
	rows := map[genreRegion][]charted{}
	for _, ref := range refs {
		for row, err := range parquetio.Read[schemas.PopularByGenre](ctx, s, ref) {
			if err != nil {
				return err
			}
			if song, ok := m.index(row.SongID); ok && row.Level == row.Region {
				k := genreRegion{row.Region, row.Genre}
				rows[k] = append(rows[k], charted{row.Rank, song, row.Listeners})
			}
		}
	}
	m.charts.genre = chartsOf(rows)
	return nil
}

func (m *model) readContexts(ctx context.Context, s lake.Store, refs []lake.FileRef) error {
	rows, places := map[situation][]charted{}, map[placeRegion][]charted{}
	for _, ref := range refs {
		for row, err := range parquetio.Read[schemas.PopularByContext](ctx, s, ref) {
			if err != nil {
				return err
			}
			song, ok := m.index(row.SongID)
			if !ok || row.Level != row.Region+"/"+row.DayPart+"/"+row.Device+"/"+row.Place {
				continue
			}
			entry := charted{row.Rank, song, row.Listeners}
			switch {
			case row.Place != schemas.All:
				k := placeRegion{row.Region, row.Place}
				places[k] = append(places[k], entry)
			case row.DayPart != schemas.All:
				k := situation{row.Region, row.DayPart, row.Device}
				rows[k] = append(rows[k], entry)
			}
		}
	}
	m.charts.context, m.charts.place = chartsOf(rows), chartsOf(places)
	return nil
}
