package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

const (
	barWidth  = 40
	topValues = 20 // of columns that hold no numbers
	maxValues = 1_000_000
)

// spread holds the values of a column: all numbers and times, and counts of up to a million different others.
type spread struct {
	times   bool // of a column of times: numbers are µs since 1970
	numbers []float64
	texts   map[string]int64
	nulls   int64
}

func newSpread() *spread { return &spread{texts: map[string]int64{}} }

func (s *spread) add(v any) {
	switch v := v.(type) {
	case nil:
		s.nulls++
	case int32:
		s.numbers = append(s.numbers, float64(v))
	case int64:
		s.numbers = append(s.numbers, float64(v))
	case float32:
		s.numbers = append(s.numbers, float64(v))
	case float64:
		s.numbers = append(s.numbers, v)
	default:
		if s.addTime(v) {
			return
		}
		if t := fmt.Sprint(v); len(s.texts) < maxValues || s.texts[t] > 0 {
			s.texts[t]++
		} else {
			s.texts["…"]++
		}
	}
}

func (s *spread) addTime(v any) bool {
	text, ok := v.(string)
	if !ok || !s.times {
		return false
	}
	at, err := time.Parse(time.RFC3339, text)
	if err == nil {
		s.numbers = append(s.numbers, float64(at.UnixMicro()))
	}
	return err == nil
}

// show returns one of numbers for people.
func (s *spread) show(v float64) any {
	if s.times {
		return time.UnixMicro(int64(v)).UTC().Format(time.RFC3339)
	}
	return v
}

// histogramTable counts the values of a column: numbers and times in equal steps, others by their most frequent values.
func histogramTable(cmd *cobra.Command, r release, t lake.Table, column string, bins int) (*cli.Table, error) {
	if bins < 1 {
		return nil, cli.Usage("--bins %d: want at least 1", bins)
	}
	s, err := r.spreadOf(cmd.Context(), t, column)
	if errors.Is(err, parquetio.ErrCondition) {
		return nil, cli.Usage("%s: see segue inspect schema", err)
	}
	if err != nil {
		return nil, err
	}
	out := &cli.Table{Columns: []string{column, "count", "share", "bar"}}
	labels, counts := s.bins(bins)
	if s.nulls > 0 {
		labels, counts = append(labels, "(null)"), append(counts, s.nulls)
	}
	all, most := int64(0), int64(0)
	for _, c := range counts {
		all += c
		most = max(most, c)
	}
	for i, c := range counts {
		bar := strings.Repeat("█", int(math.Round(barWidth*float64(c)/float64(max(most, 1)))))
		out.Add(labels[i], c, float64(c)/float64(max(all, 1)), bar)
	}
	return out, nil
}

func addValues(ctx context.Context, r release, ref lake.FileRef, column string, s *spread) error {
	f, err := parquetio.OpenFile(ctx, r.lake, ref.Key)
	if err != nil {
		return err
	}
	defer f.Close()
	s.times = slices.ContainsFunc(f.Columns, func(c parquetio.Column) bool { return c.Name == column && strings.Contains(c.Type, "TIMESTAMP") })
	return f.Values(ctx, column, s.add)
}

func (s *spread) bins(n int) (labels []string, counts []int64) {
	if len(s.numbers) == 0 {
		return s.mostFrequent()
	}
	numbers := slices.DeleteFunc(s.numbers, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
	if odd := int64(len(s.numbers) - len(numbers)); odd > 0 {
		labels, counts = append(labels, "(not finite)"), append(counts, odd)
	}
	if len(numbers) == 0 {
		return labels, counts
	}
	lo, hi := slices.Min(numbers), slices.Max(numbers)
	if lo == hi {
		n = 1
	}
	steps := make([]int64, n)
	for _, v := range numbers {
		steps[min(int(float64(n)*((v-lo)/max(hi-lo, math.SmallestNonzeroFloat64))), n-1)]++
	}
	for i, c := range steps {
		labels = append(labels, s.step(lo+(hi-lo)*float64(i)/float64(n), lo+(hi-lo)*float64(i+1)/float64(n)))
		counts = append(counts, c)
	}
	return labels, counts
}

func (s *spread) step(from, to float64) string {
	if s.times {
		return fmt.Sprintf("%s … %s", s.show(from), s.show(to))
	}
	return fmt.Sprintf("%.6g … %.6g", from, to)
}

func (s *spread) mostFrequent() (labels []string, counts []int64) {
	keys := slices.SortedFunc(maps.Keys(s.texts), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.texts[b], s.texts[a]), cmp.Compare(a, b))
	})
	others := int64(0)
	for i, k := range keys {
		if i < topValues {
			labels, counts = append(labels, k), append(counts, s.texts[k])
		} else {
			others += s.texts[k]
		}
	}
	if others > 0 {
		labels, counts = append(labels, fmt.Sprintf("(%d others)", len(keys)-topValues)), append(counts, others)
	}
	return labels, counts
}
