package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"segue/jobs/cli"
	"segue/schemas"
)

// figures are the evaluation over all cases.
type figures struct {
	cases   int64
	values  map[string]map[string]any // metric → method → text
	methods map[string]bool
	ratios  []string // in words
}

// printQuality shows the evaluation over all cases, one line a metric and one column a method.
func printQuality(ctx context.Context, w io.Writer, r release) error {
	f, err := readFigures(ctx, r)
	if err != nil || f.cases == 0 {
		return err
	}
	out := cli.Table{Columns: append([]string{"metric"}, slices.Sorted(maps.Keys(f.methods))...)}
	for _, metric := range slices.Sorted(maps.Keys(f.values)) {
		line := []any{metric}
		for _, method := range out.Columns[1:] {
			line = append(line, f.values[metric][method])
		}
		out.Rows = append(out.Rows, line)
	}
	fmt.Fprintf(w, "\nquality on %d held-out cases\n", f.cases)
	if err := out.Write(w, "text"); err != nil {
		return err
	}
	for _, ratio := range f.ratios {
		fmt.Fprintln(w, ratio)
	}
	return nil
}

func readFigures(ctx context.Context, r release) (figures, error) {
	f := figures{values: map[string]map[string]any{}, methods: map[string]bool{}}
	t, err := r.table(schemas.TableEvaluation)
	if err != nil {
		return f, err
	}
	for row, err := range rows[schemas.Evaluation](ctx, r, t.Files) {
		if err != nil {
			return f, err
		}
		if row.Stratum == schemas.All {
			f.add(row)
		}
	}
	return f, nil
}

// add takes a figure in; a method a/b is the ratio of a to b.
func (f *figures) add(row schemas.Evaluation) {
	f.cases = max(f.cases, row.Cases)
	if a, b, ratio := strings.Cut(row.Method, "/"); ratio {
		text := fmt.Sprintf("%s: %s is %.3f × %s", strings.TrimSuffix(row.Metric, "_ratio"), a, row.Value, b)
		if row.Low != nil && row.High != nil {
			text += fmt.Sprintf(" (95 %%: %.3f to %.3f)", *row.Low, *row.High)
		}
		f.ratios = append(f.ratios, text)
		return
	}
	if f.values[row.Metric] == nil {
		f.values[row.Metric] = map[string]any{}
	}
	f.values[row.Metric][row.Method] = fmt.Sprintf("%.4f", row.Value)
	f.methods[row.Method] = true
}
