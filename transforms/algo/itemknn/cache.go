package itemknn

import (
	"math"
	"slices"
	"sync"

	"segue/transforms/algo/ranking"
	"segue/transforms/algo/simd"
)

// What a Cache keeps of rows at most, and for each playlist: a small matrix has few rows worth keeping.
const (
	keepBytes         = 512 << 20
	keepPlaylistBytes = 2 << 10
)

// escape stands for a count that a byte does not hold.
const escape = simd.EscapedCount

// tally is the counts of a row: of every common column one byte, and those beyond it, by column.
type tally struct {
	low  []uint8
	high []int32
}

// escape turns bytes that went round, so often by column, into escaped counts, and clears wraps.
func (t *tally) escape(wraps []int32) {
	low := t.low[:len(wraps)]
	for c, n := range wraps {
		if n == 0 && low[c] < escape {
			continue
		}
		t.high = append(t.high, n<<8+int32(low[c]))
		low[c] = escape
	}
	clear(wraps)
}

// Cache is what the scorers of one matrix and scope share: rows that are asked for again, and stored lists. It changes no
// result. Safe for concurrent use; its exported fields are read-only.
type Cache struct {
	Matrix Matrix
	Scope  Scope

	n      []int32   // playlists by column
	roots  []float64 // 1/√n; of a column without playlists, whose counts are 0, 1
	rarest []int32   // least n of a block of columns
	many   int       // columns from here on have fewer playlists than a byte holds
	common int       // columns before are common, the others rare: outside the vocabulary, and a byte holds their playlists
	mu     sync.RWMutex
	lists  map[int32][]ranking.Entry
	rows   map[int32]*tally // of seeds that Keep named; nil = not asked for yet
	room   int              // rows that may still be kept
}

// NewCache returns an empty cache.
func NewCache(m Matrix, s Scope) *Cache {
	cache := &Cache{
		Matrix: m, Scope: s, n: make([]int32, s.Columns), roots: make([]float64, s.Columns),
		lists: map[int32][]ranking.Entry{}, rows: map[int32]*tally{},
	}
	for c := range cache.n {
		cache.n[c] = int32(m.N(int32(c)))
		cache.roots[c] = 1 / math.Sqrt(float64(max(1, cache.n[c])))
		if cache.n[c] >= escape {
			cache.many = c + 1
		}
	}
	cache.common = min(max(s.Vocab, cache.many), s.Columns)
	cache.room = min(keepBytes, keepPlaylistBytes*len(m.RowStart)) / max(1, cache.common)
	for block := range slices.Chunk(cache.n[:cache.common], blockColumns) {
		cache.rarest = append(cache.rarest, slices.Min(block))
	}
	return cache
}

// Scorer returns a scorer that uses the cache.
func (c *Cache) Scorer() *Scorer {
	sums := make([]float64, c.Scope.Columns)
	return &Scorer{
		Cache: c, sums: sums, ranked: ranking.Scaled(sums, c.roots, c.common), wraps: make([]int32, c.many),
		rare: rare{count: make([]uint8, c.Scope.Columns-c.common)},
	}
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

func (c *Cache) keep(seed int32, row tally) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rows[seed] = &row
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
