package evaluate

import (
	"slices"

	"segue/transforms/algo/metrics"
)

// values are the measures of cases in a Protocol: Values[method][metric][case].
type values struct {
	Methods []string
	Metrics []string
	Values  [][][]float64
}

func newValues(methods, metrics []string) values {
	v := values{methods, metrics, make([][][]float64, len(methods))}
	for m := range v.Values {
		v.Values[m] = make([][]float64, len(metrics))
	}
	return v
}

// put appends the measures of one case by one method.
func (v values) put(method int, measured []float64) {
	for k, x := range measured {
		v.Values[method][k] = append(v.Values[method][k], x)
	}
}

// of returns the values of one method and metric; nil when there are none of those names.
func (v values) of(metric, method string) []float64 {
	m, k := slices.Index(v.Methods, method), slices.Index(v.Metrics, metric)
	if m < 0 || k < 0 {
		return nil
	}
	return v.Values[m][k]
}

// ratio returns the ratio of a metric of two methods with its paired bounds; zero where a method is missing.
func (v values) ratio(metric, method, base string) metrics.Interval {
	a, b := v.of(metric, method), v.of(metric, base)
	if len(a) != len(b) || len(a) == 0 {
		return metrics.Interval{}
	}
	return metrics.Ratio(a, b)
}
