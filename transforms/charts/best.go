package charts

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/cells"
	"segue/transforms/algo/chart"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// Kinds of lists, in the order of bestFiles.
const (
	ofChart int32 = iota
	ofGenre
	ofContext
)

// list names one list of songs.
type list struct {
	Kind   int32
	Window int32 // days
	cell
	Genre string // of lists of ofGenre
}

func compareLists(a, b list) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), compareCells(a.cell, b.cell), cmp.Compare(a.Window, b.Window), cmp.Compare(a.Genre, b.Genre))
}

// entry is a song in a list.
type entry struct {
	Song      int32 // wholeCell = all listeners of the cell
	Listeners int64
	Before    int64 // listeners in the window before; 0 in contexts
	Weight    int64 // decayed votes, fixed point
}

// compareEntries orders the songs of one list: listeners falling, weight falling, song ascending.
func compareEntries(a, b entry) int {
	switch {
	case a.Listeners != b.Listeners:
		return cmp.Compare(b.Listeners, a.Listeners)
	case a.Weight != b.Weight:
		return cmp.Compare(b.Weight, a.Weight)
	}
	return cmp.Compare(a.Song, b.Song)
}

// entryWidth is the int64 of an entry.
const entryWidth = 4

func (e entry) append(to []int64) []int64 {
	return append(to, int64(e.Song), e.Listeners, e.Before, e.Weight)
}

func entryOf(v []int64) entry { return entry{int32(v[0]), v[1], v[2], v[3]} }

// bestFiles are the best of one partition: lists in order, then the cells themselves as lists of one entry.
type bestFiles struct {
	Lists   lake.FileRef
	Entries lake.FileRef // .npy int64 [n × entryWidth], list after list, by rank
}

// listRow is a list in a file, and how many entries it has.
type listRow struct {
	Kind    int32  `parquet:"kind,plain"`
	Window  int32  `parquet:"window,plain"`
	Cell    cell   `parquet:"cell"`
	Genre   string `parquet:"genre,dict"`
	Entries int32  `parquet:"entries,plain"`
}

// part is what one partition of songs leaves.
type part struct {
	Best  bestFiles
	Fates fates
}

// bestFn sums the segments of one partition and keeps the Depth best songs of every list.
type bestFn struct {
	Depth int
	Songs []lake.FileRef
}

// Merge returns the best songs of the partition, and the cells themselves with partition 0.
func (f bestFn) Merge(ctx context.Context, env *work.Env, partition string, partials []partial) (part, error) {
	var out part
	songs, err := readSongs(ctx, env.Lake, f.Songs)
	if err != nil {
		return out, err
	}
	var m merge
	defer m.arrays.Close()
	for _, p := range partials {
		if err := m.open(ctx, env.Scratch, p.Segment); err != nil {
			return out, err
		}
		out.Fates = out.Fates.Plus(p.Fates)
	}
	out.Best, err = m.best(f.Depth, songs).write(ctx, env, partition)
	return out, err
}

// lists are lists and their entries as bestFiles hold them.
type lists struct {
	names   []listRow
	entries []int64
}

func (x *lists) add(l list, entries ...entry) {
	x.names = append(x.names, listRow{l.Kind, l.Window, l.cell, l.Genre, int32(len(entries))})
	for _, e := range entries {
		x.entries = e.append(x.entries)
	}
}

func (x *lists) write(ctx context.Context, env *work.Env, partition string) (out bestFiles, err error) {
	meta := parquetio.Meta{RunID: env.Run, Table: "charts_best", SchemaVersion: 2}
	if out.Lists, err = parquetio.WriteAll(ctx, env.Scratch, env.File("lists", partition, ".parquet"), meta, x.names); err != nil {
		return out, err
	}
	out.Entries, err = npy.Write(ctx, env.Scratch, env.File("best", partition, ".npy"), x.entries, len(x.entries)/entryWidth, entryWidth)
	return out, err
}

// minVoters is how many listeners a song needs in a list below the world over all contexts: one fan makes no chart.
const minVoters = 2

// picker keeps the best songs of many lists, by number of the cell; nil = no song yet.
type picker struct {
	depth    int
	root     int32 // number of the world
	charts   [len(chart.Windows)][]*chart.Best[entry]
	contexts []*chart.Best[entry]
	genres   map[[2]int32]*chart.Best[entry] // and of the genre
	cells    map[list]entry
}

func (p *picker) offer(list **chart.Best[entry], e entry) {
	if *list == nil {
		*list = chart.NewBest(p.depth, compareEntries)
	}
	(*list).Add(e)
}

// best returns the lists that the tables may need.
func (m *merge) best(depth int, songs *songTable) *lists {
	p := picker{depth: depth, root: m.index.Of(whole(schemas.World)), cells: map[list]entry{}, genres: map[[2]int32]*chart.Best[entry]{}}
	p.contexts = make([]*chart.Best[entry], m.index.Len())
	for w := range p.charts {
		p.charts[w] = make([]*chart.Best[entry], m.index.Len())
	}
	for part := range partsPartition {
		m.sum(part)
		for i := range m.charts.Rows() {
			p.chart(m, &m.charts.Rows()[i], songs)
		}
		for i := range m.heard.Rows() {
			p.context(m, &m.heard.Rows()[i])
		}
	}
	return p.lists(m, songs)
}

// chart offers a song to the charts and genres of its region.
func (p *picker) chart(m *merge, row *cells.Row[chart.Counts], songs *songTable) {
	c, song := row.Key.Cell(), row.Key.Member()
	for w, days := range chart.Windows {
		e := entry{song, int64(row.Value.Now[w]), int64(row.Value.Before[w]), row.Value.Weight[w]}
		switch {
		case song == wholeCell:
			p.cells[list{ofChart, days, m.index.Values()[c], ""}] = e
		case e.Listeners < minVoters && (c != p.root || e.Listeners == 0):
		default:
			p.offer(&p.charts[w][c], e)
			if days != chart.Longest {
				continue
			}
			for _, g := range songs.genres[song] {
				of := p.genres[[2]int32{c, g}]
				p.offer(&of, e)
				p.genres[[2]int32{c, g}] = of
			}
		}
	}
}

// context offers a song to its context.
func (p *picker) context(m *merge, row *cells.Row[chart.Heard]) {
	e := entry{row.Key.Member(), int64(row.Value.Listeners), 0, row.Value.Weight}
	if e.Song == wholeCell {
		p.cells[list{ofContext, chart.Longest, m.index.Values()[row.Key.Cell()], ""}] = e
	} else if e.Listeners >= minVoters {
		p.offer(&p.contexts[row.Key.Cell()], e)
	}
}

// lists returns what was kept.
func (p *picker) lists(m *merge, songs *songTable) *lists {
	best := map[list]*chart.Best[entry]{}
	for w, days := range chart.Windows {
		for c, b := range p.charts[w] {
			if b != nil {
				best[list{ofChart, days, m.index.Values()[c], ""}] = b
			}
		}
	}
	for c, b := range p.contexts {
		if b != nil {
			best[list{ofContext, chart.Longest, m.index.Values()[c], ""}] = b
		}
	}
	for k, b := range p.genres {
		best[list{ofGenre, chart.Longest, m.index.Values()[k[0]], songs.names[k[1]]}] = b
	}
	out := &lists{}
	for _, l := range slices.SortedFunc(maps.Keys(best), compareLists) {
		out.add(l, best[l].Sorted()...)
	}
	for _, l := range slices.SortedFunc(maps.Keys(p.cells), compareLists) {
		out.add(l, p.cells[l])
	}
	return out
}
