package preferences

import (
	"segue/schemas"
	"segue/transforms/algo/cells"
	"segue/transforms/io/listenio"
)

// longest is how many cells a run has at most: (weekpart, hour, device), (weekpart, hour) and (hour).
const longest = 3

// runs are cells of a ladder that hold the same of a listener: where all he did in an hour was on one device, (hour, device)
// and (hour) have the same sums of him. They are counted once, under the first cell and how many follow it, and added to each
// cell when all listeners are.
type runs struct {
	up   []int32 // by cell: the one after it on its ladder, -1 = none
	only []int32 // by cell: the one before it, of all the listener met
	seen []bool  // by number of the reader's cell: met
	met  []int32 // the reader's cells of the listener
	of   [][]int32
}

// What only holds beside a cell.
const (
	noneBefore int32 = -1
	manyBefore int32 = -2
)

// most returns the bound of numbers of runs.
func (r *runs) most() int { return longest * len(r.up) }

// grow makes room for the cells of an index, and of the reader.
func (r *runs) grow(x *cells.Index[cell], readers int) {
	for n := len(r.up); n < x.Len(); n++ {
		r.up, r.only = append(r.up, -1), append(r.only, noneBefore)
		c := x.Values()[n]
		switch c.level() &^ 1 { // the world's; the region changes nothing
		case levelWeekpartHourDevice:
			c.Device = schemas.All
		case levelWeekpartHour:
			c.Weekpart = schemas.All
		case levelDevice:
			c.Device = schemas.All
		default:
			continue
		}
		r.up[n] = x.Of(c)
	}
	for len(r.of) < readers {
		r.of, r.seen = append(r.of, nil), append(r.seen, false)
	}
}

// meet takes the reader's cells of the next listener.
func (r *runs) meet(l *listenio.Listener) {
	for _, n := range r.met {
		r.of[n], r.seen[n] = r.of[n][:0], false
	}
	r.met = r.met[:0]
	for i := range l.Days {
		for j := range l.Days[i].Listens {
			if n := l.Days[i].Listens[j].Cell; !r.seen[n] {
				r.seen[n], r.met = true, append(r.met, n)
			}
		}
	}
}

// cut sets the runs of each cell of the reader that was met.
func (r *runs) cut(ladders []rungs, local bool) {
	for _, n := range r.met {
		for _, at := range ladders[n].of(local) {
			if up := r.up[at]; up < 0 {
				continue
			} else if r.only[up] == noneBefore {
				r.only[up] = at
			} else if r.only[up] != at {
				r.only[up] = manyBefore
			}
		}
	}
	for _, n := range r.met {
		for _, at := range ladders[n].of(local) {
			if r.only[at] >= 0 {
				continue // of the run of the one before
			}
			follow := int32(0)
			for up := r.up[at]; up >= 0 && r.only[up] >= 0; up = r.up[up] {
				follow++
			}
			r.of[n] = append(r.of[n], longest*at+follow)
		}
	}
	for _, n := range r.met {
		for _, at := range ladders[n].of(local) {
			r.only[at] = noneBefore
		}
	}
}

// whole returns the sums by cell of sums by run.
func (r *runs) whole(byRun *cells.Table[cells.Sums]) (out cells.Table[cells.Sums]) {
	out.Reserve(byRun.Len())
	for _, row := range byRun.Rows() {
		at := row.Key.Cell() / longest
		for follow := row.Key.Cell() % longest; follow >= 0; follow-- {
			out.Add(cells.KeyOf(at, row.Key.Member()), row.Value)
			at = r.up[at]
		}
	}
	return out
}
