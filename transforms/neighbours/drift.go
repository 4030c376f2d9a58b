package neighbours

import (
	"context"
	"math"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/align"
	"segue/transforms/algo/blend"
	"segue/transforms/io/lake"
	"segue/transforms/io/neighbourio"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[driftFn, work.Collect[drift], driftItem, drift, []drift]()
}

// churnDepth is how many neighbours of a song are compared with last night's.
const churnDepth = 20

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

// Do reads last night's table once, in its order.
func (f driftFn) Do(ctx context.Context, env *work.Env, item driftItem) ([]work.Keyed[drift], error) {
	now, err := neighbourio.Open(ctx, env.Lake, item.Lists, item.Count)
	if err != nil {
		return nil, err
	}
	defer now.Close()
	out := drift{Hubness: align.Hubness(named(now.Lists, item.Count, f.K))}
	if len(item.Last) > 0 {
		info, err := readSongs(ctx, env.Lake, item.Songs)
		if err != nil {
			return nil, err
		}
		if err := out.compare(ctx, env.Lake, item.Last, now.Lists, info.ids); err != nil {
			return nil, err
		}
	}
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

// oldNeighbour is what is read of last night's table.
type oldNeighbour struct {
	SongID      string `parquet:"song_id,dict"`
	Rank        int32  `parquet:"rank,plain"`
	NeighbourID string `parquet:"neighbour_id,dict"`
}

// compare walks last night's table, which is sorted by song and rank; ids are those of tonight's songs, ascending.
func (d *drift) compare(ctx context.Context, s lake.Store, last []lake.FileRef, now blend.Lists, ids []string) error {
	song, old, sum := "", make([]int32, 0, churnDepth), 0.0
	end := func() {
		if i, ok := slices.BinarySearch(ids, song); ok && len(old) > 0 && len(first(now, i, 1)) > 0 {
			sum += align.Churn(old, first(now, i, churnDepth), churnDepth)
			d.Compared++
		}
		old = old[:0]
	}
	for _, f := range last {
		for row, err := range parquetio.Read[oldNeighbour](ctx, s, f) {
			if err != nil {
				return err
			}
			if row.SongID != song {
				end()
				song = row.SongID
			}
			if row.Rank <= churnDepth {
				old = append(old, index(ids, row.NeighbourID))
			}
		}
	}
	end()
	d.Churn = sum / float64(max(d.Compared, 1))
	return nil
}

// index returns the song index of an id, -1 for a song that is gone.
func index(ids []string, id string) int32 {
	if i, ok := slices.BinarySearch(ids, id); ok {
		return int32(i)
	}
	return -1
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
