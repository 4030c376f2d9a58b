// Package csr builds sparse 0/1 matrices in compressed rows, and their transposes.
//
//	csr.go      Matrix, Transpose, Prefix
//	build.go    Build: playlists as lists of songs → rows, columns and both matrices
package csr

import "slices"

// Matrix is a sparse 0/1 matrix: row r holds the columns Items[Start[r]:Start[r+1]], ascending, each once.
type Matrix struct {
	Start []int64 // [rows+1]
	Items []int32
}

// Rows returns the number of rows.
func (m Matrix) Rows() int { return max(len(m.Start)-1, 0) }

// Row returns the columns of row r; it shares memory with the matrix.
func (m Matrix) Row(r int) []int32 { return m.Items[m.Start[r]:m.Start[r+1]] }

// Prefix returns the columns of row r that are below limit.
func (m Matrix) Prefix(r int, limit int32) []int32 {
	row := m.Row(r)
	n, _ := slices.BinarySearch(row, limit)
	return row[:n]
}

// Transpose returns the matrix with rows and columns exchanged; cols is the number of columns of m.
// Cost: O(rows + cols + entries).
func Transpose(m Matrix, cols int) Matrix {
	start := make([]int64, cols+1)
	for _, c := range m.Items {
		start[c+1]++
	}
	for c := range cols {
		start[c+1] += start[c]
	}
	next := slices.Clone(start[:cols])
	items := make([]int32, len(m.Items))
	for r := range m.Rows() {
		for _, c := range m.Row(r) {
			items[next[c]] = int32(r)
			next[c]++
		}
	}
	return Matrix{start, items}
}
