package sgns

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"testing"

	"segue/transforms/algo/csr"
)

func small() Params {
	p := Default()
	p.Dim, p.Epochs = 32, 10
	return p
}

func mustTrain(t *testing.T, in Input, p Params) *Model {
	t.Helper()
	m, err := Train(t.Context(), in, p)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Both modes explain the playlists better than no training, and the best songs by in·out are of the planted cluster.
func TestLearnsClusters(t *testing.T) {
	const seed = 3
	in, truth := planted(600, 3000, seed)
	asked := []int{0, 7, 40, 99, 150, 222, 301}
	for _, racing := range []bool{false, true} {
		if racing && raceEnabled {
			continue // a data race by design
		}
		in.Racing = racing
		p := small()
		untrained := p
		untrained.Epochs, untrained.Alpha = 1, 1e-9
		before, m := Loss(mustTrain(t, in, untrained), in, p), mustTrain(t, in, p)
		after := Loss(m, in, p)
		if want := float64(p.Negatives+1) * math.Ln2; math.Abs(before-want) > .01 {
			t.Errorf("seed %d: loss without training is %g, want %g", seed, before, want)
		}
		if after > .8*before {
			t.Errorf("seed %d, racing %v: loss fell from %g to %g only", seed, racing, before, after)
		}
		if got := purity(m, truth, asked); got < .7 {
			t.Errorf("seed %d, racing %v: %g of the ten best are of the cluster", seed, racing, got)
		}
	}
}

// The deterministic mode gives the same bytes on one core and on two, and other bytes for another seed.
func TestSameBytesOnAnyCores(t *testing.T) {
	in, _ := planted(400, 800, 5)
	p := small()
	p.Epochs = 2
	two := mustTrain(t, in, p)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := mustTrain(t, in, p)
	if !slices.Equal(one.In, two.In) || !slices.Equal(one.Out, two.Out) {
		t.Error("the vectors depend on the number of cores")
	}
	in.Seed++
	if other := mustTrain(t, in, p); slices.Equal(one.In, other.In) {
		t.Error("the vectors do not depend on the seed")
	}
}

// A step moves rows along the gradient as differences of the objective give it.
func TestStepFollowsGradient(t *testing.T) {
	in, _ := planted(200, 300, 9)
	p := small()
	p.Negatives = 3
	tr := newTraining(in, p)
	for i := range tr.out {
		tr.out[i] = float32(i%13)/40 - .15
	}
	s := newStep(tr, 4)
	contexts := []int32{1, 5, 9}
	copy(s.outs, []int32{2, 11, 12, 13})
	objective := func() float64 {
		var sum float64
		for _, c := range contexts {
			for j, o := range s.outs {
				var x float64
				for k := range tr.width {
					x += float64(tr.in[int(c)*tr.width+k]) * float64(tr.out[int(o)*tr.width+k])
				}
				if j > 0 {
					x = -x
				}
				sum -= math.Log1p(math.Exp(-x))
			}
		}
		return sum
	}
	slope := func(x *float32) float64 {
		const h = 1e-2
		old := *x
		*x = old + h
		up := objective()
		*x = old - h
		down := objective()
		*x = old
		return (up - down) / (2 * h)
	}
	const rate = .01
	type moved struct {
		at   *float32
		want float64
	}
	var all []moved
	for k := range p.Dim {
		for _, x := range []*float32{&tr.in[5*tr.width+k], &tr.out[2*tr.width+k], &tr.out[12*tr.width+k]} {
			all = append(all, moved{x, float64(*x) + rate*slope(x)})
		}
	}
	s.update(contexts, rate)
	for i, m := range all {
		if math.Abs(float64(*m.at)-m.want) > 1e-5 {
			t.Errorf("number %d is %g, want %g", i, *m.at, m.want)
		}
	}
}

// Poor input gives vectors that are finite, zero for songs of no playlist, and no panic.
func TestPoorInput(t *testing.T) {
	long := make([]int32, 10_000)
	for i := range long {
		long[i] = int32(i)
	}
	same := [][]int32{{0, 1, 2}, {0, 1, 2}, {0, 1, 2}}
	for name, lists := range map[string][][]int32{
		"none": nil, "one song": {{0}}, "one playlist": {{0, 1, 2, 3}}, "all the same": same, "a long one": {long}, "single songs": {{0}, {1}, {2}},
	} {
		m := csr.Build([]csr.Matrix{csr.FromLists(lists)}, len(long))
		in := Input{Playlists: m.Rows, Counts: append(m.Counts(), 0), Keys: make([]uint64, len(m.Columns)+1), Seed: 1}
		for i := range in.Keys {
			in.Keys[i] = newKey(1, int32(i))
		}
		p := small()
		p.Epochs = 1
		got := mustTrain(t, in, p)
		if len(got.In) != len(in.Keys)*p.Dim || len(got.Out) != len(got.In) {
			t.Fatalf("%s: %d numbers for %d songs", name, len(got.In), len(in.Keys))
		}
		for i, x := range append(got.In, got.Out...) {
			if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
				t.Fatalf("%s: number %d is %g", name, i, x)
			}
		}
		for _, x := range got.In[len(m.Columns)*p.Dim:] {
			if x != 0 {
				t.Errorf("%s: a song of no playlist has a vector", name)
				break
			}
		}
	}
}

// Parameters out of range and counts that do not fit are errors; an ended context ends the training.
func TestErrors(t *testing.T) {
	in, _ := planted(200, 300, 1)
	if _, err := Train(t.Context(), in, Params{Dim: 500, Window: -1}); err == nil {
		t.Error("trained with parameters out of range")
	}
	bad := in
	bad.Counts = bad.Counts[1:]
	if _, err := Train(t.Context(), bad, small()); err == nil {
		t.Error("trained with too few counts")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Train(ctx, in, small()); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}
