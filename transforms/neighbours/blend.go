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

// blendItem is a block of songs from Lo on.
type blendItem struct {
	Name     string
	Lo       int
	Together listFiles
}

// planBlend returns the scales of the table and its blocks, found both ways; there is one even without songs, so that there is a file.
func planBlend(together []found, near []blend.Maxima, songs int) (blend.Scale, []blendItem) {
	maxima := make([]blend.Maxima, len(together))
	var items []blendItem
	for b, t := range together {
		maxima[b] = t.Maxima.Join(near[b])
		lo, _ := blend.Block(b, songs)
		items = append(items, blendItem{fmt.Sprintf("%05d", b), lo, t.Lists})
	}
	if items == nil {
		items = []blendItem{{Name: "00000"}}
	}
	return blend.NewScale(maxima), items
}

// blended refers to what a block leaves.
type blended struct {
	Table, Deep             lake.FileRef
	WithList, Without, Full int64 // songs
}

// blendFn joins the lists of a block of songs.
type blendFn struct {
	Params Params
	K      int // neighbours published a song
	Scale  blend.Scale
	Near   []nearFiles
	Songs  []lake.FileRef // table songs
}

// Do writes the block's part of the table and its deep lists.
func (f blendFn) Do(ctx context.Context, env *work.Env, item blendItem) ([]work.Keyed[blended], error) {
	info, err := openSongs(ctx, env.Lake, f.Songs)
	if err != nil {
		return nil, err
	}
	table, _ := schemas.FindTable(schemas.TableSongNeighbours)
	meta := parquetio.MetaFor(table, env.Run)
	meta.Shared = info.texts
	w, err := parquetio.NewWriter[schemas.SongNeighbour](ctx, env.Lake, env.TableFile(table.Name, item.Name), meta)
	if err != nil {
		return nil, err
	}
	g := group{f: f, info: info, w: w, rows: newMaker(info, f.K), deep: newLists(), song: item.Lo}
	if err := g.block(ctx, env, item); err != nil {
		w.Abort()
		return nil, err
	}
	if g.out.Table, err = w.Close(); err != nil {
		return nil, err
	}
	g.out.Deep, err = g.deep.publish(ctx, env, item.Name)
	return []work.Keyed[blended]{{Value: g.out}}, err
}

// joiner returns what joins the two lists of songs on a scale.
func (p Params) joiner(z blend.Scale, info *songInfo) *blend.Joiner {
	return &blend.Joiner{Scale: z, Songs: info.tags, KeepVersions: p.KeepVersions, Params: p.blend()}
}

// group is the state of one item.
type group struct {
	f    blendFn
	info *songInfo
	w    *parquetio.Writer[schemas.SongNeighbour]
	rows *maker
	deep *lists
	song int // next song
	out  blended

	cooc, emb []topk.Entry
}

func (g *group) block(ctx context.Context, env *work.Env, item blendItem) error {
	if item.Together.Start.Key == "" {
		return nil // no songs
	}
	var a npy.Arrays
	defer a.Close()
	together, near := loadLists(ctx, &a, env.Scratch, item.Together), loadNear(ctx, &a, env.Scratch, g.f.Near, item.Lo)
	if a.Err() != nil {
		return a.Err()
	}
	joiner := g.f.Params.joiner(g.f.Scale, g.info)
	for i := range len(together.start) - 1 {
		g.cooc, g.emb = together.entries(i, g.cooc[:0]), near.entries(g.song, g.emb[:0])
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
	songs, scores := g.deep.next(len(joined))
	for i := range joined {
		songs[i], scores[i] = joined[i].ID, joined[i].Score
	}
	k := min(g.f.K, len(joined))
	switch {
	case k == 0:
		g.out.Without++
		return nil
	case k == g.f.K:
		g.out.Full++
	}
	g.out.WithList++
	return g.rows.write(g.w, g.song, joined[:k])
}
