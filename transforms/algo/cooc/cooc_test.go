package cooc

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/topk"
)

func build(lists [][]int32, songs int) *csr.Playlists {
	return csr.Build([]csr.Matrix{csr.FromLists(lists)}, songs)
}

// Playlists {0,1,2} and {0,1}: C[0,1] = 3^-.5 + 2^-.5, but song 2 is in one playlist, so L is 2 twice: C = 2·2^-.5 = 1.41421;
// n = 2 and 2: score = 1.41421 / (2^.5 · 2^.3) = 2^-.3.
func TestListByHand(t *testing.T) {
	m := build([][]int32{{0, 1, 2}, {0, 1}}, 3)
	r := NewRows(NewModel(m.Rows, m.Counts(), Default(), 1), m.Cols, m.Columns, Default())
	got := r.List(0)
	if len(got) != 1 || got[0].ID != 1 || math.Abs(float64(got[0].Score)-math.Pow(2, -.3)) > 1e-6 {
		t.Errorf("list %v, want song 1 at %v", got, math.Pow(2, -.3))
	}
	if got := r.List(2); got != nil {
		t.Errorf("a song of one playlist has list %v", got)
	}
}

// oracle scores a pair by scanning every playlist.
func oracle(lists [][]int32, i, j int32, p Params) float64 {
	n := map[int32]int{}
	for _, l := range lists {
		for _, s := range l {
			n[s]++
		}
	}
	var c float64
	for _, l := range lists {
		length := 0
		for _, s := range l {
			if n[s] >= p.MinCount {
				length++
			}
		}
		if slices.Contains(l, i) && slices.Contains(l, j) {
			c += math.Pow(float64(length), -p.LengthExponent)
		}
	}
	return c / (math.Pow(float64(n[i]), .5) * math.Pow(float64(n[j]), p.Beta))
}

// randomLists returns playlists of distinct songs.
func randomLists(seed uint64, songs, lists, length int) [][]int32 {
	r := rand.New(rand.NewPCG(seed, 1))
	all := make([][]int32, lists)
	for i := range all {
		for _, s := range r.Perm(songs)[:1+r.IntN(length)] {
			all[i] = append(all[i], int32(s))
		}
	}
	return all
}

// Every list equals scoring all pairs by the definition, sorted and cut.
func TestListAgainstPairs(t *testing.T) {
	const songs = 40
	for seed := range uint64(5) {
		lists := randomLists(seed, songs, 60, 9)
		m := build(lists, songs)
		p := Default()
		p.Depth = 15
		rows := NewRows(NewModel(m.Rows, m.Counts(), p, seed), m.Cols, m.Columns, p)
		vocabulary := csr.AtLeast(m.Counts(), p.MinCount)
		for c := range vocabulary {
			var want []topk.Entry
			for j := range vocabulary {
				if s := oracle(lists, m.Columns[c], m.Columns[j], p); j != c && s > 0 {
					want = append(want, topk.Entry{ID: m.Columns[j], Score: float32(s)})
				}
			}
			slices.SortFunc(want, topk.Compare)
			got := rows.List(c)
			if len(got) != min(p.Depth, len(want)) {
				t.Fatalf("seed %d: song %d has %d neighbours, want %d", seed, c, len(got), len(want))
			}
			for k, e := range got {
				exact := oracle(lists, m.Columns[c], e.ID, p)
				if math.Abs(float64(e.Score-want[k].Score)) > 1e-5 || math.Abs(float64(e.Score)-exact) > 1e-5 {
					t.Errorf("seed %d: song %d rank %d: %v, want %v", seed, c, k, e, want[k])
				}
			}
		}
	}
}

// Over many samples of one long playlist the mean score of a pair is the score without a cap: each pair is in a sample with
// rate k(k-1)/(L(L-1)), slightly under the rate² it is scaled by; the mean of 400 lies within 4 standard errors of that.
func TestCapKeepsTheExpectation(t *testing.T) {
	const length, k, draws = 40, 10, 400
	long := make([]int32, length)
	for i := range long {
		long[i] = int32(i)
	}
	m := build([][]int32{long, long}, length)
	p := Default()
	exact := 2 * math.Pow(length, -.5) / (math.Pow(2, .5) * math.Pow(2, .3))
	p.Cap = k
	rate := float64(k) / length
	in := float64(k*(k-1)) / (length * (length - 1))
	var sum float64
	for seed := range uint64(draws) {
		rows := NewRows(NewModel(m.Rows, m.Counts(), p, seed), m.Cols, m.Columns, p)
		for _, e := range rows.List(3) {
			if e.ID == 7 {
				sum += float64(e.Score)
			}
		}
	}
	want := exact * in / (rate * rate)
	one := exact / 2 / (rate * rate) // what one of the two playlists adds when it has the pair
	if bound := 4 * one * math.Sqrt(2*in*(1-in)/draws); math.Abs(sum/draws-want) > bound {
		t.Errorf("mean score %v, want %v ± %v", sum/draws, want, bound)
	}
}

// plain computes a list by its definition, in the order the package states: playlists ascending, all scores sorted.
func plain(m Model, songs []int32, col int, p Params) (all []topk.Entry) {
	sum := make([]float32, len(m.Right))
	for r := range m.Rows.Rows() {
		if row := m.Rows.Row(r); slices.Contains(row, int32(col)) {
			for _, j := range row {
				sum[j] += m.Weight[r]
			}
		}
	}
	for j, c := range sum {
		if c > 0 && j != col {
			all = append(all, topk.Entry{ID: songs[j], Score: float32(c*m.Left[col]) * m.Right[j]})
		}
	}
	slices.SortFunc(all, topk.Compare)
	return all[:min(p.Depth, len(all))]
}

// misleading returns playlists of which song 0 has 999 neighbours: the 20 best are all in the sample that the last score of its list is guessed from,
// so that fewer than a list's length reach the guess.
func misleading() [][]int32 {
	var all, best, others []int32
	for i := range int32(1000) {
		switch all = append(all, i); {
		case i == 0 || len(best) <= 20 && i == int32(len(best)*1000/guessSample):
			best = append(best, i)
		default:
			others = append(others, i)
		}
	}
	return [][]int32{all, best, best, best, others, others, others}
}

// Every list equals the plain one bit for bit: with playlists above the cap, more songs than the selection holds, identical
// playlists (all ties), one song, one playlist, none, a last score guessed too high; and with memory used before, by smaller and larger matrices.
func TestListEqualsPlain(t *testing.T) {
	one := randomLists(1, 10000, 1, 10000)[0]
	for name, c := range map[string]struct {
		lists [][]int32
		songs int
		cap   int
	}{
		"random": {randomLists(7, 300, 400, 40), 300, 300}, "capped": {randomLists(8, 300, 400, 60), 300, 20},
		"many": {randomLists(9, 3000, 200, 900), 3000, 2000}, "identical": {slices.Repeat([][]int32{{0, 1, 2, 3, 4, 5, 6}}, 30), 7, 4},
		"one song": {[][]int32{{0}, {0}}, 1, 300}, "one playlist": {[][]int32{{0, 1}}, 2, 300}, "none": {nil, 3, 300},
		"long":       {[][]int32{one, one[:3], {1, 2, 3}}, 10000, 300},
		"misleading": {misleading(), 1000, 2000},
	} {
		m := build(c.lists, c.songs)
		p := Default()
		p.Cap, p.Depth = c.cap, 30
		model := NewModel(m.Rows, m.Counts(), p, 3)
		for round := range 2 {
			rows := NewRows(model, m.Cols, m.Columns, p)
			for col := 0; col < len(m.Columns); col += 1 + len(m.Columns)/300 {
				var want []topk.Entry
				if col < len(model.Right) {
					want = plain(model, m.Columns, col, p)
				}
				if got := rows.List(col); !slices.Equal(got, want) {
					t.Fatalf("%s, round %d: column %d has %v, want %v", name, round, col, got, want)
				}
			}
			rows.Close()
		}
	}
}
