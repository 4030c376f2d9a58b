package topk

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Keys order entries as Compare does, and give them back; -0 is 0.
func TestKeysOrderAsEntries(t *testing.T) {
	scores := []float32{float32(math.Inf(-1)), -math.MaxFloat32, -1, -math.SmallestNonzeroFloat32, 0, math.SmallestNonzeroFloat32, .5, 1, float32(math.Inf(1))}
	var all []Entry
	for _, s := range scores {
		for _, id := range []int32{0, 1, 7, math.MaxInt32} {
			all = append(all, Entry{id, s})
		}
	}
	for _, a := range all {
		if NewKey(a.ID, a.Score).Entry() != a {
			t.Errorf("%v became %v", a, NewKey(a.ID, a.Score).Entry())
		}
		for _, b := range all {
			if (Compare(a, b) < 0) != (NewKey(a.ID, a.Score) > NewKey(b.ID, b.Score)) {
				t.Errorf("%v and %v in another order", a, b)
			}
		}
	}
	if NewKey(3, float32(math.Copysign(0, -1))) != NewKey(3, 0) {
		t.Error("-0 is not 0")
	}
}

// Select leaves the largest in front, for any number of them, with many close keys.
func TestSelectAgainstSort(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := r.IntN(600)
		keys := make([]Key, n)
		for i := range keys {
			keys[i] = NewKey(int32(i), float32(r.IntN(1+r.IntN(50))))
		}
		r.Shuffle(n, func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		k := r.IntN(n + 2)
		want := slices.Clone(keys)
		Sort(want)
		least := Select(keys, k)
		m := min(k, n)
		if m > 0 && least != want[m-1] {
			t.Fatalf("seed %d: the least of the %d largest of %d is %v, want %v", seed, k, n, least, want[m-1])
		}
		Sort(keys[:m])
		if !slices.Equal(keys[:m], want[:m]) {
			t.Fatalf("seed %d: the %d largest of %d are %v, want %v", seed, k, n, keys[:m], want[:m])
		}
	}
}

func BenchmarkSelect(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	from, keys := make([]Key, 150), make([]Key, 150)
	for i := range from {
		from[i] = NewKey(int32(i), r.Float32())
	}
	b.ReportAllocs()
	for b.Loop() {
		copy(keys, from)
		Select(keys, 100)
	}
	b.ReportMetric(float64(len(keys))*float64(b.N)/b.Elapsed().Seconds(), "keys/s")
}
