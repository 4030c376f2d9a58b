package preferences

import (
	"cmp"

	"segue/schemas"
)

// allHours is the hour of cells over all hours; it sorts after every hour.
const allHours int32 = 24

// cell is region × weekpart × hour × device, dimensions summed over holding World, All and allHours.
type cell struct {
	Region   string
	Weekpart string
	Hour     int32
	Device   string
}

// cellsOf returns the cells one play counts in, each once.
//
// By region and for the world: (weekpart, hour, device), (weekpart, hour), (hour), all; for the world (device) too.
// A play without local time (allHours) is only in the cells without an hour; one without region only in the world's.
func cellsOf(region, weekpart string, hour int32, device string) []cell {
	regions := []string{schemas.World}
	if region != "" && region != schemas.World {
		regions = append(regions, region)
	}
	var cells []cell
	for _, r := range regions {
		if hour != allHours {
			cells = append(cells,
				cell{r, weekpart, hour, device},
				cell{r, weekpart, hour, schemas.All},
				cell{r, schemas.All, hour, schemas.All})
		}
		cells = append(cells, cell{r, schemas.All, allHours, schemas.All})
	}
	return append(cells, cell{schemas.World, schemas.All, allHours, device})
}

// class is one class of a class system.
type class struct {
	Kind  string
	Value string
}

// key is what rows are counted by.
type key struct {
	cell
	class
}

// compareKeys orders keys as the table is sorted, cells without an hour last.
func compareKeys(a, b key) int {
	return cmp.Or(compareCells(a.cell, b.cell), compareClasses(a.class, b.class))
}

func compareCells(a, b cell) int {
	return cmp.Or(
		cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Weekpart, b.Weekpart),
		cmp.Compare(a.Hour, b.Hour),
		cmp.Compare(a.Device, b.Device),
	)
}

func compareClasses(a, b class) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
}

// cellIndex numbers cells and remembers which ones a combination of values counts in.
type cellIndex struct {
	cells  []cell
	number map[cell]int32
	ladder map[cell][]int32 // finest cell → numbers of its ladder
}

func newCellIndex() *cellIndex {
	return &cellIndex{number: map[cell]int32{}, ladder: map[cell][]int32{}}
}

func (x *cellIndex) of(finest cell) []int32 {
	if ladder, ok := x.ladder[finest]; ok {
		return ladder
	}
	var ladder []int32
	for _, c := range cellsOf(finest.Region, finest.Weekpart, finest.Hour, finest.Device) {
		n, ok := x.number[c]
		if !ok {
			n = int32(len(x.cells))
			x.number[c], x.cells = n, append(x.cells, c)
		}
		ladder = append(ladder, n)
	}
	x.ladder[finest] = ladder
	return ladder
}
