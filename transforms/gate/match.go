package gate

import (
	"cmp"
	"context"
	"maps"
	"math"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

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
	sampleSongs    = 500  // songs at most whose neighbours are checked, those of smallest hash
	sampleRoom     = 8    // times as many are looked for: some have no scores by vectors
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
	rows, err := sampled(ctx, env.Lake, it.Samples)
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, r := range rows {
		wanted[r.SongID], wanted[r.NeighbourID] = true, true
	}
	known, err := findVectors(ctx, env.Lake, it.Vectors, wanted)
	if err != nil {
		return nil, err
	}
	var m matches
	for _, r := range rows {
		m.Compared++
		if a, b := known[r.SongID], known[r.NeighbourID]; len(a.vector) > 0 && len(a.vector) == len(b.vector) {
			want := math.Pow(float64(b.playlists), d.PopularityExponent) * float64(vec.Dot(a.vector, b.vector))
			if math.Abs(want-float64(r.EmbScore)) <= scoreTolerance*math.Abs(want) {
				m.Equal++
			}
		}
	}
	return []work.Keyed[matches]{{Value: m}}, nil
}

// songVector is what is wanted of a row of table song_vectors.
type songVector struct {
	vector    []float32
	playlists int64
}

// findVectors returns the wanted songs of some files, whose row groups are read on all cores.
func findVectors(ctx context.Context, s lake.Store, files []lake.FileRef, wanted map[string]bool) (map[string]songVector, error) {
	finders := make([]finder, runtime.GOMAXPROCS(0))
	g, ctx := errgroup.WithContext(ctx)
	for i := range finders {
		finders[i] = finder{wanted, i, len(finders), map[string]songVector{}}
		g.Go(func() error {
			for _, ref := range files {
				if err := finders[i].read(ctx, s, ref); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for _, f := range finders[1:] {
		maps.Copy(finders[0].found, f.found)
	}
	return finders[0].found, nil
}

// finder finds wanted songs in one of so many row groups.
type finder struct {
	wanted    map[string]bool
	first, of int
	found     map[string]songVector
}

// read adds the songs of its row groups of a file.
func (f finder) read(ctx context.Context, s lake.Store, ref lake.FileRef) error {
	var songs, playlists parquetio.Values
	for g, err := range parquetio.Groups(ctx, s, ref) {
		if err == nil {
			if at, _ := g.Place(); at%f.of != f.first {
				continue
			}
			err = load(ctx, g, []column{{"song_id", &songs}, {"playlists", &playlists}})
		}
		if err == nil {
			err = g.EachList(ctx, "vector", func(row int, v []float32) {
				if f.wanted[songs.Text(row)] {
					f.found[songs.Text(row)] = songVector{slices.Clone(v), playlists.Ints[row]}
				}
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sampled returns the sample of all files from those of each.
func sampled(ctx context.Context, s lake.Store, files []lake.FileRef) ([]sampledRow, error) {
	byHash := map[uint64][]sampledRow{}
	for _, ref := range files {
		rows, err := parquetio.ReadAll[sampledRow](ctx, s, ref)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			hash := schemas.Hash64(0, r.SongID)
			byHash[hash] = append(byHash[hash], r)
		}
	}
	var out []sampledRow
	for i, hash := range slices.Sorted(maps.Keys(byHash)) {
		if i == sampleSongs {
			break
		}
		out = append(out, byHash[hash]...)
	}
	return out, nil
}

// sampledRow is one score of the sample.
type sampledRow struct {
	SongID      string  `parquet:"song_id,dict"`
	NeighbourID string  `parquet:"neighbour_id,dict"`
	EmbScore    float32 `parquet:"emb_score,plain"`
}

// sampler keeps the rows with a vector score of the songs of smallest hash; a song's rows come one after another.
type sampler struct {
	kept   []sampledSong
	limit  uint64         // songs of a hash above are not in the sample
	passed bool           // nor is this song
	free   [][]sampledRow // memory of songs that are out
}

type sampledSong struct {
	hash uint64
	rows []sampledRow
}

// sampleLimit returns the hash up to which songs are looked at, of so many.
func sampleLimit(songs int64) uint64 {
	if songs <= sampleRoom*sampleSongs {
		return math.MaxUint64
	}
	return math.MaxUint64 / uint64(songs) * sampleRoom * sampleSongs
}

// enter begins another song.
func (s *sampler) enter(song string) {
	hash := schemas.Hash64(0, song)
	if s.passed = hash > s.limit; s.passed {
		return
	}
	if len(s.kept) >= 2*sampleSongs {
		s.cut()
	}
	kept := sampledSong{hash: hash}
	if n := len(s.free); n > 0 {
		kept.rows, s.free = s.free[n-1], s.free[:n-1]
	}
	s.kept = append(s.kept, kept)
}

// add takes a row of the song.
func (s *sampler) add(song string, neighbours *parquetio.Values, row int, score float32) {
	if score != 0 && !s.passed {
		at := &s.kept[len(s.kept)-1]
		at.rows = append(at.rows, sampledRow{song, neighbours.Text(row), score})
	}
}

func (s *sampler) cut() {
	s.kept = slices.DeleteFunc(s.kept, func(k sampledSong) bool { return len(k.rows) == 0 })
	slices.SortFunc(s.kept, func(a, b sampledSong) int { return cmp.Compare(a.hash, b.hash) })
	keep := min(sampleSongs, len(s.kept))
	for _, k := range s.kept[keep:] {
		s.free = append(s.free, k.rows[:0])
	}
	s.kept = s.kept[:keep]
	if len(s.kept) == sampleSongs {
		s.limit = s.kept[sampleSongs-1].hash
	}
}

// rows returns the rows of the sample, song after song by hash.
func (s *sampler) rows() (rows []sampledRow) {
	s.cut()
	for _, k := range s.kept {
		rows = append(rows, k.rows...)
	}
	return rows
}
