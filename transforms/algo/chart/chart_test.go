package chart

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// Best equals sorting everything and cutting, in any order of adding.
func TestBestEqualsSort(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		values := make([]int, r.IntN(60))
		for i := range values {
			values[i] = r.IntN(40)
		}
		k := r.IntN(20)
		best := NewBest(k, cmp.Compare[int])
		for _, v := range values {
			best.Add(v)
		}
		slices.Sort(values)
		if want := values[:min(k, len(values))]; !slices.Equal(best.Sorted(), want) {
			t.Fatalf("seed %d, k %d: got %v, want %v", seed, k, best.Sorted(), want)
		}
	}
}

// Windows of one length tile time: an age lies in the window, in the one before, or in neither.
func TestWindow(t *testing.T) {
	for _, c := range []struct {
		days   Window
		age    int
		in, be bool
	}{
		{1, 0, true, false},
		{1, 1, false, true},
		{1, 2, false, false},
		{7, 6, true, false},
		{7, 7, false, true},
		{7, 13, false, true},
		{7, 14, false, false},
		{0, 0, true, false},
		{0, 9999, true, false},
		{7, -1, false, false},
		{0, -1, false, false},
	} {
		if c.days.Holds(c.age) != c.in || c.days.HoldsBefore(c.age) != c.be {
			t.Errorf("window %d, age %d: %v %v", c.days, c.age, c.days.Holds(c.age), c.days.HoldsBefore(c.age))
		}
	}
}

// 3 after 2 is half more; anything after nothing has no growth.
func TestGrowth(t *testing.T) {
	if g := Growth(3, 2); g == nil || *g != 0.5 {
		t.Errorf("growth %v, want 0.5", g)
	}
	if g := Growth(0, 2); g == nil || *g != -1 {
		t.Errorf("growth %v, want -1", g)
	}
	if Growth(3, 0) != nil {
		t.Error("growth over nothing")
	}
}
