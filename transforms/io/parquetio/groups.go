package parquetio

// groupBytes is the compressed size that row groups of whole keys are kept under, with room up to 512 KiB.
const groupBytes = 448 << 10

// groupCut decides where a row group ends that holds whole keys of the first sort column: at most most of them, and fewer
// when those before were large. The first group takes a quarter, since nothing is known yet. It depends on the rows alone.
type groupCut struct {
	most, limit int // 0 = never cut
	keys        int
	last        string
}

func newGroupCut(most int) groupCut { return groupCut{most: most, limit: (most + 3) / 4} }

// before reports whether the row group ends before a row with this key.
func (c *groupCut) before(key string) bool {
	if c.most == 0 || (c.keys > 0 && key == c.last) {
		return false
	}
	c.last = key
	c.keys++
	return c.keys > c.limit
}

// ended notes the compressed bytes of the row group that ended; the key that did not fit opens the next.
func (c *groupCut) ended(bytes int64) {
	if keys := int64(c.keys - 1); bytes > 0 && keys > 0 {
		c.limit = max(1, min(c.most, int(groupBytes*keys/bytes)))
	}
	c.keys = 1
}
