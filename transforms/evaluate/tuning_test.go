package evaluate

import (
	"math"
	"slices"
	"testing"
)

// A recipe measured alone has the nDCG that Protocol gives it on the same split, and coverage and tail recall of its lists.
func TestTuningAgreesWithProtocol(t *testing.T) {
	p := DefaultProtocol()
	p.Salts = p.Salts[:1]
	r, err := ProtocolWith(planted(600), nil, p, stored)
	if err != nil {
		t.Fatal(err)
	}
	tuning, err := NewTuning(planted(600), nil, p.Salts[0], p.TestShare)
	if err != nil {
		t.Fatal(err)
	}
	o, err := tuning.Measure(stored)
	if err != nil {
		t.Fatal(err)
	}
	if want := r.values.of(MetricNDCG, MethodPublished); !slices.EqualFunc(o.NDCG, want, func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }) {
		t.Error("nDCG differs from that of the protocol")
	}
	if tuning.Cases() != r.Cases || !(o.Coverage > .5 && o.Coverage <= 1) || !(o.Tail > 0 && o.Tail < 1) {
		t.Errorf("%d cases, coverage %g, tail %g", tuning.Cases(), o.Coverage, o.Tail)
	}
	nothing, err := tuning.Measure(func([][]int32, int, []int32) (Trained, error) {
		return Trained{Neighbours: func(int32) ([]int32, []float32) { return nil, nil }}, nil
	})
	if err != nil || !(nothing.Coverage < 1) {
		t.Errorf("without lists: %+v, %v", nothing.Coverage, err)
	}
	var entries, tail float64
	for s, n := range tuning.n {
		if entries += n; tuning.part[s] == tailPart {
			tail += n
		}
	}
	if share := tail / entries; share < .25 || share > .34 {
		t.Errorf("the tail has %g of the entries, want a third", share)
	}
}

// Playlists too few for a case are an error, not a panic.
func TestTuningWithoutCases(t *testing.T) {
	if _, err := NewTuning(planted(3), nil, "x", .1); err == nil {
		t.Error("no error")
	}
}
