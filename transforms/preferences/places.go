package preferences

import (
	"maps"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/cells"
	"segue/transforms/algo/within"
)

// situationRows returns the rows of table device_preferences in its order.
func situationRows(p Params, songs *songTable, sums map[situation]*cells.Table[within.Sums]) []schemas.DevicePreference {
	var out []schemas.DevicePreference
	classes := int32(len(songs.names))
	for _, name := range slices.SortedFunc(maps.Keys(sums), compareSituations) {
		for _, r := range sums[name].Sorted() {
			class := r.Key.Member()
			if class >= classes {
				continue
			}
			k := songs.names[class]
			row := schemas.DevicePreference{Dimension: name.Dimension, Name: name.Name, Kind: k.Kind, Value: k.Value}
			if r.Value.Listeners >= p.MinListeners {
				compare(&row, r.Value, sums[name].Of(cells.KeyOf(0, classes+songs.kind[class])))
			}
			out = append(out, row)
		}
	}
	return out
}

// compare fills a row from the sums of its class and those of all listeners compared there.
func compare(row *schemas.DevicePreference, s, everyone within.Sums) {
	lift, low, high, ok := s.Lift()
	if !ok || everyone.Here <= 0 {
		return
	}
	share, own := float64(s.Here)/float64(everyone.Here), float64(s.Own)/float64(everyone.Own)
	row.Listeners, row.Plays, row.Share, row.OwnShare = &s.Listeners, &s.Plays, &share, &own
	row.Lift, row.Low, row.High, row.Supported = &lift, &low, &high, true
}
