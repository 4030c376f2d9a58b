package report

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"

	"segue/schemas"
)

const (
	heatDevices = 6  // maps
	heatRows    = 12 // classes of a map
)

// hourMaps are lifts by device and class.
type hourMaps map[string]map[string][]row

// hoursOf draws a map of lifts by class and local hour for each device, most listened first. Without moods, genres stand for them.
func hoursOf(ctx context.Context, n *night) ([]Block, error) {
	kind, rows := "mood", []row(nil)
	for _, k := range []string{kind, "genre"} {
		found, err := n.where(ctx, schemas.TablePreferencesByHour, "region="+schemas.World, "kind="+k)
		if err != nil {
			return nil, err
		}
		if kind, rows = k, found; hasClass(rows) {
			break
		}
	}
	figures, err := deviceMaps(rows)
	if err != nil {
		return nil, err
	}
	if len(figures) == 0 {
		return nil, empty("No play has a known local hour and a known class.")
	}
	scale, err := heatScale()
	if err != nil {
		return nil, err
	}
	figures = append(figures, Figure{SVG: scale, Caption: "Scale: lift against all hours"})
	return []Block{{Figures: figures, Note: "Classes are of kind " + kind + ", in the world, by the listener's local hour; estimates are shrunk where few listened."}}, nil
}

// deviceMaps draws the maps of the devices most listened on.
func deviceMaps(rows []row) ([]Figure, error) {
	byDevice, heard, days := hourMaps{}, map[string]float64{}, daysOf(rows)
	for _, r := range rows {
		device := r.text("device")
		if _, known := r.number("hour"); !known || r.text("value") == schemas.Unknown || device == schemas.Unknown || r.text("weekpart") != days[device] {
			continue
		}
		if byDevice[device] == nil {
			byDevice[device] = map[string][]row{}
		}
		byDevice[device][r.text("value")] = append(byDevice[device][r.text("value")], r)
		heard[device] += r.orZero("plays")
	}
	devices := slices.SortedFunc(maps.Keys(byDevice), func(a, b string) int { return cmp.Or(cmp.Compare(heard[b], heard[a]), cmp.Compare(a, b)) })
	var figures []Figure
	var order []string // of the device most listened on, for all maps
	for _, device := range devices[:min(heatDevices, len(devices))] {
		order = classesOf(order, byDevice[device])
		f, err := heatOf(caption(device, days[device]), order, byDevice[device]).figure()
		if err != nil {
			return nil, err
		}
		figures = append(figures, f)
	}
	return figures, nil
}

// hasClass reports whether any row is of a known class.
func hasClass(rows []row) bool {
	return slices.ContainsFunc(rows, func(r row) bool { return r.text("value") != schemas.Unknown })
}

// daysOf returns the part of the week whose hours are shown for each device: all days where the table has them, else weekdays.
func daysOf(rows []row) map[string]string {
	out := map[string]string{}
	for _, r := range rows {
		_, hourly := r.number("hour")
		days := r.text("weekpart")
		if hourly && (days == schemas.All || (days == schemas.Weekday && out[r.text("device")] == "")) {
			out[r.text("device")] = days
		}
	}
	return out
}

func caption(device, days string) string {
	if device == schemas.All {
		device = "all devices"
	}
	if days == schemas.All {
		return device
	}
	return device + ", " + days + "s"
}

// classesOf appends to an order the classes that are not in it yet, most played first.
func classesOf(order []string, byClass map[string][]row) []string {
	weight := func(class string) (sum float64) {
		for _, r := range byClass[class] {
			sum += r.orZero("shrunk_share")
		}
		return sum
	}
	names := slices.SortedFunc(maps.Keys(byClass), func(a, b string) int { return cmp.Or(cmp.Compare(weight(b), weight(a)), cmp.Compare(a, b)) })
	return append(order, slices.DeleteFunc(names, func(name string) bool { return slices.Contains(order, name) })...)
}

// heatOf returns the map of the classes of an order that there are.
func heatOf(caption string, order []string, byClass map[string][]row) heat {
	h := heat{caption: caption}
	names := slices.DeleteFunc(slices.Clone(order), func(name string) bool { return len(byClass[name]) == 0 })
	for _, name := range names[:min(heatRows, len(names))] {
		var lifts [hours]float64
		for i := range lifts {
			lifts[i] = math.NaN()
		}
		for _, r := range byClass[name] {
			if hour := int(r.orZero("hour")); hour >= 0 && hour < hours {
				lifts[hour] = r.orZero("lift")
			}
		}
		h.names, h.lifts = append(h.names, name), append(h.lifts, lifts)
	}
	return h
}
