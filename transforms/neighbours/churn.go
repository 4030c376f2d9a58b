package neighbours

import (
	"context"
	"slices"

	"segue/transforms/algo/align"
	"segue/transforms/algo/blend"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// churnDepth is how many neighbours of a song are compared with last night's.
const churnDepth = 20

// churn compares the lists of a file of last night's table, which is sorted by song and rank, with tonight's.
type churn struct {
	now blend.Lists
	ids []string // of tonight's songs, ascending

	sum      float64 // shares of the first churnDepth that are new
	compared int64   // songs with a list on both nights

	song   string  // of the list that is read
	old    []int32 // its first neighbours
	loaded [3]parquetio.Values
}

// read compares all lists of a file: a song's list is in one.
func (c *churn) read(ctx context.Context, s lake.Store, file lake.FileRef) error {
	for g, err := range parquetio.Groups(ctx, s, file) {
		if err == nil {
			err = g.LoadAll(ctx, []string{"song_id", "rank", "neighbour_id"}, c.loaded[:])
		}
		if err != nil {
			return err
		}
		c.group()
	}
	c.end()
	c.loaded = [3]parquetio.Values{}
	return nil
}

// unasked is the song of an id that was not looked for yet.
const unasked = -2

// group takes the rows of a row group.
func (c *churn) group() {
	songs, ranks, neighbours := &c.loaded[0], c.loaded[1].Ints, &c.loaded[2]
	number := slices.Repeat([]int32{unasked}, len(neighbours.Names))
	for i, rank := range ranks {
		if song := songs.Text(i); song != c.song {
			c.end()
			c.song = song
		}
		if rank > churnDepth {
			continue
		}
		word := neighbours.Codes[i]
		if number[word] == unasked {
			number[word] = index(c.ids, neighbours.Names[word])
		}
		c.old = append(c.old, number[word])
	}
}

// end compares the list that was read.
func (c *churn) end() {
	if i := index(c.ids, c.song); i >= 0 && len(c.old) > 0 && len(first(c.now, int(i), 1)) > 0 {
		c.sum += align.Churn(c.old, first(c.now, int(i), churnDepth), churnDepth)
		c.compared++
	}
	c.old = c.old[:0]
}

// index returns the song index of an id, -1 for a song that is gone.
func index(ids []string, id string) int32 {
	if i, ok := slices.BinarySearch(ids, id); ok {
		return int32(i)
	}
	return -1
}
