package persona

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// planted returns n rows around k centres; row i belongs to group i mod k.
func planted(seed uint64, n, k, dim int, noise float64) (rows []float32, groups []int32) {
	r := rand.New(rand.NewPCG(seed, 7))
	centres := make([]float64, k*dim)
	for i := range centres {
		centres[i] = r.NormFloat64()
	}
	for i := range n {
		groups = append(groups, int32(i%k))
		for d := range dim {
			rows = append(rows, float32(centres[i%k*dim+d]+noise*r.NormFloat64()))
		}
	}
	return rows, groups
}

func nobody(n int) []int32 { return slices.Repeat([]int32{None}, n) }

func fit(t *testing.T, rows []float32, dim int, last []int32, p Params) Model {
	t.Helper()
	m, err := Fit(rows, dim, last, p)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var params = Params{Min: 3, Max: 9, Seed: 1}

// Planted personas are found: the groups with an adjusted Rand index of .95 at least, and so their number within one.
func TestFitFindsPlanted(t *testing.T) {
	for seed := range uint64(4) {
		for _, k := range []int{3, 5, 8} {
			rows, groups := planted(seed, 1200, k, 12, 0.35)
			m := fit(t, rows, 12, nobody(1200), params)
			if a := Agreement(m.Assign, groups); len(m.IDs) < k-1 || len(m.IDs) > k+1 || a < 0.95 || m.Stability < 0.9 || !m.Refitted {
				t.Errorf("seed %d: %d personas of %d planted, agreement %.3f, stability %.3f", seed, len(m.IDs), k, a, m.Stability)
			}
		}
	}
}

// On a second night with other rows in a turned space, personas keep their numbers with their listeners; new listeners join.
func TestNumbersStay(t *testing.T) {
	rows, _ := planted(1, 1000, 5, 10, 0.3)
	first := fit(t, rows, 10, nobody(1000), params)
	last := make([]int32, 1000)
	for i, of := range first.Assign {
		if last[i] = first.IDs[of]; i%10 == 0 {
			last[i] = None // a newcomer
		}
	}
	second, _ := planted(99, 1000, 5, 10, 0.3) // the same groups around other centres
	m := fit(t, second, 10, last, params)
	moved := 0
	for i, of := range m.Assign {
		if m.IDs[of] != first.IDs[first.Assign[i]] {
			moved++
		}
	}
	if moved > 20 || m.Refitted {
		t.Errorf("%d of 1000 listeners changed their persona, refitted %v", moved, m.Refitted)
	}
}

// When the number of personas no longer fits, they are cut anew: what remains of an old one keeps its number, new ones get
// numbers never used before.
func TestRefit(t *testing.T) {
	rows, groups := planted(2, 1200, 6, 10, 0.2)
	last := make([]int32, len(groups))
	for i, g := range groups {
		last[i] = []int32{4, 4, 4, 7, 7, 7}[g] // two old personas, fewer than there may be
	}
	m := fit(t, rows, 10, last, params)
	ids := slices.Sorted(slices.Values(m.IDs))
	if want := []int32{4, 7, 8, 9, 10, 11}; !m.Refitted || !slices.Equal(ids, want) {
		t.Errorf("personas %v, refitted %v, want %v", ids, m.Refitted, want)
	}
}

// Too few rows have no personas; equal rows do not panic; bad parameters are named.
func TestFitOfLittle(t *testing.T) {
	if m := fit(t, make([]float32, 10), 2, nobody(5), params); len(m.IDs) != 0 || m.Near([]float32{1, 2}) != None {
		t.Errorf("five rows make %+v", m)
	}
	if m := fit(t, nil, 0, nil, params); len(m.IDs) != 0 {
		t.Errorf("nothing makes %+v", m)
	}
	if m := fit(t, make([]float32, 200), 2, nobody(100), params); len(m.Assign) != 100 {
		t.Errorf("equal rows make %+v", m)
	}
}

// The index by hand: {0,0,1,1} and {0,0,1,2} share 1 pair; 2 and 1 of 6: expected 1/3, (1 − 1/3)/(3/2 − 1/3) = 4/7. Names do not matter.
func TestAgreement(t *testing.T) {
	a := []int32{0, 0, 1, 1}
	if got := Agreement(a, []int32{0, 0, 1, 2}); math.Abs(got-4.0/7) > 1e-12 {
		t.Errorf("got %g, want 4/7", got)
	}
	if got := Agreement(a, []int32{5, 5, 3, 3}); got != 1 {
		t.Errorf("other names: %g", got)
	}
	if got := Agreement([]int32{0, 0}, []int32{1, 1}); got != 1 {
		t.Errorf("nothing cut: %g", got)
	}
	r, sum := rand.New(rand.NewPCG(6, 6)), 0.0
	for range 200 {
		x, y := make([]int32, 100), make([]int32, 100)
		for i := range x {
			x[i], y[i] = r.Int32N(4), r.Int32N(4)
		}
		sum += Agreement(x, y) / 200
	}
	if math.Abs(sum) > 0.01 {
		t.Errorf("chance agrees by %g", sum)
	}
}

// Signals lead to the persona whose listeners have them; a rare one of a small persona does not; unknown ones say nothing.
func TestSignals(t *testing.T) {
	s := NewSignals(3)
	for i := range 300 {
		s.Add(0, []string{"country=SE", []string{"genre=rock", "genre=pop"}[i%2]})
		s.Add(1, []string{"country=BR", []string{"genre=samba", "genre=pop"}[i%2]})
	}
	for want, signals := range map[int32][]string{0: {"country=SE"}, 1: {"country=SE", "genre=samba", "genre=samba2", "country=BR"}, None: {"country=XX"}} {
		if got := s.Guess(signals); got != want {
			t.Errorf("%v: persona %d, want %d", signals, got, want)
		}
	}
	if NewSignals(2).Guess([]string{"a"}) != None || NewSignals(0).Guess(nil) != None {
		t.Error("a persona from nobody")
	}
	if !reflect.DeepEqual(s.Members, []int64{300, 300, 0}) {
		t.Errorf("members %v", s.Members)
	}
}
