package neighbours

import (
	"context"
	"math"
	"runtime"

	"golang.org/x/sync/errgroup"

	"segue/schemas"
	"segue/transforms/algo/align"
	"segue/transforms/algo/blend"
	"segue/transforms/io/lake"
	"segue/transforms/io/neighbourio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[driftFn, work.Collect[drift], driftItem, drift, []drift]()
}

// driftItem is the lists of all songs, the table of songs that names them, and last night's table of neighbours.
type driftItem struct {
	Count              int // of songs
	Lists, Songs, Last []lake.FileRef
}

// drift is how much the lists changed since last night, and how evenly they name songs.
type drift struct {
	Hubness  float64 // skewness of how many lists of K name a song
	Churn    float64 // mean share of the first churnDepth that is new, over songs with a list on both nights
	Compared int64   // those songs
}

// driftFn compares the lists with last night's.
type driftFn struct{ K int }

// Do reads last night's table once, its files side by side, while it counts tonight's lists.
func (f driftFn) Do(ctx context.Context, env *work.Env, item driftItem) ([]work.Keyed[drift], error) {
	now, err := neighbourio.Open(ctx, env.Lake, item.Lists, item.Count)
	if err != nil {
		return nil, err
	}
	defer now.Close()
	parts, out := make([]churn, len(item.Last)), drift{}
	var ids []string
	if len(item.Last) > 0 {
		info, err := openSongs(ctx, env.Lake, item.Songs)
		if err != nil {
			return nil, err
		}
		ids = info.ids
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	g.Go(func() error {
		out.Hubness = align.Hubness(named(now.Lists, item.Count, f.K))
		return nil
	})
	for i, file := range item.Last {
		parts[i] = churn{now: now.Lists, ids: ids}
		g.Go(func() error { return parts[i].read(ctx, env.Lake, file) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for _, p := range parts {
		out.Churn, out.Compared = out.Churn+p.sum, out.Compared+p.compared
	}
	out.Churn /= float64(max(out.Compared, 1))
	return []work.Keyed[drift]{{Value: out}}, nil
}

// first returns at most k songs of the list of a song.
func first(near blend.Lists, song, k int) []int32 {
	songs, _ := near.Of(int32(song))
	return songs[:min(k, len(songs))]
}

// named returns of each song how many lists of k name it.
func named(near blend.Lists, songs, k int) []int32 {
	counts := make([]int32, songs)
	for i := range counts {
		for _, s := range first(near, i, k) {
			counts[s]++
		}
	}
	return counts
}

// watch runs the comparison and counts it.
func watch(sc *work.Context, item driftItem, k int) error {
	item.Last = sc.Previous(schemas.TableSongNeighbours)
	made, err := work.Run(sc, "drift", []driftItem{item}, driftFn{k}, work.Collect[drift]{})
	if err != nil {
		return err
	}
	d := made[0][0]
	sc.Count("neighbours/hubness_thousandths", int64(math.Round(1000*d.Hubness)))
	if d.Compared > 0 {
		sc.Count("neighbours/churn_songs", d.Compared)
		sc.Count("neighbours/churn_at_20_ppm", int64(math.Round(1e6*d.Churn)))
	}
	return nil
}
