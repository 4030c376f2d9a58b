package charts

import (
	"cmp"

	"segue/schemas"
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
	var cells []cell
	if dayPart != schemas.All && device != schemas.All {
		cells = append(cells, cell{region, dayPart, device, schemas.All})
	}
	if dayPart != schemas.All {
		cells = append(cells, cell{region, dayPart, schemas.All, schemas.All})
	}
	if l.Place != "" && l.Place != schemas.Unknown {
		cells = append(cells, cell{region, schemas.All, schemas.All, l.Place})
	}
	return cells
}

func regionsOf(region string) []string {
	if region == "" || region == schemas.World {
		return []string{schemas.World}
	}
	return []string{schemas.World, region}
}

// cellIndex numbers cells.
type cellIndex struct {
	hours   localtime.DayHours // of ladders
	cells   []cell
	numbers map[cell]int32
}

func (x *cellIndex) number(c cell) int32 {
	n, ok := x.numbers[c]
	if !ok {
		n = int32(len(x.cells))
		if x.numbers == nil {
			x.numbers = map[cell]int32{}
		}
		x.numbers[c], x.cells = n, append(x.cells, c)
	}
	return n
}

// ladder is the numbers of the cells a listen counts in.
type ladder struct {
	regions  []int32
	contexts []int32
}

func (x *cellIndex) ladder(l listenio.Cell) (out ladder) {
	for _, region := range regionsOf(l.Region) {
		out.regions = append(out.regions, x.number(whole(region)))
		for _, c := range x.contextsOf(region, l) {
			out.contexts = append(out.contexts, x.number(c))
		}
	}
	return out
}
