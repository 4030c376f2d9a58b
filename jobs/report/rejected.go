package report

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"segue/schemas"
)

// rejectedReasons is how many reasons are shown.
const rejectedReasons = 20

// rejected counts the records that were not used, by reason, beside last night's.
func rejected(ctx context.Context, n *night) ([]Block, error) {
	now, err := n.reasons(ctx)
	if err != nil {
		return nil, err
	}
	before := map[string]int64{}
	if n.previous != nil {
		if was, err := n.previous.reasons(ctx); err == nil {
			before = was
		}
	}
	total := int64(0)
	for _, c := range now {
		total += c
	}
	names := slices.SortedFunc(maps.Keys(now), func(a, b string) int { return cmp.Or(cmp.Compare(now[b], now[a]), cmp.Compare(a, b)) })
	t := &Table{Columns: columns("~reason", "#records", "#share", "#last night")}
	for _, name := range names[:min(rejectedReasons, len(names))] {
		t.Add(textCell(words(name)), Cell{Text: count(now[name])}, part(float64(now[name]), float64(total)), Cell{Text: count(before[name])})
	}
	return []Block{{Table: t}}, nil
}

func (n *night) reasons(ctx context.Context) (map[string]int64, error) {
	t, err := n.table(schemas.TableRejected)
	if err != nil {
		return nil, err
	}
	if t.Rows == 0 {
		return nil, empty("Every input record was used.")
	}
	out := map[string]int64{}
	return out, n.values(ctx, t.Files, "reason", func(v any) {
		reason, _ := v.(string)
		out[strings.Clone(reason)]++
	})
}

// words writes a reason as people read it.
func words(reason string) string { return strings.ReplaceAll(reason, "_", " ") }
