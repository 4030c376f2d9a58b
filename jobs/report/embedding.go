package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"gonum.org/v1/gonum/mat"

	"segue/schemas"
	"segue/transforms/algo/topk"
	"segue/transforms/io/parquetio"
)

const (
	mapSongs  = 1200     // points of the map
	mapBytes  = 64 << 20 // of vectors read for it
	mapGenres = 8        // genres with a colour of their own
)

// embedding shows what the stages counted of the space, and a map of its popular songs.
func embedding(ctx context.Context, n *night) ([]Block, error) {
	blocks := []Block{}
	if tiles := n.embeddingTiles(); len(tiles) > 0 {
		blocks = append(blocks, Block{Tiles: tiles})
	}
	figures, err := n.songMap(ctx)
	switch {
	case errors.Is(err, errEmpty):
		blocks = append(blocks, Block{Title: "Map of songs", Note: err.Error()})
	case err != nil:
		return nil, err
	default:
		blocks = append(blocks, Block{Figures: figures, Note: "Songs stand near those of nearest vectors; directions and far distances mean nothing."})
	}
	if len(blocks) == 1 && len(blocks[0].Tiles) == 0 && err != nil {
		return nil, err
	}
	return blocks, nil
}

// counterTile is a tile of one counter of the stages.
type counterTile struct {
	counter, name string
	unit          float64 // the counter over this is shown; 0 = a count
	note          string
}

var embeddingCounters = []counterTile{
	{"embed/cosine_ppm_median", "Cosine to last night", 1e6, "median of aligned songs; 1 = as they were"},
	{"embed/cosine_ppm_p01", "Cosine, lowest 1 %", 1e6, "of aligned songs"},
	{"neighbours/churn_at_20_ppm", "Churn at 20", 1e6, "share of first neighbours that is new"},
	{"neighbours/hubness_thousandths", "Hubness", 1e3, "skewness of how many lists name a song"},
	{"neighbours/recall_ppm", "Recall of the search", 1e6, "at 100, on a sample; 1 = exact"},
	{"embed/norm_popularity_ppm", "Norm and popularity", 1e6, "correlation"},
	{"embed/fit_songs", "Songs fitted", 0, "trained together"},
	{"embed/folded_songs", "Songs folded in", 0, "too rare to be trained"},
	{"embed/none_songs", "Songs without vector", 0, "in no playlist"},
	{"embed/dead_songs", "Dead vectors", 0, "of length zero"},
}

func (n *night) embeddingTiles() []Tile {
	var out []Tile
	for _, c := range embeddingCounters {
		v, ok := n.counters[c.counter]
		if !ok {
			continue
		}
		t := Tile{Name: c.name, Note: c.note, Value: count(v)}
		if c.unit > 0 {
			t.Value = decimals(float64(v)/c.unit, 3)
		}
		out = append(out, t)
	}
	return out
}

// songMap draws popular songs so that near ones stand together, and how often near ones are of one genre.
func (n *night) songMap(ctx context.Context) ([]Figure, error) {
	ids, vectors, err := n.popularVectors(ctx)
	if err != nil {
		return nil, err
	}
	if len(vectors) < 3 || len(vectors[0]) < 2 {
		return nil, empty("Fewer than three songs have a vector.")
	}
	genres, err := n.genresOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	x, y, err := project(vectors)
	if err != nil {
		return nil, err
	}
	near, err := nearest(ctx, vectors, layoutNear)
	if err != nil {
		return nil, err
	}
	layout(x, y, near)
	class, keys := genreClasses(genres)
	drawn, err := scatter{
		caption: fmt.Sprintf("The %s most playlisted songs, by genre", count(int64(len(ids)))),
		x:       x, y: y, class: class, keys: keys,
	}.figure()
	if err != nil {
		return nil, err
	}
	drawn.Wide = true
	agree, err := agreementBars(agreements(genres, near), keys)
	if err != nil || len(agree) == 0 {
		return []Figure{drawn}, err
	}
	return append([]Figure{drawn}, agree...), nil
}

// genresOf returns the first genre of each song; "" = none.
func (n *night) genresOf(ctx context.Context, ids []string) ([]string, error) {
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	songs, err := n.catalogue(ctx, wanted)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(ids))
	for i, id := range ids {
		if g := songs[id].genres; len(g) > 0 {
			out[i] = g[0]
		}
	}
	return out, nil
}

// agreementBars draws the agreement of the genres that have a colour.
func agreementBars(of map[string]agreement, keys []Key) ([]Figure, error) {
	b := bars{caption: fmt.Sprintf("Same genre among the %d nearest", layoutNear), points: true, keys: []Key{{1, "nearest songs"}, {0, "songs drawn at random"}}}
	for _, k := range keys {
		if a, ok := of[k.Name]; ok && k.Class > 0 {
			b.add(k.Name, mark{class: 1, value: a.near}, mark{class: 0, value: a.chance})
		}
	}
	if len(b.names) == 0 {
		return nil, nil
	}
	f, err := b.figure()
	return []Figure{f}, err
}

// popularVectors returns songs in most playlists that have a vector, in the order of the table; of large tables, those of the first files.
func (n *night) popularVectors(ctx context.Context) (ids []string, vectors [][]float32, err error) {
	t, err := n.filled(schemas.TableSongVectors)
	if err != nil {
		return nil, nil, err
	}
	var best topk.List
	best.Reset(mapSongs)
	for at, bytes := 0, int64(0); at < len(t.Files) && (at == 0 || bytes < mapBytes); at++ {
		bytes += t.Files[at].Size
		for g, err := range parquetio.Groups(ctx, n.store, t.Files[at]) {
			var song, playlists parquetio.Values
			if err == nil {
				err = errors.Join(g.Load(ctx, "song_id", &song), g.Load(ctx, "playlists", &playlists))
			}
			if err == nil {
				err = g.EachList(ctx, "vector", func(row int, v []float32) {
					alike := len(v) > 0 && (len(vectors) == 0 || len(v) == len(vectors[0]))
					if alike && best.Push(int32(len(ids)), float32(playlists.Ints[row])) {
						vectors, ids = append(vectors, slices.Clone(v)), append(ids, song.Text(row))
					}
				})
			}
			if err != nil {
				return nil, nil, err
			}
		}
	}
	var places []int
	for _, e := range best.Sorted() {
		places = append(places, int(e.ID))
	}
	slices.Sort(places)
	for i, place := range places {
		ids[i], vectors[i] = ids[place], vectors[place]
	}
	return ids[:len(places)], vectors[:len(places)], nil
}

// project returns the first two principal components of vectors of one length.
// Signs are fixed: the largest entry of a direction is positive.
func project(vectors [][]float32) (x, y []float64, err error) {
	rows, d := len(vectors), len(vectors[0])
	data := mat.NewDense(rows, d, nil)
	for j := range d {
		mean := 0.0
		for i := range rows {
			mean += float64(vectors[i][j]) / float64(rows)
		}
		for i := range rows {
			data.Set(i, j, float64(vectors[i][j])-mean)
		}
	}
	var spread mat.SymDense
	spread.SymOuterK(1, data.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(&spread, true) {
		return nil, nil, errors.New("project vectors: eigenvalues did not converge")
	}
	var directions mat.Dense
	eigen.VectorsTo(&directions)
	along := func(column int) []float64 {
		direction := mat.Col(nil, column, &directions)
		largest := slices.MaxFunc(direction, func(a, b float64) int { return cmp.Compare(a*a, b*b) })
		var out mat.VecDense
		out.MulVec(data, mat.NewVecDense(d, direction))
		if largest < 0 {
			out.ScaleVec(-1, &out)
		}
		return out.RawVector().Data
	}
	return along(d - 1), along(d - 2), nil // eigenvalues ascend
}

// genreClasses gives the most frequent genres classes of their own, by count falling, then name; the others are 0.
func genreClasses(genres []string) ([]int, []Key) {
	counts := map[string]int{}
	for _, g := range genres {
		counts[g]++
	}
	delete(counts, "")
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	classOf, keys := map[string]int{}, []Key{}
	for i, name := range names[:min(mapGenres, len(names))] {
		classOf[name] = i + 1
		keys = append(keys, Key{i + 1, name})
	}
	class, others := make([]int, len(genres)), false
	for i, g := range genres {
		class[i] = classOf[g]
		others = others || class[i] == 0
	}
	if others {
		keys = append(keys, Key{0, "other or unknown"})
	}
	return class, keys
}
