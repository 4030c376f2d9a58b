package neighbours

import (
	"segue/schemas"
	"segue/transforms/algo/blend"
	"segue/transforms/io/parquetio"
)

// Columns of table song_neighbours, in their order.
const (
	songColumn = iota
	rankColumn
	neighbourColumn
	scoreColumn
	coocColumn
	embColumn
	artistColumn
	columnCount
)

// maker makes the columns of one song's rows after the other in the same memory: songs by number, which the file has by number, too.
type maker struct {
	info    *songInfo
	columns [columnCount]parquetio.Series
}

// newMaker returns a maker for lists of at most k songs.
func newMaker(info *songInfo, k int) *maker {
	x := &maker{info: info}
	c := &x.columns
	c[songColumn] = parquetio.Series{Texts: make([]string, 1), Repeat: make([]int32, 1)}
	c[rankColumn].Ints = make([]int32, k)
	for i := range c[rankColumn].Ints {
		c[rankColumn].Ints[i] = int32(i + 1)
	}
	c[neighbourColumn] = parquetio.Series{Of: info.texts, Places: make([]int32, k)}
	for _, column := range []int{scoreColumn, coocColumn, embColumn} {
		c[column].Reals = make([]float32, k)
	}
	c[artistColumn].Flags = make([]bool, k)
	return x
}

// write writes the rows of a song, of which there are some.
func (x *maker) write(w *parquetio.Writer[schemas.SongNeighbour], song int, list []blend.Neighbour) error {
	n, c := len(list), &x.columns
	id := x.info.ids[song]
	c[songColumn].Texts[0], c[songColumn].Repeat[0] = id, int32(n)
	c[rankColumn].Ints = c[rankColumn].Ints[:n]
	c[neighbourColumn].Places = c[neighbourColumn].Places[:n]
	c[scoreColumn].Reals, c[coocColumn].Reals, c[embColumn].Reals = c[scoreColumn].Reals[:n], c[coocColumn].Reals[:n], c[embColumn].Reals[:n]
	c[artistColumn].Flags = c[artistColumn].Flags[:n]
	neighbour, same := c[neighbourColumn].Places, c[artistColumn].Flags
	score, cooc, emb := c[scoreColumn].Reals, c[coocColumn].Reals, c[embColumn].Reals
	for i := range list {
		e := &list[i]
		neighbour[i], score[i], cooc[i], emb[i], same[i] = e.ID, e.Score, e.Cooc, e.Emb, e.SameArtist
	}
	return w.WriteColumns(id, n, c[:])
}
