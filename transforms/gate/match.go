package gate

import (
	"cmp"
	"context"
	"math"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/vec"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[matchFn, work.Collect[matches], matchItem, matches, []matches]()
}

const (
	sampleSongs    = 500  // songs whose neighbours are checked
	scoreTolerance = 1e-3 // relative; rounding of two float32 sums stays far below
)

// matches counts the published scores that follow from the published vectors.
type matches struct{ Compared, Equal int64 }

// matchItem names the files of the two tables.
type matchItem struct{ Vectors, Neighbours []lake.FileRef }

// matchFn recomputes emb_score = n_j^g · u_i·u_j of a sample of songs from tables song_vectors and song_neighbours.
type matchFn struct{ PopularityExponent float64 }

// match compares a sample of published scores with the published vectors; nothing where a song has second vectors, since
// scores do not follow from the published ones then.
func match(sc *work.Context, popularityExponent float64) (matches, error) {
	if sc.Has(schemas.WorkOutVectors) {
		return matches{}, nil
	}
	vectors, err := sc.Input(schemas.TableSongVectors)
	if err != nil {
		return matches{}, err
	}
	neighbours, err := sc.Input(schemas.TableSongNeighbours)
	if err != nil {
		return matches{}, err
	}
	found, err := work.Run(sc, "match", []matchItem{{vectors, neighbours}}, matchFn{popularityExponent}, work.Collect[matches]{})
	if err != nil || len(found) == 0 {
		return matches{}, err
	}
	return found[0][0], nil
}

// Do compares the sample.
func (d matchFn) Do(ctx context.Context, env *work.Env, it matchItem) ([]work.Keyed[matches], error) {
	rows, err := sample(ctx, env.Lake, it.Neighbours)
	if err != nil {
		return nil, err
	}
	wanted := map[string]*schemas.SongVector{}
	for _, r := range rows {
		wanted[r.SongID], wanted[r.NeighbourID] = nil, nil
	}
	for _, ref := range it.Vectors {
		for v, err := range parquetio.Read[schemas.SongVector](ctx, env.Lake, ref) {
			if err != nil {
				return nil, err
			}
			if _, ok := wanted[v.SongID]; ok {
				wanted[v.SongID] = &v
			}
		}
	}
	var m matches
	for _, r := range rows {
		m.Compared++
		if a, b := wanted[r.SongID], wanted[r.NeighbourID]; a != nil && b != nil && len(a.Vector) == len(b.Vector) {
			want := math.Pow(float64(b.Playlists), d.PopularityExponent) * float64(vec.Dot(a.Vector, b.Vector))
			if math.Abs(want-float64(r.EmbScore)) <= scoreTolerance*math.Abs(want) {
				m.Equal++
			}
		}
	}
	return []work.Keyed[matches]{{Value: m}}, nil
}

// sample returns the rows with a vector score of the songs of smallest hash.
func sample(ctx context.Context, s lake.Store, files []lake.FileRef) ([]schemas.SongNeighbour, error) {
	type song struct {
		hash uint64
		rows []schemas.SongNeighbour
	}
	var kept []song
	keep := func(all []song) []song {
		slices.SortFunc(all, func(a, b song) int { return cmp.Compare(a.hash, b.hash) })
		return all[:min(sampleSongs, len(all))]
	}
	last := ""
	for _, ref := range files {
		for r, err := range parquetio.Read[schemas.SongNeighbour](ctx, s, ref) {
			if err != nil {
				return nil, err
			}
			if r.SongID != last {
				if len(kept) >= 8*sampleSongs {
					kept = keep(kept)
				}
				last = r.SongID
				kept = append(kept, song{hash: schemas.Hash64(0, r.SongID)})
			}
			if r.EmbScore != 0 {
				at := &kept[len(kept)-1]
				at.rows = append(at.rows, r)
			}
		}
	}
	var rows []schemas.SongNeighbour
	for _, k := range keep(kept) {
		rows = append(rows, k.rows...)
	}
	return rows, nil
}
