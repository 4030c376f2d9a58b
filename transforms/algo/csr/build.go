package csr

import (
	"runtime"
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

// Build returns the matrices of lists of songs in [0, songs), each list a matrix with one row a playlist.
// A song counts once a playlist; playlists without songs are left out; rows keep the order of the lists.
//
// Cost: O(songs + entries·log length) on all cores; beside the lists 8 bytes an entry and 4 bytes a song a core.
func Build(lists []Matrix, songs int) *Playlists {
	columns, rows := BuildRows(lists, songs)
	return &Playlists{columns, rows, Transpose(rows, len(columns))}
}

// BuildRows is Build without Cols, so that the lists can go before Transpose makes them: Cols are Transpose(rows, len(columns)).
func BuildRows(lists []Matrix, songs int) (columns []int32, rows Matrix) {
	chunks := split(lists, songs)
	each(len(chunks), func(i int) { chunks[i].count(songs) })
	columns, column := order(chunks, songs)
	n, entries := 0, 0
	for i := range chunks {
		c := &chunks[i]
		c.row, c.entry = n, entries
		n, entries = n+c.rows, entries+c.entries
	}
	rows = Matrix{make([]int64, n+1), make([]int32, entries)}
	each(len(chunks), func(i int) { chunks[i].fill(rows, column) })
	return columns, rows
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

// chunk is a run of lists that one core works on.
type chunk struct {
	lists         []Matrix
	rows, entries int     // without empty rows and repeated songs
	songs         []int32 // rows with each song
	row, entry    int     // where its rows and entries begin
}

// split cuts lists into chunks of about as many entries: one a core, or fewer so that a count of each column a chunk stays
// small beside the entries.
func split(lists []Matrix, cols int) []chunk {
	var entries int
	for _, l := range lists {
		entries += len(l.Items)
	}
	n := min(runtime.GOMAXPROCS(0), 1+entries/(4*max(cols, 1)))
	chunks, size := make([]chunk, 1, n+1), entries/n+1
	left := size
	for _, l := range lists {
		for l.Rows() > 0 {
			if left <= 0 {
				chunks, left = append(chunks, chunk{}), size
			}
			at, _ := slices.BinarySearch(l.Start[1:], l.Start[0]+int64(left))
			at = min(at+1, l.Rows())
			last := &chunks[len(chunks)-1]
			last.lists = append(last.lists, Matrix{l.Start[:at+1], l.Items})
			left -= int(l.Start[at] - l.Start[0])
			l.Start = l.Start[at:]
		}
	}
	return chunks
}

// distinct calls f with the songs of each row that has any, each once; f may change them.
func (c *chunk) distinct(f func(row []int32)) {
	var row []int32
	for _, l := range c.lists {
		for r := range l.Rows() {
			row = append(row[:0], l.Row(r)...)
			if !ascending(row) {
				slices.Sort(row)
				row = slices.Compact(row)
			}
			if len(row) > 0 {
				f(row)
			}
		}
	}
}

// ascending reports whether each item is greater than the one before.
func ascending(row []int32) bool {
	for i := 1; i < len(row); i++ {
		if row[i] <= row[i-1] {
			return false
		}
	}
	return true
}

func (c *chunk) count(songs int) {
	c.songs = make([]int32, songs)
	c.distinct(func(row []int32) {
		c.rows++
		c.entries += len(row)
		for _, s := range row {
			c.songs[s]++
		}
	})
}

// fill writes the rows of the chunk at its place; column is the column of each song.
func (c *chunk) fill(m Matrix, column []int32) {
	r, at := c.row, c.entry
	c.distinct(func(row []int32) {
		for i, s := range row {
			row[i] = column[s]
		}
		slices.Sort(row)
		at += copy(m.Items[at:], row)
		r++
		m.Start[r] = int64(at)
	})
}

// order returns the songs in column order and the column of each song.
func order(chunks []chunk, songs int) (columns, column []int32) {
	n := make([]int32, songs)
	for i := range chunks {
		for s, k := range chunks[i].songs {
			n[s] += k
		}
		chunks[i].songs = nil
	}
	next := starts(n)
	columns, column = make([]int32, next[0]), n
	for s, c := range n {
		if c > 0 {
			at := next[c]
			next[c]++
			columns[at], column[s] = int32(s), at
		}
	}
	return columns, column
}

// starts returns, for each c > 0, how many counts are above c, and for 0 how many are above 0.
func starts(counts []int32) []int32 {
	with := make([]int32, 1+largest(counts))
	for _, c := range counts {
		with[c]++
	}
	above := int32(0)
	for c := len(with) - 1; c >= 0; c-- {
		above, with[c] = above+with[c], above
	}
	return with
}

func largest(counts []int32) int32 {
	var c int32
	for _, n := range counts {
		c = max(c, n)
	}
	return c
}
