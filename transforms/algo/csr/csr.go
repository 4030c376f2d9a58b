// Package csr builds sparse 0/1 matrices in compressed rows, and their transposes.
//
//	csr.go        Matrix, Prefix, Counts, FetchAfter
//	build.go      Build: playlists as lists of songs → rows, columns and both matrices
//	transpose.go  Transpose
//	csrtest       large matrices for benchmarks
//
// Work is cut into as many chunks as there are cores; the result does not depend on how many.
package csr

import (
	"slices"

	"segue/transforms/algo/simd"
)

// Matrix is a sparse 0/1 matrix: row r holds the columns Items[Start[r]:Start[r+1]], ascending, each once.
type Matrix struct {
	Start []int64 // [rows+1]
	Items []int32
}

// Rows returns the number of rows.
func (m Matrix) Rows() int { return max(len(m.Start)-1, 0) }

// Row returns the columns of row r; it shares memory with the matrix.
func (m Matrix) Row(r int) []int32 { return m.Items[m.Start[r]:m.Start[r+1]] }

// Rows that are asked for before their turn: where they start, then their columns.
const (
	startsAhead = 8
	itemsAhead  = 4
)

// FetchAfter asks for what is read after rows[i] where rows are read in that order: in a large matrix they lie anywhere in memory.
func (m Matrix) FetchAfter(rows []int32, i int) {
	if i+startsAhead < len(rows) {
		simd.Fetch(m.Start[rows[i+startsAhead]:][:1])
	}
	if i+itemsAhead < len(rows) {
		simd.Fetch(m.Row(int(rows[i+itemsAhead])))
	}
}

// Prefix returns the columns of row r that are below limit.
func (m Matrix) Prefix(r int, limit int32) []int32 {
	row := m.Row(r)
	n, _ := slices.BinarySearch(row, limit)
	return row[:n]
}

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

// ColumnOf returns the column of each song, -1 for songs without one; columns holds the song of each.
func ColumnOf(columns []int32, songs int) []int32 {
	out := make([]int32, songs)
	for i := range out {
		out[i] = -1
	}
	for c, s := range columns {
		out[s] = int32(c)
	}
	return out
}
