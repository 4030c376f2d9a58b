package neighbours

import (
	"context"

	"segue/transforms/io/work"
)

func init() {
	work.Register[findFn, work.Collect[oneFound], findItem, oneFound, []oneFound]()
}

// findItem is a block of songs whose neighbours by playlists are looked for; without one it is all songs, by vectors.
type findItem struct{ Block *blockItem }

// oneFound is what an item leaves: one of the two.
type oneFound struct {
	Near     *searched
	Together *found
}

// findFn looks for neighbours both ways in one phase: the search of vectors is one item, and cores that it leaves idle do blocks meanwhile.
type findFn struct {
	Search   searchFn
	Together togetherFn
}

// Do writes the lists of one item.
func (f findFn) Do(ctx context.Context, env *work.Env, item findItem) ([]work.Keyed[oneFound], error) {
	if item.Block == nil {
		near, err := f.Search.all(ctx, env)
		return []work.Keyed[oneFound]{{Value: oneFound{Near: &near}}}, err
	}
	together, err := f.Together.block(ctx, env, *item.Block)
	return []work.Keyed[oneFound]{{Value: oneFound{Together: &together}}}, err
}

// find returns the lists of all songs both ways, those by playlists shared by block.
func find(sc *work.Context, how findFn) (near searched, together []found, err error) {
	items := []findItem{{}} // the longest first
	for _, b := range blockItems(how.Search.Matrix.songs()) {
		items = append(items, findItem{&b})
	}
	made, err := work.Run(sc, "find", items, how, work.Collect[oneFound]{})
	if err != nil {
		return near, nil, err
	}
	for _, one := range flat(made) {
		if one.Near != nil {
			near = *one.Near
		} else {
			together = append(together, *one.Together)
		}
	}
	return near, together, nil
}
