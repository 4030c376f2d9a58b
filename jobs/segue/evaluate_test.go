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

// A day that is none, a day nothing landed up to, and flags of the other kind of measuring are refused before anything is trained.
func TestEvaluateRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"evaluate", "--protocol", "--date", "foo"}, "\"foo\" is no day"},
		{[]string{"tune", "--date", "2026-13-01"}, "\"2026-13-01\" is no day"},
		{[]string{"evaluate", "--protocol", "--date", "2020-01-01"}, "no playlists up to 2020-01-01"},
		{[]string{"tune", "--date", "2020-01-01"}, "no playlists up to 2020-01-01"},
		{[]string{"evaluate", "--protocol"}, "no playlists to measure on"},
		{[]string{"evaluate", "--protocol", "--stratum", "all"}, "--stratum"},
		{[]string{"evaluate", "--protocol", "--metric", "zzz"}, "it has "},
		{[]string{"evaluate", "--date", "2026-01-05"}, "--date is for --protocol"},
	} {
		_, err := segue(t, append(c.args, "--lake", dir)...)
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, cli.ErrUsage) {
			t.Errorf("%v: %v, want a refusal with %s", c.args, err, c.want)
		}
	}
}
