package scoring

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// around returns vectors around k directions, row i around the direction i mod k, and songs by those directions.
func around(r *rand.Rand, n, k, dim int, noise float32) ([]float32, Inverted) {
	x := Inverted{Centres: randomUnits(r, k, dim), Start: []int64{0}}
	rows := randomUnits(r, n, dim)
	for i := range rows {
		rows[i] = x.Centres[i/dim%k*dim+i%dim] + noise*rows[i]
	}
	for c := range k {
		for i := c; i < n; i += k {
			x.Songs = append(x.Songs, int32(i))
		}
		x.Start = append(x.Start, int64(len(x.Songs)))
	}
	return rows, x
}

// found returns the candidates that near finds for a listener of some vectors, and the songs nearest to each by full search.
func found(m *Model, l *Listener, songs int) (got, want []int32) {
	s := m.NewScratch()
	s.begin(m, l)
	m.near(l, s, songs, true)
	for _, c := range s.candidates {
		got = append(got, c.Song)
	}
	s.release()
	dim := m.Vectors.Dim
	for own := l.Vectors; len(own) > 0; own = own[dim:] {
		dot := make([]float32, len(m.LogCount))
		var all []int32
		for j := range dot {
			for d := range dim {
				dot[j] += own[d] * m.Vectors.Data[j*dim+d]
			}
			if _, known := slices.BinarySearch(l.Known, int32(j)); !known && s.open[m.Catalogue.Market[j]] {
				all = append(all, int32(j))
			}
		}
		slices.SortFunc(all, func(a, b int32) int { return cmp.Compare(dot[b], dot[a]) })
		want = append(want, all[:songs*dim/len(l.Vectors)]...)
	}
	slices.Sort(want)
	slices.Sort(got)
	return got, slices.Compact(want)
}

// Of the songs nearest to a listener's vectors by full search 9 in 10 are found in the songs of the nearest centres, those alone that the
// listener may be given, and as many; 19 in 20 when all are looked at: the rest is rounding.
func TestNearAgainstFullSearch(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 11))
		const songs, dim, sought = 4000, 32, 60
		m := world(seed, songs)
		m.Vectors.Dim = dim
		m.Vectors.Data, m.Inverted = around(r, songs, 50, dim, 0.5)
		l := &Listener{Region: "US", Vectors: m.Vectors.Data[:3*dim], Known: m.Catalogue.Known([]int32{0, 1, 2})}
		few, want := found(m, l, sought)
		if n := common(few, want); n < 9*len(want)/10 || len(few) != len(want) {
			t.Errorf("seed %d: %d of %d songs, %d of them among the nearest", seed, len(few), len(want), n)
		}
		m.Inverted = Inverted{Centres: m.Vectors.Data[:dim], Start: []int64{0, songs}, Songs: m.Popular}
		all, want := found(m, l, sought)
		if n := common(all, want); n < 19*len(want)/20 {
			t.Errorf("seed %d: %d songs, %d of %d among the nearest though all are looked at", seed, len(all), n, len(want))
		}
	}
}

func common(a, b []int32) (n int) {
	for _, j := range a {
		if _, ok := slices.BinarySearch(b, j); ok {
			n++
		}
	}
	return n
}

// A listener whose favourites have no neighbours gets a personal list, of songs near their vectors; the rows say so.
func TestNearWithoutNeighbours(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 12))
	m := world(1, 400)
	m.Lists, m.Vectors.Dim = Lists{}, 16
	m.Vectors.Data, m.Inverted = around(r, 400, 8, 16, 0.3)
	l := &Listener{Plays: 1000, Favourites: []Favourite{{0, 1}, {8, 1}}, Known: m.Catalogue.Known([]int32{0, 8}), Vectors: m.Vectors.Data[:16]}
	m = m.Calibrated(Calibration{1, 1, 1})
	list := m.Make(l, m.NewScratch())[0]
	if list.Tier() != Personal || list.Reason != ReasonNoNeighbours {
		t.Errorf("tier %d, reason %s", list.Tier(), list.Reason)
	}
	for _, r := range list.Rows {
		if r.Sources&FromVectors != 0 && r.Song%8 != 0 {
			t.Errorf("row %+v is not of the listener's direction", r)
		}
	}
	m.Inverted = Inverted{}
	m.packed = packed{}
	if list := m.Make(l, m.NewScratch())[0]; list.Tier() == Personal {
		t.Errorf("without songs by nearness: %+v", list.Rows[0])
	}
}
