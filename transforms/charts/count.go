package charts

import (
	"context"
	"fmt"

	"segue/transforms/algo/cells"
	"segue/transforms/algo/chart"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/worth"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[countFn, bestFn, listenio.Group, partial, part]()
}

// wholeCell is the song of the row that counts a cell itself, whatever the song.
const wholeCell int32 = -1

// fates counts what became of listens with plays.
type fates struct {
	Listens int64 // counted
	Outside int64 // of the days that charts look at
}

// Plus returns the sums over both.
func (f fates) Plus(g fates) fates { return fates{f.Listens + g.Listens, f.Outside + g.Outside} }

// partial is what one item has for one partition of songs; its fates stand in partition 0 only.
type partial struct {
	Segment segment
	Fates   fates
}

// countFn counts the listens of user buckets by cell and song.
type countFn struct {
	Night        int32 // UTC days since 1970
	HalfLifeDays float64
	Hours        localtime.DayHours
	Songs        []lake.FileRef
}

// Do returns one value a partition.
func (f countFn) Do(ctx context.Context, env *work.Env, item listenio.Group) ([]work.Keyed[partial], error) {
	songs, err := readSongs(ctx, env.Lake, f.Songs)
	if err != nil {
		return nil, err
	}
	c := newCounter(f.Night, worth.Decay(f.HalfLifeDays), songs)
	c.index.hours = f.Hours
	for _, ref := range item.Buckets {
		for l, err := range c.reader.Listeners(ctx, env.Lake, []lake.FileRef{ref}) {
			if err != nil {
				return nil, err
			}
			c.add(l)
		}
	}
	c.finish()
	segments, err := writeSegments(ctx, env, item.Name(), c)
	if err != nil {
		return nil, err
	}
	out := make([]work.Keyed[partial], partitions)
	for i, s := range segments {
		out[i] = work.Keyed[partial]{Key: fmt.Sprintf("%02d", i), Value: partial{Segment: s}}
	}
	out[0].Value.Fates = c.fates
	return out, nil
}

// counter counts listeners one after the other.
type counter struct {
	night    int32
	decay    [chart.Horizon]int64
	songs    *songTable
	reader   *listenio.Reader
	index    cellIndex
	ladders  []ladder // by number of the reader's cell
	regions  chart.Votes
	contexts chart.Votes
	sums
	local sums // of local listeners, in the cells of their region
	fates fates
}

// sums are what songs have by cell.
type sums struct {
	charts *chart.Spread[chart.Counts] // by region
	heard  *chart.Spread[chart.Heard]  // by context
}

func newSums(decay []int64) sums {
	return sums{
		chart.NewSpread(func(d chart.Days) chart.Counts { return chart.CountsOf(d, decay) }),
		chart.NewSpread(func(d chart.Days) chart.Heard { return chart.HeardOf(d, decay) }),
	}
}

func newCounter(night int32, decay []int64, songs *songTable) *counter {
	c := &counter{night: night, songs: songs, reader: listenio.NewReader(songs.ids)}
	for age := range c.decay {
		c.decay[age] = decay[min(age, len(decay)-1)]
	}
	c.sums, c.local = newSums(c.decay[:]), newSums(c.decay[:])
	return c
}

// add counts all votes of one listener.
func (c *counter) add(l *listenio.Listener) {
	for n := len(c.ladders); n < len(c.reader.Cells()); n++ {
		c.ladders = append(c.ladders, c.index.ladder(c.reader.Cells()[n]))
	}
	local := c.isLocal(l)
	for i := range l.Days {
		day := chart.Day(c.night - l.Days[i].Day)
		for _, x := range l.Days[i].Listens {
			switch {
			case x.Plays == 0:
			case day == 0:
				c.fates.Outside++
			default:
				c.fates.Listens++
				c.vote(c.songs.main[x.Song], c.ladders[x.Cell].in(local), day)
			}
		}
	}
	into := &c.sums
	if local {
		into = &c.local
	}
	into.charts.Add(c.regions.All())
	into.heard.Add(c.contexts.All())
	c.regions.Reset()
	c.contexts.Reset()
}

// isLocal reports whether all a listener did lies in one known region: he then votes in the world's cells as in the region's,
// and it is enough to count the latter until all listeners are.
func (c *counter) isLocal(l *listenio.Listener) bool {
	region := int32(-1)
	for i := range l.Days {
		for j := range l.Days[i].Listens {
			r := c.ladders[l.Days[i].Listens[j].Cell].region
			if r < 0 || region >= 0 && r != region {
				return false
			}
			region = r
		}
	}
	return true
}

// finish completes the sums.
func (c *counter) finish() {
	twins := c.index.twins()
	c.local.charts.Twin(twins)
	c.local.heard.Twin(twins)
	c.local.charts.Merge(c.charts)
	c.local.heard.Merge(c.heard)
	c.sums = c.local
}

// in returns the cells to vote in.
func (l *ladder) in(local bool) *rungs {
	if local {
		return &l.own
	}
	return &l.all
}

// vote adds a day to the listener's votes for a song and for the cells themselves.
func (c *counter) vote(song int32, l *rungs, day chart.Days) {
	for _, n := range l.regions {
		c.regions.Add(uint64(cells.KeyOf(n, song)), day)
		c.regions.Add(uint64(cells.KeyOf(n, wholeCell)), day)
	}
	if day >= chart.Day(chart.Longest) {
		return // too old for contexts
	}
	for _, n := range l.contexts {
		c.contexts.Add(uint64(cells.KeyOf(n, song)), day)
		c.contexts.Add(uint64(cells.KeyOf(n, wholeCell)), day)
	}
}
