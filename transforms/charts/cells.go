package charts

import (
	"cmp"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/cells"
	"segue/transforms/algo/localtime"
	"segue/transforms/io/listenio"
)

// cell is where songs are ranked: a region, or a context in it. Dimensions summed over hold World and All.
type cell struct {
	Region  string `parquet:"region,dict"`
	DayPart string `parquet:"day_part,dict"`
	Device  string `parquet:"device,dict"`
	Place   string `parquet:"place,dict"`
}

func whole(region string) cell { return cell{region, schemas.All, schemas.All, schemas.All} }

func compareCells(a, b cell) int {
	return cmp.Or(
		cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.DayPart, b.DayPart),
		cmp.Compare(a.Device, b.Device),
		cmp.Compare(a.Place, b.Place),
	)
}

// parent returns the next coarser cell; none for the world.
func (c cell) parent() (cell, bool) {
	switch {
	case c.Device != schemas.All:
		c.Device = schemas.All
	case c != whole(c.Region):
		c = whole(c.Region)
	default:
		return whole(schemas.World), c.Region != schemas.World
	}
	return c, true
}

// String names the cell as columns level and context_cell do.
func (c cell) String() string { return c.Region + "/" + c.DayPart + "/" + c.Device + "/" + c.Place }

// contextsOf returns the contexts a listen counts in within a region: (day part, device), (day part) and (place). What is
// unknown has no context.
func (x *cellIndex) contextsOf(region string, l listenio.Cell) []cell {
	dayPart, device := schemas.All, schemas.All
	if l.Hour != listenio.UnknownHour {
		dayPart = schemas.DayParts[x.hours.Part(int(l.Hour))]
	}
	if l.Device != "" && l.Device != schemas.Unknown {
		device = l.Device
	}
	var out []cell
	if dayPart != schemas.All && device != schemas.All {
		out = append(out, cell{region, dayPart, device, schemas.All})
	}
	if dayPart != schemas.All {
		out = append(out, cell{region, dayPart, schemas.All, schemas.All})
	}
	if l.Place != "" && l.Place != schemas.Unknown {
		out = append(out, cell{region, schemas.All, schemas.All, l.Place})
	}
	return out
}

// cellIndex numbers cells.
type cellIndex struct {
	cells.Index[cell]
	hours localtime.DayHours // of ladders
}

// ladder is the numbers of the cells a listen counts in.
type ladder struct {
	region int32 // number of the region as a whole; -1 = none
	all    rungs // of the world, then of the region
	own    rungs // of the region; none without one
}

type rungs struct {
	regions  []int32
	contexts []int32
}

func (x *cellIndex) ladder(l listenio.Cell) ladder {
	out := ladder{region: -1, all: x.rungs(schemas.World, l)}
	if l.Region == "" || l.Region == schemas.World {
		return out
	}
	out.own = x.rungs(l.Region, l)
	out.region = out.own.regions[0]
	out.all = rungs{slices.Concat(out.all.regions, out.own.regions), slices.Concat(out.all.contexts, out.own.contexts)}
	return out
}

func (x *cellIndex) rungs(region string, l listenio.Cell) rungs {
	out := rungs{regions: []int32{x.Of(whole(region))}}
	for _, c := range x.contextsOf(region, l) {
		out.contexts = append(out.contexts, x.Of(c))
	}
	return out
}

// twins returns for each cell that of the world like it; a world's cell is its own.
func (x *cellIndex) twins() []int32 {
	out := make([]int32, x.Len())
	for i, c := range x.Values()[:len(out)] {
		c.Region = schemas.World
		out[i] = x.Of(c)
	}
	return out
}
