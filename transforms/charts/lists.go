package charts

import (
	"segue/schemas"
	"segue/transforms/algo/chart"
)

// placed is a song in a finished list with the cell its figures come from.
type placed struct {
	entry
	level cell
}

// supported reports whether a cell has the listeners for a list of its own; a genre has those of its region.
func (b *board) supported(l list) bool {
	if l.Region == schemas.World && l.cell == whole(schemas.World) {
		return true
	}
	l.Kind, l.Genre = kindOfCell(l), ""
	return b.cells[l].Listeners >= b.params.MinListeners
}

// kindOfCell returns the kind under which a list's cell is counted.
func kindOfCell(l list) int32 {
	if l.cell == whole(l.Region) {
		return ofChart
	}
	return ofContext
}

// parent returns the list that fills l.
func (l list) parent() (list, bool) {
	up, ok := l.cell.parent()
	if l.cell = up; l.Kind != ofGenre {
		l.Kind = kindOfCell(l)
	}
	return l, ok
}

// list returns the finished list: its own songs where the cell is supported, then its parent's up to Filled songs.
func (b *board) list(l list) []placed {
	if done, ok := b.filled[l]; ok {
		return done
	}
	var out []placed
	in := map[int32]bool{}
	if b.supported(l) {
		for _, e := range b.own[l] {
			in[e.Song], out = true, append(out, placed{e, l.cell})
		}
	}
	most := min(Filled, b.params.Depth)
	if up, ok := l.parent(); ok && len(out) < most {
		for _, p := range b.list(up) {
			if len(out) < most && !in[p.Song] {
				out = append(out, p)
			}
		}
	}
	b.filled[l] = out
	return out
}

// rates returns the listeners of a song of a chart among all of the cell its figures come from.
func (b *board) rates(l list, p placed) chart.Rates {
	l.cell = p.level
	all := b.cells[l]
	return chart.Rates{Now: p.Listeners, Before: p.Before, AllNow: all.Listeners, AllBefore: all.Before}
}
