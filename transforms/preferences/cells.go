package preferences

import (
	"cmp"

	"segue/schemas"
	"segue/transforms/algo/cells"
)

// allHours is the hour of cells over all hours; it sorts after every hour.
const allHours int32 = 24

// cell is region × weekpart × hour × device, dimensions summed over holding World, All and allHours.
type cell struct {
	Region   string `parquet:"region,dict"`
	Weekpart string `parquet:"weekpart,dict"`
	Hour     int32  `parquet:"hour,plain"`
	Device   string `parquet:"device,dict"`
}

var root = cell{schemas.World, schemas.All, allHours, schemas.All}

// Levels of the ladder: which dimensions a cell has.
const (
	levelRoot int32 = iota
	levelRegion
	levelDevice
	levelRegionDevice
	levelHour
	levelRegionHour
	levelWeekpartHour
	levelRegionWeekpartHour
	levelWeekpartHourDevice
	levelRegionWeekpartHourDevice
	levels
)

// levelNames are the values of column level.
var levelNames = [levels]string{
	schemas.World, "region", "device", "region_device", "hour", "region_hour", "weekpart_hour", "region_weekpart_hour",
	"weekpart_hour_device", "region_weekpart_hour_device",
}

// level returns the level of a cell; those of a region have odd numbers.
func (c cell) level() int32 {
	l := levelRoot
	switch {
	case c.Hour == allHours && c.Device != schemas.All:
		l = levelDevice
	case c.Hour == allHours:
	case c.Device != schemas.All:
		l = levelWeekpartHourDevice
	case c.Weekpart != schemas.All:
		l = levelWeekpartHour
	default:
		l = levelHour
	}
	if c.Region != schemas.World {
		l++
	}
	return l
}

// cellsOf returns the cells one play counts in, each once: (weekpart, hour, device), (weekpart, hour), (hour), (device)
// and all, each of the region and of the world.
//
// A play without local time (allHours) is only in the cells without an hour; one without region only in the world's.
func cellsOf(finest cell) []cell {
	regions := []string{schemas.World}
	if finest.Region != "" && finest.Region != schemas.World {
		regions = append(regions, finest.Region)
	}
	var out []cell
	for _, r := range regions {
		if finest.Hour != allHours {
			out = append(out,
				cell{r, finest.Weekpart, finest.Hour, finest.Device},
				cell{r, finest.Weekpart, finest.Hour, schemas.All},
				cell{r, schemas.All, finest.Hour, schemas.All})
		}
		out = append(out, cell{r, schemas.All, allHours, finest.Device}, cell{r, schemas.All, allHours, schemas.All})
	}
	return out
}

// parent returns the cell that c backs off to, false for the root. Dimensions are dropped in this order: device,
// weekpart, region, hour; that is to say that a region hears other things than the world by more than weekends differ
// from weekdays, and that the hour says most.
func (c cell) parent() (cell, bool) {
	switch {
	case c.Device != schemas.All:
		c.Device = schemas.All
	case c.Weekpart != schemas.All:
		c.Weekpart = schemas.All
	case c.Region != schemas.World:
		c.Region = schemas.World
	case c.Hour != allHours:
		c.Hour = allHours
	default:
		return c, false
	}
	return c, true
}

// wholes returns the cells that c is an additive part of, by dimension: along device, weekpart or hour, and along region.
func (c cell) wholes() (out [4]*cell) {
	set := func(i int, whole cell) { out[i] = &whole }
	switch {
	case c.Device != schemas.All:
		set(0, cell{c.Region, c.Weekpart, c.Hour, schemas.All})
	case c.Weekpart != schemas.All:
		set(1, cell{c.Region, schemas.All, c.Hour, schemas.All})
	case c.Hour != allHours:
		set(2, cell{c.Region, schemas.All, allHours, schemas.All})
	}
	if c.Region != schemas.World {
		set(3, cell{schemas.World, c.Weekpart, c.Hour, c.Device})
	}
	return out
}

func compareCells(a, b cell) int {
	return cmp.Or(
		cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Weekpart, b.Weekpart),
		cmp.Compare(a.Hour, b.Hour),
		cmp.Compare(a.Device, b.Device),
	)
}

// ladder returns the numbers in x of the cells a play counts in: those of the world, then those of its region.
func ladder(x *cells.Index[cell], finest cell) (world, region []int32) {
	for _, c := range cellsOf(finest) {
		if c.Region == schemas.World {
			world = append(world, x.Of(c))
		} else {
			region = append(region, x.Of(c))
		}
	}
	return world, region
}
