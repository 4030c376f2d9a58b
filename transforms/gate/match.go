package gate

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

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

// matchItem names the files of the two tables; of the neighbours, of a sample of each file.
type matchItem struct{ Vectors, Samples []lake.FileRef }

// matchFn recomputes emb_score = n_j^g · u_i·u_j of a sample of songs from tables song_vectors and song_neighbours.
type matchFn struct{ PopularityExponent float64 }

// match compares the sampled scores with the published vectors.
func match(sc *work.Context, neighbours []facts, popularityExponent float64) (matches, error) {
	var it matchItem
	for _, f := range neighbours {
		it.Samples = append(it.Samples, f.Sample...)
	}
	if len(it.Samples) == 0 {
		return matches{}, nil
	}
	var err error
	if it.Vectors, err = sc.Input(schemas.TableSongVectors); err != nil {
		return matches{}, err
	}
	found, err := work.Run(sc, "match", []matchItem{it}, matchFn{popularityExponent}, work.Collect[matches]{})
	if err != nil || len(found) == 0 {
		return matches{}, err
	}
	return found[0][0], nil
}

// Do compares the sample.
func (d matchFn) Do(ctx context.Context, env *work.Env, it matchItem) ([]work.Keyed[matches], error) {
	var kept sampler
	for _, ref := range it.Samples {
		for r, err := range parquetio.Read[schemas.SongNeighbour](ctx, env.Lake, ref) {
			if err != nil {
				return nil, err
			}
			kept.add(r)
		}
	}
	rows := kept.rows()
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

// sampler keeps the rows with a vector score of the songs of smallest hash; a song's rows come one after another.
type sampler struct {
	kept []sampledSong
	last string
}

type sampledSong struct {
	hash uint64
	rows []schemas.SongNeighbour
}

func (s *sampler) add(r schemas.SongNeighbour) {
	if r.SongID != s.last || len(s.kept) == 0 {
		if len(s.kept) >= 8*sampleSongs {
			s.cut()
		}
		s.last = strings.Clone(r.SongID)
		s.kept = append(s.kept, sampledSong{hash: schemas.Hash64(0, r.SongID)})
	}
	if r.EmbScore != 0 {
		at := &s.kept[len(s.kept)-1]
		at.rows = append(at.rows, r)
	}
}

func (s *sampler) cut() {
	slices.SortFunc(s.kept, func(a, b sampledSong) int { return cmp.Compare(a.hash, b.hash) })
	s.kept = s.kept[:min(sampleSongs, len(s.kept))]
}

// rows returns the rows of the sample, song after song by hash.
func (s *sampler) rows() (rows []schemas.SongNeighbour) {
	s.cut()
	for _, k := range s.kept {
		rows = append(rows, k.rows...)
	}
	return rows
}
