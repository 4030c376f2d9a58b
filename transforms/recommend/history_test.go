package recommend_test

import (
	"strconv"
	"strings"
	"testing"

	"segue/transforms/algo/metrics"
	"segue/transforms/algo/scoring"
)

// histories are how many of their plays the listeners of each group have.
var histories = []int{0, 1, 5, 10, 25, 100}

// group returns the place of a listener's group in histories.
func group(user string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(user, "u"))
	if err != nil {
		return 0
	}
	return n % len(histories)
}

// Lists get better with a listener's history, without a cliff where the persona hands over to the listener's own taste;
// everybody has a full list, or a list with the reason why not; by score alone those of five plays and more are
// served better than by the chart, and the others not worse by a twentieth.
func TestByHistory(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a night of three weeks")
	}
	p := ablationWorld(13)
	p.Users += p.Users / 2
	h := newHeldOut(t, p, func(user string) int { return histories[group(user)] })
	rank, model := h.baselines(t), h.replay.Made
	free := *model
	uncapped(&free)
	s, all := model.NewScratch(), 0
	var ndcg, alone, chart [6][]float64
	err := h.replay.Each(t.Context(), func(user string, l *scoring.Listener) {
		all++
		list := model.Make(l, s)[0]
		if n := len(list.Rows); n < model.Settings.Length && list.Reason != scoring.ReasonShort && list.Reason != scoring.ReasonAllKnown {
			t.Errorf("%s has %d rows, reason %s", user, n, list.Reason)
		}
		hidden, _ := h.found(user, l)
		if len(hidden) == 0 {
			return
		}
		g := group(user)
		ndcg[g] = append(ndcg[g], metrics.NDCG(metrics.Hits(songs(list), hidden), len(hidden), depth))
		alone[g] = append(alone[g], metrics.NDCG(metrics.Hits(songs(free.Make(l, s)[0]), hidden), len(hidden), depth))
		chart[g] = append(chart[g], metrics.NDCG(metrics.Hits(h.best(rank(user, l)[popular], l), hidden), len(hidden), depth))
	})
	if err != nil {
		t.Fatal(err)
	}
	if all != p.Users {
		t.Errorf("%d listeners have lists, want all %d", all, p.Users)
	}
	var last metrics.Interval
	for g, n := range histories {
		m, r := metrics.Mean(ndcg[g]), ratio(alone[g], chart[g])
		t.Logf("%3d plays: %d listeners, nDCG %.4f [%.4f, %.4f], by score alone over the chart %.3f [%.3f, %.3f]", n, len(ndcg[g]), m.Value, m.Low, m.High, r.Value, r.Low, r.High)
		if m.High < last.Low {
			t.Errorf("nDCG falls to %.4f at %d plays from %.4f", m.Value, n, last.Value)
		}
		if r.High < 0.95 || n > 1 && r.Low < 1 {
			t.Errorf("nDCG with %d plays is %.3f [%.3f, %.3f] of the chart's", n, r.Value, r.Low, r.High)
		}
		last = m
	}
}
