package charts

import (
	"slices"

	"segue/schemas"
	"segue/transforms/algo/chart"
	"segue/transforms/algo/worth"
)

// trendGrowth is the least GrowthLow of a song that is called trending.
const trendGrowth = 0.2

// rowMaker turns finished lists into rows.
type rowMaker struct {
	board  *board
	ids    []string
	before map[rankKey]int32 // nil = no last night
}

func decayed(weight int64) float64 { return float64(weight) / float64(worth.One) }

// charts returns the rows of table charts.
func (m rowMaker) charts(out *ranked) []schemas.Chart {
	var rows []schemas.Chart
	for _, l := range m.board.lists(ofChart) {
		if !m.board.supported(l) {
			out.BackedOff++
		}
		out.Lists++
		for i, p := range m.board.list(l) {
			row := schemas.Chart{
				Region: l.Region, WindowDays: l.Window, Rank: int32(i + 1), SongID: m.ids[p.Song], Level: p.level.Region,
				Listeners: p.Listeners, DecayedPlays: decayed(p.Weight), ListenersBefore: p.Before,
				Growth: chart.Growth(p.Listeners, p.Before), GrowthLow: chart.GrowthLow(m.board.rates(l, p)),
			}
			row.Trending = row.GrowthLow != nil && *row.GrowthLow >= trendGrowth
			if rank, ok := m.before[rankKey{l.Region, l.Window, row.SongID}]; ok {
				row.PreviousRank = &rank
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// byGenre returns the rows of table popular_by_genre.
func (m rowMaker) byGenre(out *ranked) []schemas.PopularByGenre {
	var rows []schemas.PopularByGenre
	for _, l := range m.board.lists(ofGenre) {
		out.Lists++
		for i, p := range m.board.list(l) {
			rows = append(rows, schemas.PopularByGenre{
				Region: l.Region, Genre: l.Genre, Rank: int32(i + 1), SongID: m.ids[p.Song], Level: p.level.Region,
				Listeners: p.Listeners, DecayedPlays: decayed(p.Weight),
			})
		}
	}
	return rows
}

// byContext returns the rows of table popular_by_context: supported contexts, and every region over all contexts.
func (m rowMaker) byContext(out *ranked) []schemas.PopularByContext {
	lists := m.board.lists(ofContext)
	for _, l := range m.board.lists(ofChart) {
		if l.Window == chart.Longest {
			lists = append(lists, l)
		}
	}
	slices.SortFunc(lists, func(a, b list) int { return compareCells(a.cell, b.cell) })
	var rows []schemas.PopularByContext
	for _, l := range lists {
		if l.Kind == ofContext && !m.board.supported(l) {
			out.SmallCells++
			continue
		}
		out.Lists++
		for i, p := range m.board.list(l) {
			rows = append(rows, schemas.PopularByContext{
				Region: l.Region, DayPart: l.DayPart, Device: l.Device, Place: l.Place, Rank: int32(i + 1), SongID: m.ids[p.Song],
				Level: p.level.String(), Listeners: p.Listeners, DecayedPlays: decayed(p.Weight),
			})
		}
	}
	return rows
}
