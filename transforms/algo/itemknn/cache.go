package itemknn

import (
	"sync"

	"segue/transforms/algo/ranking"
)

// keepEntries bounds what a Cache keeps of whole rows, 16 bytes each.
const keepEntries = 16 << 20

// Cache is what the scorers of one matrix and scope share: rows that are asked for again, and stored lists. It changes no
// result. Safe for concurrent use; its exported fields are read-only.
type Cache struct {
	Matrix Matrix
	Scope  Scope

	n     []float64
	ids   []int32 // Scope.IDs, or the columns themselves
	whole bool    // playlists hold no column beyond those looked at
	mu    sync.RWMutex
	lists map[int32][]ranking.Entry
	rows  map[int32][]ranking.Entry // of seeds that Keep named; nil = not asked for yet
	room  int                       // entries that more rows may have
}

// NewCache returns an empty cache.
func NewCache(m Matrix, s Scope) *Cache {
	ids := s.IDs
	if ids == nil {
		ids = make([]int32, s.Columns)
		for c := range ids {
			ids[c] = int32(c)
		}
	}
	return &Cache{Matrix: m, Scope: s, n: m.Popularity(s.Columns), ids: ids, whole: len(m.ColStart) <= s.Columns+1, lists: map[int32][]ranking.Entry{}, rows: map[int32][]ranking.Entry{}, room: keepEntries}
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
	m, entries := c.Matrix, 0
	for _, p := range m.ColItems[m.ColStart[seed]:m.ColStart[seed+1]] {
		entries += int(m.RowStart[p+1] - m.RowStart[p])
	}
	if most := min(entries, c.Scope.Columns); most <= c.room {
		c.room -= most
		c.rows[seed] = nil
	}
}

// kept returns the row of a seed, nil where it is not made yet, and whether it is to be kept.
func (c *Cache) kept(seed int32) (row []ranking.Entry, again bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	row, again = c.rows[seed]
	return row, again
}

func (c *Cache) keep(seed int32, row []ranking.Entry) []ranking.Entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rows[seed] = row
	return row
}

func (c *Cache) list(seed int32) ([]ranking.Entry, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	list, ok := c.lists[seed]
	return list, ok
}

func (c *Cache) keepList(seed int32, list []ranking.Entry) []ranking.Entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lists[seed] = list
	return list
}
