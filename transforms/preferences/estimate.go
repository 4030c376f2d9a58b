package preferences

import (
	"slices"

	"segue/schemas"
	"segue/transforms/algo/cells"
	"segue/transforms/algo/shrink"
	"segue/transforms/algo/worth"
)

// merge is the sums of all items for one kind of classes.
type merge struct {
	p        Params
	songs    *songTable
	kind     int32
	first    int32 // number of the first class of the kind
	classes  int32 // of the kind
	index    cells.Index[cell]
	sums     cells.Table[cells.Sums] // member: class of the kind from 0, or classes for the whole cell
	strength []float64               // of each level, once rows are made
}

func newMerge(p Params, songs *songTable, kind int32) *merge {
	first := songs.first[kind]
	return &merge{p: p, songs: songs, kind: kind, first: first, classes: songs.first[kind+1] - first}
}

// add adds the sums of a cell and class; members are numbered as in a segment.
func (m *merge) add(c cell, member int32, s cells.Sums) {
	member -= m.first
	if member >= m.classes {
		member = m.classes
	}
	m.sums.Add(cells.KeyOf(m.index.Of(c), member), s)
}

// counted is one cell with its classes, in the order of the table.
type counted struct {
	cell
	whole   cells.Sums
	classes []cells.Row[cells.Sums] // by class; the cell of keys is the place of this one
	row     int                     // of its first class in the table
}

// sorted returns the cells in the order of the table.
func (m *merge) sorted() []counted {
	names := m.index.Values()
	order := make([]int32, len(names))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return compareCells(names[a], names[b]) })
	place, out := make([]int32, len(order)), make([]counted, len(order))
	for i, n := range order {
		place[n], out[i].cell = int32(i), names[n]
	}
	rows := slices.Clone(m.sums.Rows())
	for i := range rows {
		rows[i].Key = cells.KeyOf(place[rows[i].Key.Cell()], rows[i].Key.Member())
	}
	slices.SortFunc(rows, func(a, b cells.Row[cells.Sums]) int {
		if a.Key < b.Key {
			return -1
		}
		return 1 // keys differ
	})
	classes := 0
	for from := 0; from < len(rows); {
		to := from
		for to < len(rows) && rows[to].Key.Cell() == rows[from].Key.Cell() {
			to++
		}
		c := &out[rows[from].Key.Cell()]
		c.classes, c.row = rows[from:to], classes
		if last := rows[to-1]; last.Key.Member() == m.classes {
			c.whole, c.classes = last.Value, rows[from:to-1]
		}
		classes += len(c.classes)
		from = to
	}
	return out
}

// tree returns the cells as nodes under their parents.
func (m *merge) tree(all []counted) *shrink.Tree {
	t := &shrink.Tree{Nodes: make([]shrink.Node, len(all)), Classes: int(m.classes), MinListeners: m.p.MinListeners}
	for i := range all {
		c, n := &all[i], &t.Nodes[i]
		*n = shrink.Node{Parent: -1, Level: c.level(), Listeners: c.whole.Listeners, N: c.whole.EffectiveN()}
		if parent, ok := c.parent(); ok {
			n.Parent = placeOf(all, parent)
		}
		n.Class, n.Weight, n.Half = make([]int32, len(c.classes)), make([]float64, len(c.classes)), make([]float64, len(c.classes))
		for j, r := range c.classes {
			n.Class[j], n.Weight[j], n.Half[j] = r.Key.Member(), float64(r.Value.Weight), float64(r.Value.Half)
		}
	}
	t.Strength = t.Strengths(int(levels))
	if m.p.SmoothHours > 0 {
		for i := range all {
			if ring, ok := hours(all, i); ok {
				shrink.Smooth(t.Nodes, ring, m.p.SmoothHours)
			}
		}
	}
	return t
}

// hours returns the places of the cells that differ from cell i in the hour alone, if i is the first of them.
func hours(all []counted, i int) ([]int32, bool) {
	c := all[i].cell
	if c.Hour == allHours {
		return nil, false
	}
	ring := make([]int32, allHours)
	for h := range allHours {
		c.Hour = h
		if ring[h] = placeOf(all, c); ring[h] >= 0 && int(ring[h]) < i {
			return nil, false
		}
	}
	return ring, true
}

// placeOf returns where a cell stands, -1 when nobody was in it.
func placeOf(all []counted, c cell) int32 {
	i, ok := slices.BinarySearchFunc(all, c, func(x counted, c cell) int { return compareCells(x.cell, c) })
	if !ok {
		return -1
	}
	return int32(i)
}

// rows returns the rows of the kind in the table's order.
func (m *merge) rows() []schemas.PreferenceByHour {
	all := m.sorted()
	t := m.tree(all)
	m.strength = t.Strength
	var out []schemas.PreferenceByHour
	for i := range all {
		for _, r := range all[i].classes {
			out = append(out, m.counts(&all[i], r))
		}
	}
	overall := make([]float64, m.classes)
	t.Estimate(func(node int, p shrink.Posterior) {
		c := &all[node]
		if c.cell == root {
			copy(overall, p.Mean)
		}
		for j, r := range c.classes {
			row, mean := &out[c.row+j], p.Mean[r.Key.Member()]
			row.ShrunkShare, row.Lift = mean, mean/overall[r.Key.Member()]
			row.Low, row.High = shrink.Interval(mean, p.N)
			row.Supported = c.whole.Listeners >= m.p.MinListeners
			row.Level = levelNames[levelRoot]
			if p.Carrier >= 0 {
				row.Level = levelNames[all[p.Carrier].level()]
			}
		}
	})
	m.withhold(all, out)
	return out
}

// counts returns a row with the counts of one class of a cell.
func (m *merge) counts(c *counted, r cells.Row[cells.Sums]) schemas.PreferenceByHour {
	k, s := m.songs.names[m.first+r.Key.Member()], r.Value
	weight, n := float64(s.Weight)/float64(worth.One), c.whole.EffectiveN()
	out := schemas.PreferenceByHour{
		Region: c.Region, Weekpart: c.Weekpart, Device: c.Device, Kind: k.Kind, Value: k.Value,
		Plays: &s.Plays, Listeners: &s.Listeners, WeightedPlays: &weight, EffectiveN: &n, Skips: &s.Skips,
	}
	if c.whole.Weight > 0 {
		share := float64(s.Weight) / float64(c.whole.Weight)
		out.Share = &share
	}
	if c.Hour != allHours {
		hour := c.Hour
		out.Hour = &hour
	}
	return out
}

// withhold takes the counts out of rows of too few listeners and of those that would give them away.
func (m *merge) withhold(all []counted, rows []schemas.PreferenceByHour) {
	listeners := make([]int64, len(rows))
	for i, r := range rows {
		listeners[i] = *r.Listeners
	}
	for i, kept := range shrink.Withhold(listeners, m.p.MinListeners, relations(all, len(rows))) {
		if kept {
			r := &rows[i]
			r.Plays, r.Listeners, r.WeightedPlays, r.EffectiveN, r.Skips, r.Share = nil, nil, nil, nil, nil, nil
		}
	}
}

// relations lists the rows that add up: the classes of a cell, whose sum follows from the share of any of them, and along
// each dimension the rows of one class with that of their whole.
func relations(all []counted, rows int) []shrink.Relation {
	var out []shrink.Relation
	for i := range all {
		var r shrink.Relation
		for j := range all[i].classes {
			r = append(r, int32(all[i].row+j))
		}
		out = append(out, r)
	}
	for dimension := range 4 {
		parts := make([]shrink.Relation, rows) // by row of the whole
		for i := range all {
			if whole := all[i].wholes()[dimension]; whole != nil {
				addParts(parts, &all[i], &all[placeOf(all, *whole)])
			}
		}
		for whole, p := range parts {
			if len(p) > 0 {
				out = append(out, append(p, int32(whole)))
			}
		}
	}
	return out
}

// addParts notes the rows of c as parts of the rows of the same class of whole, which has all classes of c.
func addParts(parts []shrink.Relation, c, whole *counted) {
	at := 0
	for j, r := range c.classes {
		for whole.classes[at].Key.Member() != r.Key.Member() {
			at++
		}
		parts[whole.row+at] = append(parts[whole.row+at], int32(c.row+j))
	}
}
