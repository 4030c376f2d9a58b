package gate

import (
	"context"
	"slices"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// inList follows the rows of lists, row group by row group. A list is named by an id, and by a name where an id has several.
type inList struct {
	look *faults

	ids, names, songs parquetio.Values // of the row group
	id, name          string           // of the list
	rank              int32
	score             float32
	number            int32           // of the list among those of the row group
	seen              []int32         // by song of the row group: number of the list that had it last
	before            map[string]bool // songs of the list in row groups before
}

func newInList(look *faults) *inList { return &inList{look: look, before: map[string]bool{}} }

// open turns to another row group; names is "" where lists have none.
func (l *inList) open(ctx context.Context, g *parquetio.Group, ids, names, songs string) error {
	for song, number := range l.seen {
		if number == l.number {
			l.before[l.songs.Names[song]] = true
		}
	}
	columns := []column{{ids, &l.ids}, {songs, &l.songs}}
	if names != "" {
		columns = append(columns, column{names, &l.names})
	}
	if err := load(ctx, g, columns); err != nil {
		return err
	}
	l.ids.Unify()
	l.songs.Unify()
	l.number, l.seen = 1, make([]int32, len(l.songs.Names))
	return nil
}

// begins reports whether a row is of another list than the one before it, or the first of the row group.
func (l *inList) begins(row int) bool {
	return row == 0 || l.ids.Codes[row] != l.ids.Codes[row-1] || len(l.names.Codes) > 0 && l.names.Codes[row] != l.names.Codes[row-1]
}

// enter begins another list with a row that begins one, unless it goes on with that of the row group before.
func (l *inList) enter(row int, score float32) (another bool) {
	id, name := l.ids.Text(row), ""
	if len(l.names.Codes) > 0 {
		name = l.names.Text(row)
	}
	if id == l.id && name == l.name && l.rank > 0 {
		return false
	}
	l.id, l.name, l.rank, l.score = id, name, 0, score
	l.number++
	clear(l.before)
	return true
}

// next notes what is wrong with a row.
func (l *inList) next(row int, rank int64, score float32) {
	l.rank++
	song := l.songs.Codes[row]
	l.look.when(rank != int64(l.rank), faultRank, l.id)
	l.look.when(!finite(score), faultFinite, l.id)
	l.look.when(l.seen[song] == l.number || len(l.before) > 0 && l.before[l.songs.Names[song]], faultRepeat, l.id)
	l.seen[song] = l.number
	l.look.when(score > l.score, faultFalling, l.id)
	l.score = score
}

// column is a column and where it is loaded.
type column struct {
	name string
	to   *parquetio.Values
}

func load(ctx context.Context, g *parquetio.Group, columns []column) error {
	for _, c := range columns {
		if err := g.Load(ctx, c.name, c.to); err != nil {
			return err
		}
	}
	return nil
}

// neighbours looks at the lists of songs, and keeps some.
func neighbours(ctx context.Context, s lake.Store, ref lake.FileRef, look *faults, kept *sampler) error {
	l := newInList(look)
	var ranks, scores, cosines parquetio.Values
	var ends []uint64
	for g, err := range parquetio.Groups(ctx, s, ref) {
		if err == nil {
			err = l.open(ctx, g, "song_id", "", "neighbour_id")
		}
		if err == nil {
			err = load(ctx, g, []column{{"rank", &ranks}, {"score", &scores}, {"emb_score", &cosines}})
		}
		if err != nil {
			return err
		}
		ends = endsOf(ends[:0], l.songs.Names)
		own := endOf(l.id)
		for row, score := range scores.Reals {
			if l.begins(row) && l.enter(row, score) {
				own = endOf(l.id)
				kept.enter(l.id)
			}
			l.next(row, ranks.Ints[row], score)
			look.when(ends[l.songs.Codes[row]] == own && l.songs.Text(row) == l.id, faultSelf, l.id)
			kept.add(l.id, &l.songs, row, cosines.Reals[row])
		}
	}
	return nil
}

// endsOf appends the ends of texts, of which hardly any two are equal.
func endsOf(to []uint64, texts []string) []uint64 {
	to = slices.Grow(to, len(texts))
	for _, text := range texts {
		to = append(to, endOf(text))
	}
	return to
}

// endOf returns the last eight bytes of a text as a number.
func endOf(text string) (end uint64) {
	if n := len(text) - 8; n >= 0 {
		t := text[n:]
		return uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 | uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
	}
	for i := range len(text) {
		end = end<<8 | uint64(text[i])
	}
	return end
}

// listColumns are the columns of lists of listeners whose rows are looked at.
type listColumns struct {
	ranks, scores, slots, taste, context, popularity, wTaste, wContext, wPopularity, adjustment parquetio.Values
}

func (c *listColumns) load(ctx context.Context, g *parquetio.Group) error {
	return load(ctx, g, []column{
		{"rank", &c.ranks},
		{"score", &c.scores},
		{"slot", &c.slots},
		{"taste", &c.taste},
		{"context", &c.context},
		{"popularity", &c.popularity},
		{"w_taste", &c.wTaste},
		{"w_context", &c.wContext},
		{"w_popularity", &c.wPopularity},
		{"adjustment", &c.adjustment},
	})
}

// row returns the terms of a row's score, and whether they are what it is made of.
func (c *listColumns) row(i int) (terms [3]float32, sound bool) {
	terms = [3]float32{c.taste.Reals[i], c.context.Reals[i], c.popularity.Reals[i]}
	weights := [3]float32{c.wTaste.Reals[i], c.wContext.Reals[i], c.wPopularity.Reals[i]}
	return terms, schemas.Score(weights, terms, c.adjustment.Reals[i]) == c.scores.Reals[i]
}

// lists looks at the lists of listeners.
func lists(ctx context.Context, s lake.Store, ref lake.FileRef, look *faults) error {
	l := newInList(look)
	var c listColumns
	for g, err := range parquetio.Groups(ctx, s, ref) {
		if err == nil {
			err = l.open(ctx, g, "user_id", "list", "song_id")
		}
		if err == nil {
			err = c.load(ctx, g)
		}
		if err != nil {
			return err
		}
		byLot := make([]bool, len(c.slots.Names))
		for code, name := range c.slots.Names {
			byLot[code] = name == schemas.SlotExploration
		}
		for i, score := range c.scores.Reals {
			if l.begins(i) {
				l.enter(i, score)
			}
			if byLot[c.slots.Codes[i]] { // whatever its score
				look.when(!finite(score), faultFinite, l.id)
				score = l.score
			}
			l.next(i, c.ranks.Ints[i], score)
			terms, sound := c.row(i)
			for _, term := range terms {
				look.when(!(term >= 0 && term <= 1), faultTerm, l.id)
			}
			look.when(!sound, faultSum, l.id)
		}
	}
	return nil
}
