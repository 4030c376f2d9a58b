package profiles

import (
	"cmp"
	"slices"

	"segue/schemas"
	"segue/transforms/io/work"
)

// report counts the profiles of a bucket.
func (p profiled) report(sc *work.Context) {
	sc.Count("profiles/listeners", p.Table.Rows)
	for _, h := range []string{schemas.HistoryNone, schemas.HistoryFew, schemas.HistorySome, schemas.HistoryWarm} {
		sc.Count("profiles/history_"+h, p.Histories[h])
	}
	sc.Count("profiles/with_taste", p.WithTaste)
	sc.Count("profiles/clusters", p.Clusters)
	sc.Count("profiles/persona_by_taste", p.By[schemas.PersonaByTaste])
	sc.Count("profiles/persona_by_signals", p.By[schemas.PersonaBySignals])
}

// report counts personas and how their sampled members drifted since last night.
func (s *Segments) report(sc *work.Context) {
	sc.Count("profiles/personas", int64(len(s.Rows)))
	if s.Model.Refitted {
		sc.Count("profiles/personas_refitted", 1)
	}
	sc.Count("profiles/persona_kept", s.Kept)
	sc.Count("profiles/persona_moved", s.Moved)
	sc.Count("profiles/persona_new", s.New)
}

// finish completes the rows of personas by their listeners, and sorts them by number.
func finish(rows []schemas.Persona, listeners map[int32]int64) []schemas.Persona {
	var all int64
	for _, n := range listeners {
		all += n
	}
	for i := range rows {
		if rows[i].Listeners = listeners[rows[i].Persona]; all > 0 {
			rows[i].Share = float64(rows[i].Listeners) / float64(all)
		}
	}
	slices.SortFunc(rows, func(a, b schemas.Persona) int { return cmp.Compare(a.Persona, b.Persona) })
	return rows
}
