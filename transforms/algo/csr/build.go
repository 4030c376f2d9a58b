package csr

import (
	"cmp"
	"slices"
)

// Playlists is the playlist × song matrix both ways, over the songs of at least one playlist.
type Playlists struct {
	Columns []int32 // song of each column: by playlists falling, then song ascending; so songs of n ≥ k are a prefix
	Rows    Matrix  // playlists × columns
	Cols    Matrix  // columns × playlists
}

// Counts returns n, the number of playlists of each column.
func (p *Playlists) Counts() []int32 { return Counts(p.Cols) }

// Counts returns the number of items of each row.
func Counts(m Matrix) []int32 {
	n := make([]int32, m.Rows())
	for c := range n {
		n[c] = int32(m.Start[c+1] - m.Start[c])
	}
	return n
}

// AtLeast returns how many of the counts, which fall, are at least n.
func AtLeast(counts []int32, n int) int {
	at, _ := slices.BinarySearchFunc(counts, n, func(c int32, n int) int {
		if int(c) >= n {
			return -1
		}
		return 1
	})
	return at
}

// Build returns the matrices of lists of songs in [0, songs), each list a matrix with one row a playlist.
// A song counts once a playlist; playlists without songs are left out; rows keep the order of the lists.
// Cost: O(songs·log songs + entries·log length).
func Build(lists []Matrix, songs int) *Playlists {
	lists = distinct(lists)
	columns, column := order(lists, songs)
	var entries, rows int
	for _, l := range lists {
		entries += len(l.Items)
		rows += l.Rows()
	}
	m := Matrix{make([]int64, 1, rows+1), make([]int32, 0, entries)}
	for _, l := range lists {
		for r := range l.Rows() {
			from := len(m.Items)
			for _, s := range l.Row(r) {
				m.Items = append(m.Items, column[s])
			}
			if len(m.Items) > from {
				slices.Sort(m.Items[from:])
				m.Start = append(m.Start, int64(len(m.Items)))
			}
		}
	}
	return &Playlists{columns, m, Transpose(m, len(columns))}
}

// FromLists returns lists as one matrix, entries as given.
func FromLists(lists [][]int32) Matrix {
	m := Matrix{Start: make([]int64, 1, len(lists)+1)}
	for _, l := range lists {
		m.Items = append(m.Items, l...)
		m.Start = append(m.Start, int64(len(m.Items)))
	}
	return m
}

// distinct returns the lists with each song once a row, ascending.
func distinct(lists []Matrix) []Matrix {
	out := make([]Matrix, len(lists))
	for i, l := range lists {
		d := Matrix{make([]int64, 1, l.Rows()+1), make([]int32, 0, len(l.Items))}
		for r := range l.Rows() {
			from := len(d.Items)
			d.Items = append(d.Items, l.Row(r)...)
			slices.Sort(d.Items[from:])
			d.Items = d.Items[:from+len(slices.Compact(d.Items[from:]))]
			d.Start = append(d.Start, int64(len(d.Items)))
		}
		out[i] = d
	}
	return out
}

// order returns the songs in column order and the column of each song.
func order(lists []Matrix, songs int) (columns, column []int32) {
	n := make([]int32, songs)
	for _, l := range lists {
		for _, s := range l.Items {
			n[s]++
		}
	}
	for s, c := range n {
		if c > 0 {
			columns = append(columns, int32(s))
		}
	}
	slices.SortFunc(columns, func(a, b int32) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	column = make([]int32, songs)
	for c, s := range columns {
		column[s] = int32(c)
	}
	return columns, column
}
