package csr

import "sync"

// Transpose returns the matrix with rows and columns exchanged; cols is the number of columns of m.
// Cost: O(rows + cols + entries) on all cores; 4 bytes an entry, and 8 bytes a column a core.
func Transpose(m Matrix, cols int) Matrix {
	chunks := split([]Matrix{m}, cols)
	next := make([][]int64, len(chunks)) // first the entries of a chunk in each column, then where its next one goes
	each(len(chunks), func(i int) {
		next[i] = make([]int64, cols)
		for _, l := range chunks[i].lists {
			for _, c := range l.Items[l.Start[0]:l.Start[l.Rows()]] {
				next[i][c]++
			}
		}
	})
	out := Matrix{make([]int64, cols+1), make([]int32, len(m.Items))}
	var at int64
	for c := range cols {
		for i := range next {
			at, next[i][c] = at+next[i][c], at
		}
		out.Start[c+1] = at
	}
	row := int32(0)
	for i := range chunks {
		chunks[i].row = int(row)
		for _, l := range chunks[i].lists {
			row += int32(l.Rows())
		}
	}
	each(len(chunks), func(i int) { scatter(chunks[i], next[i], out.Items) })
	return out
}

// scatter writes the row of each entry of a chunk to where next says its column goes on.
func scatter(c chunk, next []int64, items []int32) {
	row := int32(c.row)
	for _, l := range c.lists {
		for r := range l.Rows() {
			for _, col := range l.Row(r) {
				items[next[col]] = row
				next[col]++
			}
			row++
		}
	}
}

// each calls f(i) for i in [0, n), each on a core of its own.
func each(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}
