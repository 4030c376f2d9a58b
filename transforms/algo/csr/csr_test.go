package csr

import (
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"
)

// dense returns the entries of m as booleans.
func dense(m Matrix, cols int) [][]bool {
	out := make([][]bool, m.Rows())
	for r := range out {
		out[r] = make([]bool, cols)
		for _, c := range m.Row(r) {
			out[r][c] = true
		}
	}
	return out
}

// Three playlists: song 2 is in all three, song 0 in two, song 4 in one; songs 1 and 3 in none; the empty one goes.
func TestBuildByHand(t *testing.T) {
	p := Build([]Matrix{FromLists([][]int32{{2, 0, 2}, {}}), FromLists([][]int32{{4, 2}, {0, 2}})}, 5)
	if want := []int32{2, 0, 4}; !slices.Equal(p.Columns, want) {
		t.Errorf("columns %v, want %v", p.Columns, want)
	}
	if want := []int32{0, 1, 0, 2, 0, 1}; !slices.Equal(p.Rows.Items, want) {
		t.Errorf("items %v, want %v", p.Rows.Items, want)
	}
	if want := []int32{3, 2, 1}; !slices.Equal(p.Counts(), want) {
		t.Errorf("counts %v, want %v", p.Counts(), want)
	}
	for n, want := range []int{3, 3, 2, 1, 0} {
		if got := AtLeast(p.Counts(), n); got != want {
			t.Errorf("%d columns of at least %d, want %d", got, n, want)
		}
	}
	if got := p.Rows.Prefix(1, 2); !slices.Equal(got, []int32{0}) {
		t.Errorf("prefix %v", got)
	}
}

// Rows, columns and the lists agree entry by entry; cutting the lists differently changes nothing.
func TestBuildAgainstDense(t *testing.T) {
	const seed, songs = 3, 30
	r := rand.New(rand.NewPCG(seed, 1))
	lists := make([][]int32, 50)
	for i := range lists {
		for range r.IntN(12) {
			lists[i] = append(lists[i], int32(r.IntN(songs)))
		}
	}
	p := Build([]Matrix{FromLists(lists)}, songs)
	rows, cols := dense(p.Rows, len(p.Columns)), dense(p.Cols, p.Rows.Rows())
	at := 0
	for _, l := range lists {
		if len(l) == 0 {
			continue
		}
		for c, s := range p.Columns {
			if want := slices.Contains(l, s); rows[at][c] != want || cols[c][at] != want {
				t.Fatalf("seed %d: playlist %d song %d: %v and %v, want %v", seed, at, s, rows[at][c], cols[c][at], want)
			}
		}
		at++
	}
	if at != p.Rows.Rows() {
		t.Errorf("%d rows, want %d", p.Rows.Rows(), at)
	}
	q := Build([]Matrix{FromLists(lists[:7]), FromLists(nil), FromLists(lists[7:])}, songs)
	if !slices.Equal(p.Rows.Items, q.Rows.Items) || !slices.Equal(p.Cols.Items, q.Cols.Items) || !slices.Equal(p.Cols.Start, q.Cols.Start) {
		t.Error("cutting the lists changed the matrix")
	}
}

// No playlists make a matrix without rows and columns.
func TestBuildEmpty(t *testing.T) {
	p := Build(nil, 3)
	if p.Rows.Rows() != 0 || p.Cols.Rows() != 0 || len(p.Columns) != 0 || len(p.Rows.Start) != 1 || len(p.Cols.Start) != 1 {
		t.Errorf("%+v", p)
	}
}

// Any number of cores, and so of chunks, builds the same matrix, repeated and empty entries included.
func TestBuildOnAnyCores(t *testing.T) {
	const seed, songs = 11, 20
	r := rand.New(rand.NewPCG(seed, 1))
	var parts []Matrix
	for range 9 {
		lists := make([][]int32, r.IntN(60))
		for i := range lists {
			for range r.IntN(9) * r.IntN(9) {
				lists[i] = append(lists[i], int32(r.IntN(songs)))
			}
		}
		parts = append(parts, FromLists(lists))
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := Build(parts, songs)
	for cores := 2; cores <= 9; cores++ {
		runtime.GOMAXPROCS(cores)
		got := Build(parts, songs)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: %d cores build another matrix", seed, cores)
		}
		if back := Transpose(got.Cols, got.Rows.Rows()); !reflect.DeepEqual(back, got.Rows) {
			t.Fatalf("seed %d: transposed twice on %d cores it is another matrix", seed, cores)
		}
	}
}
