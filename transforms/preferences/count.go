package preferences

import (
	"segue/schemas"
	"segue/transforms/algo/cells"
	"segue/transforms/algo/worth"
	"segue/transforms/io/listenio"
)

// fates counts what became of listens with plays.
type fates struct {
	Listens     int64 // counted
	UnknownTime int64 // of these, without local time: kept out of the cells with an hour
	Outside     int64 // of the days that count
}

// Plus returns the sums over both.
func (f fates) Plus(g fates) fates {
	return fates{f.Listens + g.Listens, f.UnknownTime + g.UnknownTime, f.Outside + g.Outside}
}

// counter counts listeners one after the other.
type counter struct {
	p      Params
	night  int32
	decay  []int64 // by age in days
	songs  *songTable
	reader *listenio.Reader
	index  cells.Index[cell]
	rungs  []rungs // by number of the reader's cell
	twins  []int32 // by number of a region's cell: that of the world's like it; a world's cell is its own
	runs   runs

	today  []int64 // by run: worth of the listener's day
	whole  []int64 // by run: weight of the listener's days
	marked []int32 // runs with a value in today
	own    cells.Gather
	totals cells.Gather
	sums   cells.Table[cells.Sums] // cell: a run, a cell when finished; member: class, or number of classes + kind for the whole cell
	local  cells.Table[cells.Sums] // of local listeners, in the cells of their region
	where  *situations
	fates  fates
}

// rungs are the cells that a cell of the reader counts in.
type rungs struct {
	all      []int32
	own      []int32 // of its region; none without one
	region   int32   // the last of own, which is the region as a whole; -1 = none
	timeless bool    // local time is unknown
}

func newCounter(p Params, night int32, songs *songTable) *counter {
	c := &counter{p: p, night: night, songs: songs, reader: listenio.NewReader(songs.ids), where: newSituations(songs)}
	c.decay = []int64{worth.One}
	if p.HalfLifeDays > 0 {
		c.decay = worth.Decay(p.HalfLifeDays)
	}
	return c
}

// add counts all that one listener did.
func (c *counter) add(l *listenio.Listener) {
	for n := len(c.rungs); n < len(c.reader.Cells()); n++ {
		c.meet(c.reader.Cells()[n])
	}
	c.runs.meet(l)
	local := c.isLocal()
	c.runs.cut(c.rungs, local)
	for i := range l.Days {
		d := &l.Days[i]
		if age := c.night - d.Day; age < 0 || c.p.Days > 0 && age >= c.p.Days {
			for _, x := range d.Listens {
				c.fates.Outside += int64(min(x.Plays, 1))
			}
			continue
		}
		c.addDay(d)
	}
	into := &c.sums
	if local {
		into = &c.local
	}
	c.fold(schemas.Hash64(halves, l.UserID)&1 == 0, into)
}

// finish completes the sums.
func (c *counter) finish() {
	local := c.runs.whole(&c.local)
	local.Twin(c.twins)
	sums := c.runs.whole(&c.sums)
	local.Merge(&sums)
	c.sums, c.local = local, cells.Table[cells.Sums]{}
}

// isLocal reports whether all a listener did lies in one known region: he then adds the same to the world's cells as to the
// region's, and it is enough to count the latter until all listeners are.
func (c *counter) isLocal() bool {
	region := int32(-1)
	for _, n := range c.runs.met {
		r := c.rungs[n].region
		if r < 0 || region >= 0 && r != region {
			return false
		}
		region = r
	}
	return true
}

// halves seeds the hash that halves listeners for split-half estimates.
const halves = 0x9a1f

// meet numbers the cells that a cell of the reader counts in.
func (c *counter) meet(x listenio.Cell) {
	finest := cell{x.Region, schemas.All, allHours, x.Device}
	if x.Hour != listenio.UnknownHour {
		finest.Weekpart, finest.Hour = x.Weekpart, x.Hour
	}
	world, region := ladder(&c.index, finest)
	r := rungs{append(world, region...), region, -1, x.Hour == listenio.UnknownHour}
	if len(region) > 0 {
		r.region = region[len(region)-1]
	}
	c.rungs = append(c.rungs, r)
	for len(c.twins) < c.index.Len() {
		c.twins = append(c.twins, int32(len(c.twins)))
	}
	for i, n := range region {
		c.twins[n] = world[i]
	}
	c.runs.grow(&c.index, len(c.rungs))
	for len(c.today) < c.runs.most() {
		c.today, c.whole = append(c.today, 0), append(c.whole, 0)
	}
	c.where.meet(x)
}

// addDay counts one day: what it adds to a cell is capped, the mix of classes kept.
func (c *counter) addDay(d *listenio.Day) {
	for _, x := range d.Listens {
		if x.Plays == 0 {
			continue
		}
		c.fates.Listens++
		if c.rungs[x.Cell].timeless {
			c.fates.UnknownTime++
		}
		if w := max(x.Weight, 0); w > 0 {
			for _, n := range c.runs.of[x.Cell] {
				if c.today[n] == 0 {
					c.marked = append(c.marked, n)
				}
				c.today[n] += w
			}
		}
	}
	decay := c.decay[min(int(c.night-d.Day), len(c.decay)-1)]
	most := int64(c.p.DayCap * float64(worth.One))
	for i := range d.Listens {
		if x := &d.Listens[i]; x.Plays > 0 {
			c.addListen(x, c.runs.of[x.Cell], decay, most)
		}
	}
	for _, n := range c.marked {
		c.today[n] = 0
	}
	c.marked = c.marked[:0]
}

func (c *counter) addListen(x *listenio.Listen, in []int32, decay, most int64) {
	classes := c.songs.of(x.Song)
	fresh := max(x.Weight, 0) * decay / worth.One
	for _, n := range in {
		w := worth.Cap(fresh, c.today[n], most)
		c.whole[n] += w
		for _, k := range classes {
			c.own.Add(cells.KeyOf(n, k), int64(x.Plays), int64(x.Skips), w)
		}
	}
	c.where.add(x, classes, fresh)
}

// of returns the cells to gather.
func (r *rungs) of(local bool) []int32 {
	if local {
		return r.own
	}
	return r.all
}

// fold adds the listener to sums: of each cell at most ListenerCap, the mix of classes kept.
func (c *counter) fold(firstHalf bool, into *cells.Table[cells.Sums]) {
	most := int64(c.p.ListenerCap * float64(worth.One))
	rows, classes := c.own.Rows(), int32(len(c.songs.names))
	for i := range rows {
		o := &rows[i]
		n := o.Key.Cell()
		o.Weight = worth.Cap(o.Weight, c.whole[n], most)
		c.totals.Add(cells.KeyOf(n, classes+c.songs.kind[o.Key.Member()]), o.Plays, o.Skips, o.Weight)
	}
	for _, o := range rows {
		c.whole[o.Key.Cell()] = 0
	}
	c.own.Fold(into, firstHalf)
	c.totals.Fold(into, firstHalf)
	c.where.fold()
}
