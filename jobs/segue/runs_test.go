package main

import (
	"testing"

	"segue/transforms/io/lake"
)

// The listing says how good a run is, with bounds where there are some, and what the gate found: the worst first.
func TestRunWords(t *testing.T) {
	low, high := .31, .352
	m := lake.Manifest{Run: "2026-01-05.1", Quality: []lake.Quality{{Name: "mrr/published", Value: .9}, {Name: "ndcg@100/published", Value: .33}}}
	if got := qualityWords(m); got != "0.3300" {
		t.Errorf("quality without bounds: %v", got)
	}
	m.Quality[1].Low, m.Quality[1].High = &low, &high
	if got := qualityWords(m); got != "0.3300 [0.3100, 0.3520]" {
		t.Errorf("quality: %v", got)
	}
	if got := qualityWords(lake.Manifest{}); got != nil {
		t.Errorf("quality of an unfinished run: %v", got)
	}
	ok := map[string]int64{"gate/ok": 40}
	warned := map[string]int64{"gate/ok": 40, "gate/warn": 2}
	for _, c := range []struct {
		m        lake.Manifest
		counters map[string]int64
		want     any
	}{
		{m, ok, "ok"},
		{m, warned, "2 warn"},
		{lake.Manifest{Run: "2026-01-05.1", Failed: []string{"rows", "quality"}}, warned, "failed: rows, quality"},
		{lake.Manifest{}, map[string]int64{"gate/ok": 3, "gate/fail": 1}, "1 failed"},
		{lake.Manifest{}, nil, nil},
	} {
		if got := gateWords(c.m, c.counters); got != c.want {
			t.Errorf("gate is %v, want %v", got, c.want)
		}
	}
}
