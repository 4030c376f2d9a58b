package neighbours

import (
	"context"
	"fmt"

	"segue/schemas"
	"segue/transforms/algo/blend"
	"segue/transforms/algo/topk"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[blendFn, work.Collect[blended], blendItem, blended, []blended]()
}

// groupBlocks is how many blocks of songs make one file of the table.
const groupBlocks = 8

// blendItem is a group of blocks of songs from Lo on.
type blendItem struct {
	Name   string
	Lo     int
	Blocks []blockLists
}

// blockLists refers to the lists of a block by playlists shared and by vectors.
type blockLists struct{ Together, Near listFiles }

// planBlend returns the scales of the table and the groups of the blocks found both ways; there is a group even without
// songs, so that there is a file.
func planBlend(together, near []found, songs int) (blend.Scale, []blendItem) {
	maxima := make([]blend.Maxima, len(together))
	var items []blendItem
	for b, t := range together {
		maxima[b] = t.Maxima.Join(near[b].Maxima)
		if b%groupBlocks == 0 {
			lo, _ := blend.Block(b, songs)
			items = append(items, blendItem{Name: fmt.Sprintf("%05d", len(items)), Lo: lo})
		}
		last := &items[len(items)-1]
		last.Blocks = append(last.Blocks, blockLists{t.Lists, near[b].Lists})
	}
	if items == nil {
		items = []blendItem{{Name: "00000"}}
	}
	return blend.NewScale(maxima), items
}

// blended refers to what a group leaves.
type blended struct {
	Table                   lake.FileRef
	Deep                    listFiles
	WithList, Without, Full int64 // songs
}

// blendFn joins the lists of a group of songs.
type blendFn struct {
	Params Params
	K      int // neighbours published a song
	Scale  blend.Scale
	Songs  []lake.FileRef // table songs
}

// Do writes the group's part of the table and its deep lists.
func (f blendFn) Do(ctx context.Context, env *work.Env, item blendItem) ([]work.Keyed[blended], error) {
	info, err := readSongs(ctx, env.Lake, f.Songs)
	if err != nil {
		return nil, err
	}
	table, _ := schemas.FindTable(schemas.TableSongNeighbours)
	w, err := parquetio.NewWriter[schemas.SongNeighbour](ctx, env.Lake, env.TableFile(table.Name, item.Name), parquetio.MetaFor(table, env.Run))
	if err != nil {
		return nil, err
	}
	g := group{f: f, info: info, w: w, deep: newLists(), song: item.Lo}
	for _, block := range item.Blocks {
		if err := g.block(ctx, env, block); err != nil {
			w.Abort()
			return nil, err
		}
	}
	if g.out.Table, err = w.Close(); err != nil {
		return nil, err
	}
	g.out.Deep, err = g.deep.write(ctx, env, "blend", item.Name)
	return []work.Keyed[blended]{{Value: g.out}}, err
}

// group is the state of one item.
type group struct {
	f    blendFn
	info *songInfo
	w    *parquetio.Writer[schemas.SongNeighbour]
	deep *lists
	song int // next song
	out  blended

	cooc, emb []topk.Entry
	rows      []schemas.SongNeighbour
}

func (g *group) block(ctx context.Context, env *work.Env, files blockLists) error {
	var a npy.Arrays
	defer a.Close()
	together, near := loadLists(ctx, &a, env.Scratch, files.Together), loadLists(ctx, &a, env.Scratch, files.Near)
	if a.Err() != nil {
		return a.Err()
	}
	joiner := blend.Joiner{Scale: g.f.Scale, Songs: g.info.Songs, Params: g.f.Params.blend()}
	if g.f.Params.KeepVersions {
		joiner.Songs.Group = nil
	}
	for i := range len(together.start) - 1 {
		g.cooc, g.emb = together.entries(i, g.cooc[:0]), near.entries(i, g.emb[:0])
		joined := joiner.List(int32(g.song), g.cooc, g.emb)
		if err := g.add(joined); err != nil {
			return err
		}
		g.song++
	}
	return nil
}

// add keeps the deep list of the next song and writes its published part.
func (g *group) add(joined []blend.Neighbour) error {
	for _, n := range joined {
		g.deep.add(n.ID, n.Score)
	}
	g.deep.end()
	k := min(g.f.K, len(joined))
	switch {
	case k == 0:
		g.out.Without++
		return nil
	case k == g.f.K:
		g.out.Full++
	}
	g.out.WithList++
	g.rows = g.rows[:0]
	for r, n := range joined[:k] {
		g.rows = append(g.rows, schemas.SongNeighbour{
			SongID: g.info.ids[g.song], Rank: int32(r + 1), NeighbourID: g.info.ids[n.ID],
			Score: n.Score, CoocScore: n.Cooc, EmbScore: n.Emb, SameArtist: n.SameArtist,
		})
	}
	return g.w.Write(g.rows)
}
