package recommend

import (
	"cmp"
	"math/bits"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/parquetio"
)

// Columns of table user_recommendations, in their order.
const (
	userColumn = iota
	listColumn
	rankColumn
	songColumn
	scoreColumn
	tasteColumn
	contextColumn
	popularityColumn
	tasteWeightColumn
	contextWeightColumn
	popularityWeightColumn
	adjustmentColumn
	adjustedByColumn // lists, as the next
	adjustedColumn
	tierColumn
	slotColumn
	sourcesColumn // lists, to similarityColumn
	seedColumn
	shareColumn
	similarityColumn
	cellColumn
	levelColumn
	columnCount
)

// Names that columns hold by their place.
var (
	tierNames       = parquetio.NewVocabulary(tiers[:])
	slotNames       = parquetio.NewVocabulary(slots[:])
	sourceNames     = parquetio.NewVocabulary(scoring.SourceNames(1<<16 - 1))
	adjustmentNames = parquetio.NewVocabulary(scoring.AdjustmentNames[:])
)

// maker makes the columns of one listener's rows after the other in the same memory: most are numbers of songs and names, which
// the file has by number, too, or the same in all rows of a list.
type maker struct {
	columns [columnCount]parquetio.Series
	lists   []scoring.List
	rows    int
}

func (m *model) maker() *maker {
	x := &maker{}
	for c, names := range map[int]*parquetio.Vocabulary{
		songColumn: m.texts, seedColumn: m.texts, tierColumn: tierNames, slotColumn: slotNames, sourcesColumn: sourceNames, adjustedByColumn: adjustmentNames,
	} {
		x.columns[c].Of = names
	}
	return x
}

// write writes the rows of a listener.
func (x *maker) write(w *parquetio.Writer[schemas.Recommendation], user string, lists []scoring.List) error {
	n, columns := x.of(user, lists)
	return w.WriteColumns(user, n, columns)
}

// of returns how many rows a listener has, and their columns, by list and rank; valid until the next call.
func (x *maker) of(user string, lists []scoring.List) (int, []parquetio.Series) {
	x.lists, x.rows = append(x.lists[:0], lists...), 0
	slices.SortFunc(x.lists, func(a, b scoring.List) int { return cmp.Compare(a.Name, b.Name) })
	for i := range x.columns {
		c := &x.columns[i]
		c.Ints, c.Reals, c.Texts, c.Places = c.Ints[:0], c.Reals[:0], c.Texts[:0], c.Places[:0]
		c.Repeat, c.Lengths = c.Repeat[:0], c.Lengths[:0]
	}
	x.run(userColumn, user)
	for i := range x.lists {
		x.add(&x.lists[i])
	}
	c := &x.columns
	c[userColumn].Repeat = append(c[userColumn].Repeat, int32(x.rows))
	c[adjustedColumn].Lengths = c[adjustedByColumn].Lengths
	c[shareColumn].Lengths, c[similarityColumn].Lengths = c[seedColumn].Lengths, c[seedColumn].Lengths
	return x.rows, c[:]
}

// run appends a text that several rows have.
func (x *maker) run(column int, text string) {
	x.columns[column].Texts = append(x.columns[column].Texts, text)
}

// add appends a list.
func (x *maker) add(list *scoring.List) {
	n := len(list.Rows)
	x.rows += n
	cell, level := contextOf(list)
	x.run(listColumn, list.Name)
	x.run(cellColumn, cell)
	x.run(levelColumn, level)
	weights := [...]float32{list.Weights.Taste, list.Weights.Context, list.Weights.Popularity}
	for i, weight := range weights {
		c := &x.columns[tasteWeightColumn+i]
		c.Reals = append(c.Reals, weight)
	}
	for _, column := range []int{listColumn, cellColumn, levelColumn, tasteWeightColumn, contextWeightColumn, popularityWeightColumn} {
		x.columns[column].Repeat = append(x.columns[column].Repeat, int32(n))
	}
	x.terms(list.Rows)
	for i := range list.Rows {
		x.reasons(&list.Rows[i])
	}
}

// terms appends the flat columns that differ from row to row.
func (x *maker) terms(rows []scoring.Row) {
	c, n := &x.columns, len(rows)
	rank, song, tier, slot := more(&c[rankColumn].Ints, n), more(&c[songColumn].Places, n), more(&c[tierColumn].Places, n), more(&c[slotColumn].Places, n)
	score, adjustment := more(&c[scoreColumn].Reals, n), more(&c[adjustmentColumn].Reals, n)
	taste, context, popularity := more(&c[tasteColumn].Reals, n), more(&c[contextColumn].Reals, n), more(&c[popularityColumn].Reals, n)
	for i := range rows {
		r := &rows[i]
		rank[i], song[i], tier[i], slot[i] = int32(i+1), r.Song, int32(scoring.TierOf(r.Sources)), int32(r.Slot)
		score[i], adjustment[i] = r.Score, r.Adjustment
		taste[i], context[i], popularity[i] = r.Terms.Taste, r.Terms.Context, r.Terms.Popularity
	}
}

// reasons appends the lists of a row: sources, seeds, adjustments.
func (x *maker) reasons(r *scoring.Row) {
	c := &x.columns
	sources, seeds, adjusted := &c[sourcesColumn], &c[seedColumn], &c[adjustedByColumn]
	for left := r.Sources; left != 0; left &= left - 1 {
		sources.Places = append(sources.Places, int32(bits.TrailingZeros16(left)))
	}
	sources.Lengths = append(sources.Lengths, int32(bits.OnesCount16(r.Sources)))
	for _, f := range r.Seeds {
		seeds.Places = append(seeds.Places, f.Song)
		c[shareColumn].Reals, c[similarityColumn].Reals = append(c[shareColumn].Reals, f.Share), append(c[similarityColumn].Reals, f.Similarity)
	}
	seeds.Lengths = append(seeds.Lengths, int32(len(r.Seeds)))
	some := int32(0)
	for i, v := range r.Adjustments {
		if v != 0 {
			adjusted.Places, c[adjustedColumn].Reals = append(adjusted.Places, int32(i)), append(c[adjustedColumn].Reals, v)
			some++
		}
	}
	adjusted.Lengths = append(adjusted.Lengths, some)
}

// more makes room for n further values, and returns it.
func more[T any](values *[]T, n int) []T {
	*values = slices.Grow(*values, n)[:len(*values)+n]
	return (*values)[len(*values)-n:]
}
