package itemknn

import (
	"sync"

	"segue/transforms/algo/ranking"
)

// keepBytes bounds what a Cache keeps of rows.
const keepBytes = 256 << 20

// escape stands for a count that a byte does not hold.
const escape = 255

// tally is the counts of a row: of every column one byte, and those beyond it, by column.
type tally struct {
	low  []uint8
	high []int32
}

func newTally(counts []int32) *tally {
	t := &tally{low: make([]uint8, len(counts))}
	for c, k := range counts {
		if k >= escape {
			t.high = append(t.high, k)
			k = escape
		}
		t.low[c] = uint8(k)
	}
	return t
}

// fill sets the counts of a row, and writes the columns that have any into touched, ascending; it returns how many there are.
func (t *tally) fill(counts, touched []int32) int {
	n, high := 0, t.high
	for c, k := range t.low {
		touched[n] = int32(c)
		counts[c] = int32(k)
		n += int(uint32(-int32(k)) >> 31) // 1 if k is above 0
		if k == escape {
			counts[c], high = high[0], high[1:]
		}
	}
	return n
}

// Cache is what the scorers of one matrix and scope share: rows that are asked for again, and stored lists. It changes no
// result. Safe for concurrent use; its exported fields are read-only.
type Cache struct {
	Matrix Matrix
	Scope  Scope

	of    []column
	whole bool // playlists hold no column beyond those looked at
	mu    sync.RWMutex
	lists map[int32][]ranking.Entry
	rows  map[int32]*tally // of seeds that Keep named; nil = not asked for yet
	room  int              // rows that may still be kept
}

// column is what scores need of a column.
type column struct {
	n  int32 // playlists with it
	id int32 // of Scope.IDs, or the column itself
}

// NewCache returns an empty cache.
func NewCache(m Matrix, s Scope) *Cache {
	of := make([]column, s.Columns)
	for c := range of {
		of[c] = column{int32(m.N(int32(c))), int32(c)}
		if s.IDs != nil {
			of[c].id = s.IDs[c]
		}
	}
	return &Cache{Matrix: m, Scope: s, of: of, whole: len(m.ColStart) <= s.Columns+1, lists: map[int32][]ranking.Entry{}, rows: map[int32]*tally{}, room: keepBytes / max(1, s.Columns)}
}

// Scorer returns a scorer that uses the cache.
func (c *Cache) Scorer() *Scorer {
	return &Scorer{Cache: c, counts: make([]int32, c.Scope.Columns), touched: make([]int32, c.Scope.Columns+1)}
}

// Keep says that the row of seed will be asked for more than once; those that cost most come first.
func (c *Cache) Keep(seed int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.rows[seed]; ok {
		return
	}
	if c.room > 0 {
		c.room--
		c.rows[seed] = nil
	}
}

// kept returns the row of a seed, nil where it is not made yet, and whether it is to be kept.
func (c *Cache) kept(seed int32) (row *tally, again bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	row, again = c.rows[seed]
	return row, again
}

func (c *Cache) keep(seed int32, row *tally) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rows[seed] = row
}

func (c *Cache) list(seed int32) ([]ranking.Entry, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	list, ok := c.lists[seed]
	return list, ok
}

func (c *Cache) keepList(seed int32, list []ranking.Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lists[seed] = list
}
