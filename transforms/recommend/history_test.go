package recommend_test

import (
	"math"
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

// oracle scores songs by what is planted: how likely they are heard in the styles of a listener.
func (h *heldOut) oracle(user string) []float64 {
	out := make([]float64, len(h.replay.IDs))
	for _, style := range h.truth.Listeners[user] {
		for rank, id := range h.truth.Styles[style] {
			if song, ok := h.index[id]; ok {
				out[song] += math.Pow(float64(rank+1), -0.8)
			}
		}
	}
	return out
}

// byHistory holds nDCG@100 of the listeners of each group.
type byHistory [6]struct{ listed, alone, chart, oracle []float64 }

// Lists get better with a listener's history, without a cliff where the persona hands over to the listener's own taste;
// everybody has a full list, or a list with the reason why not; by score alone those of any play are served better than by
// the chart, and those of none as well. What long histories leave to be found is harder: how much of it could be found is
// told by an oracle that knows each listener's styles, and of that lists reach ever more.
func TestByHistory(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a night of three weeks")
	}
	p := ablationWorld(26)
	p.Users += p.Users / 2
	h := newHeldOut(t, p, func(user string) int { return histories[group(user)] })
	rank, model := h.baselines(t), h.replay.Made
	free := *model
	uncapped(&free)
	s, all := model.NewScratch(), 0
	var got byHistory
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
		add := func(to *[]float64, list []int32) {
			*to = append(*to, metrics.NDCG(metrics.Hits(list, hidden), len(hidden), depth))
		}
		g := &got[group(user)]
		add(&g.listed, songs(list))
		add(&g.alone, songs(free.Make(l, s)[0]))
		add(&g.chart, h.best(rank(user, l)[popular], l, anything))
		add(&g.oracle, h.best(h.oracle(user), l, anything))
	})
	if err != nil {
		t.Fatal(err)
	}
	if all != p.Users {
		t.Errorf("%d listeners have lists, want all %d", all, p.Users)
	}
	got.judge(t)
}

func (got *byHistory) judge(t *testing.T) {
	var last metrics.Interval
	for g, n := range histories {
		chart, share := ratio(got[g].alone, got[g].chart), ratio(got[g].alone, got[g].oracle)
		t.Logf("%3d plays: %d listeners, nDCG %.3f, by score alone %.3f: %.3f [%.3f, %.3f] of the chart's, %.3f [%.3f, %.3f] of the oracle's", n, len(got[g].listed),
			mean(got[g].listed), mean(got[g].alone), chart.Value, chart.Low, chart.High, share.Value, share.Low, share.High)
		if share.High < last.Low {
			t.Errorf("share of what could be found falls to %.3f at %d plays from %.3f", share.Value, n, last.Value)
		}
		if chart.High < 1 || n > 0 && chart.Low < 1 {
			t.Errorf("nDCG with %d plays is %.3f [%.3f, %.3f] of the chart's", n, chart.Value, chart.Low, chart.High)
		}
		last = share
	}
}
