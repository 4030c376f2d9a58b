package gate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"segue/schemas"
)

const (
	ratioSuffix     = "_ratio"     // of metrics that compare two methods as method/baseline
	lastNightMethod = "last_night" // the baseline that is judged in every stratum
	certain         = .01          // p below which a loss is certain, after Holm's correction
	z95             = 1.96         // half width of a 95 % interval in standard errors
	fewestCases     = 30           // below it an interval by bootstrap says little, and a loss does not even warn
)

// loss is one comparison with a baseline.
type loss struct {
	row   schemas.Evaluation
	p     float64 // one-sided: that the ratio is 1 or more
	holms float64
}

// quality judges ratios of table evaluation: to last night in every stratum, to item-kNN over all cases, and of the lists of
// earlier nights to what was popular then. It fails when a loss is certain, larger than allowed, and measured on enough cases;
// another large loss only warns. So does any loss of earlier lists: they are published, and holding tonight's back would keep
// them. Fewer than fewestCases are not judged.
//
// Source: Holm (1979), "A simple sequentially rejective multiple test procedure".
func (p Params) quality(rows []schemas.Evaluation) []schemas.GateRule {
	losses := comparisons(rows)
	holm(losses)
	var out []schemas.GateRule
	for _, l := range losses {
		m := measured{1 - l.row.Value, p.QualityLoss, schemas.GateOK}
		detail := fmt.Sprintf("loss against the baseline on %d cases, adjusted p %.3g", l.row.Cases, l.holms)
		switch {
		case l.row.Cases < fewestCases:
			detail = fmt.Sprintf("too few cases to judge: %d", l.row.Cases)
		case m.figure > m.bound && l.holms < certain && l.row.Cases >= int64(p.MinCases) && !past(l.row.Stratum):
			m.status = schemas.GateFail
		case m.figure > m.bound:
			m.status = schemas.GateWarn
		}
		subject := l.row.Metric + " " + l.row.Method + " " + l.row.Stratum
		out = append(out, rule(ruleQuality, subject, m, detail))
	}
	return out
}

// past reports whether a stratum is of lists that were published earlier.
func past(stratum string) bool { return strings.HasPrefix(stratum, schemas.StratumDays) }

// judgedRatio reports whether a loss in a row counts: strata are parts of the comparison with last night alone, since a recipe
// may rightly trade one part of the catalogue for another against a baseline.
func judgedRatio(r schemas.Evaluation) bool {
	_, base, ok := strings.Cut(r.Method, "/")
	return ok && strings.HasSuffix(r.Metric, ratioSuffix) && (base == lastNightMethod || r.Stratum == schemas.All || past(r.Stratum))
}

// comparisons returns the ratios that count and have an interval, and the p of each from it.
func comparisons(rows []schemas.Evaluation) []loss {
	var out []loss
	for _, r := range rows {
		if !judgedRatio(r) || r.Low == nil || r.High == nil {
			continue
		}
		p := 1.0
		if sd := (*r.High - *r.Low) / (2 * z95); sd > 0 {
			p = math.Erfc((1-r.Value)/sd/math.Sqrt2) / 2
		} else if r.Value < 1 {
			p = 0
		}
		out = append(out, loss{row: r, p: p})
	}
	return out
}

// holm adjusts the p of all comparisons.
func holm(losses []loss) {
	order := make([]int, len(losses))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case losses[a].p < losses[b].p:
			return -1
		case losses[a].p > losses[b].p:
			return 1
		}
		return 0
	})
	highest := 0.0
	for k, i := range order {
		highest = max(highest, min(1, losses[i].p*float64(len(losses)-k)))
		losses[i].holms = highest
	}
}
