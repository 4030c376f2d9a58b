package preferences

import (
	"context"

	"segue/schemas"
	"segue/transforms/algo/tally"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// part is one finished file of the table with the counters of its partials.
type part struct {
	Table       lake.FileRef
	Plays       int64
	UnknownTime int64
	OtherKinds  int64
}

// sumFn sums the segments of one partition and writes its rows.
type sumFn struct{}

// Merge returns the file of the partition.
func (sumFn) Merge(ctx context.Context, env *work.Env, partition string, partials []partial) (part, error) {
	var out part
	counts := tally.New[key]()
	for _, p := range partials {
		out.Plays += p.Plays
		out.UnknownTime += p.UnknownTime
		out.OtherKinds += p.OtherKinds
		for r, err := range parquetio.Read[segmentRow](ctx, env.Lake, p.Segment) {
			if err != nil {
				return out, err
			}
			k := key{cell{r.Region, r.Weekpart, r.Hour, r.Device}, class{r.Kind, r.Value}}
			counts.Add(k, tally.Counts{Listeners: r.Listeners, Plays: r.Plays, Skips: r.Skips})
		}
	}
	ref, err := writeTable(ctx, env, partition, tableRows(counts))
	out.Table = ref
	return out, err
}

// tableRows returns the rows in the table's order with each class's share of its cell and kind.
func tableRows(counts *tally.Tally[key]) []schemas.PreferenceByHour {
	sorted := counts.Sorted(compareKeys)
	rows := make([]schemas.PreferenceByHour, 0, len(sorted))
	for from := 0; from < len(sorted); {
		group := sorted[from].Key
		to, total := from, int64(0)
		for to < len(sorted) && sorted[to].Key.cell == group.cell && sorted[to].Key.Kind == group.Kind {
			total += sorted[to].Plays
			to++
		}
		for _, r := range sorted[from:to] {
			rows = append(rows, row(r, total))
		}
		from = to
	}
	return rows
}

func row(r tally.Row[key], total int64) schemas.PreferenceByHour {
	out := schemas.PreferenceByHour{
		Region: r.Key.Region, Weekpart: r.Key.Weekpart, Device: r.Key.Device, Kind: r.Key.Kind, Value: r.Key.Value,
		Plays: r.Plays, Listeners: r.Listeners, Skips: r.Skips, Share: float64(r.Plays) / float64(total),
	}
	if r.Key.Hour != allHours {
		hour := r.Key.Hour
		out.Hour = &hour
	}
	return out
}
