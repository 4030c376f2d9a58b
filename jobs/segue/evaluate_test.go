package main

import (
	"errors"
	"strings"
	"testing"

	"segue/jobs/cli"
	"segue/schemas"
	"segue/transforms/io/lake"
)

// A night that measured nothing says so; only where there are rows can a metric be the wrong one.
func TestEvaluateWithoutRows(t *testing.T) {
	for _, rows := range [][]schemas.Evaluation{nil, {{Metric: "mrr", Stratum: "all", Method: "published"}}} {
		dir := t.TempDir()
		s, err := lake.Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		m := lake.Manifest{Run: "2026-01-05.1", Date: "2026-01-05", Attempt: 1}
		m.Tables = []lake.Table{published(t, s, m.Run, schemas.TableEvaluation, rows)}
		if err := lake.Publish(t.Context(), s, m); err != nil {
			t.Fatal(err)
		}
		_, err = segue(t, "evaluate", "--metric", "ndcg", "--lake", dir)
		if err == nil || strings.Contains(err.Error(), "nothing measured") != (len(rows) == 0) || errors.Is(err, cli.ErrUsage) != (len(rows) > 0) {
			t.Errorf("%d rows: %v", len(rows), err)
		}
	}
}
