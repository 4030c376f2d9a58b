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
	"segue/transforms/io/lake"
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
	f, err := n.songMap(ctx)
	switch {
	case errors.Is(err, errEmpty):
		blocks = append(blocks, Block{Title: "Map of songs", Note: err.Error()})
	case err != nil:
		return nil, err
	default:
		blocks = append(blocks, Block{Figures: []Figure{f}})
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

// songMap projects the vectors of popular songs to the plane of their largest spread.
func (n *night) songMap(ctx context.Context) (Figure, error) {
	ids, vectors, err := n.popularVectors(ctx)
	if err != nil {
		return Figure{}, err
	}
	if len(vectors) < 3 || len(vectors[0]) < 2 {
		return Figure{}, empty("Fewer than three songs have a vector.")
	}
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	songs, err := n.catalogue(ctx, wanted)
	if err != nil {
		return Figure{}, err
	}
	x, y, kept, err := project(vectors)
	if err != nil {
		return Figure{}, err
	}
	class, keys := genreClasses(ids, songs)
	return scatter{
		caption: fmt.Sprintf("The %s most playlisted songs, by genre: plane of largest spread (%s of it)", count(int64(len(ids))), share(kept)),
		x:       x, y: y, class: class, keys: keys,
	}.figure()
}

// popularVectors returns songs in most playlists that have a vector, by id; of large tables, those of the first files.
func (n *night) popularVectors(ctx context.Context) (ids []string, vectors [][]float64, err error) {
	t, err := n.filled(schemas.TableSongVectors)
	if err != nil {
		return nil, nil, err
	}
	files := t.Files[:0:0]
	for bytes := int64(0); len(files) < len(t.Files) && (len(files) == 0 || bytes < mapBytes); {
		files = append(files, t.Files[len(files)])
		bytes += files[len(files)-1].Size
	}
	positions, err := n.popular(ctx, files)
	if err != nil {
		return nil, nil, err
	}
	rows, err := n.pick(ctx, files, positions)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range rows {
		v := r.numbers("vector")
		if len(v) > 0 && (len(vectors) == 0 || len(v) == len(vectors[0])) {
			vectors, ids = append(vectors, v), append(ids, r.text("song_id"))
		}
	}
	return ids, vectors, nil
}

// popular returns the positions of the songs in most playlists, ascending.
func (n *night) popular(ctx context.Context, files []lake.FileRef) ([]int64, error) {
	type at struct {
		position  int64
		playlists float64
	}
	var all []at
	err := n.values(ctx, files, "playlists", func(v any) {
		held, _ := number(v)
		all = append(all, at{int64(len(all)), held})
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b at) int { return cmp.Compare(b.playlists, a.playlists) })
	var out []int64
	for _, a := range all[:min(mapSongs, len(all))] {
		out = append(out, a.position)
	}
	slices.Sort(out)
	return out, nil
}

// project returns the first two principal components of vectors of one length, and the share of the variance they keep.
// Signs are fixed: the largest entry of a direction is positive.
func project(vectors [][]float64) (x, y []float64, kept float64, err error) {
	rows, d := len(vectors), len(vectors[0])
	data := mat.NewDense(rows, d, nil)
	for j := range d {
		mean := 0.0
		for i := range rows {
			mean += vectors[i][j] / float64(rows)
		}
		for i := range rows {
			data.Set(i, j, vectors[i][j]-mean)
		}
	}
	var spread mat.SymDense
	spread.SymOuterK(1, data.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(&spread, true) {
		return nil, nil, 0, errors.New("project vectors: eigenvalues did not converge")
	}
	var directions mat.Dense
	eigen.VectorsTo(&directions)
	values := eigen.Values(nil) // ascending
	total := 0.0
	for _, v := range values {
		total += max(v, 0)
	}
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
	if total > 0 {
		kept = (values[d-1] + values[d-2]) / total
	}
	return along(d - 1), along(d - 2), kept, nil
}

// genreClasses gives the most frequent genres classes of their own, by count falling, then name; the others are 0.
func genreClasses(ids []string, songs map[string]song) ([]int, []Key) {
	first := func(id string) string {
		if g := songs[id].genres; len(g) > 0 {
			return g[0]
		}
		return ""
	}
	counts := map[string]int{}
	for _, id := range ids {
		counts[first(id)]++
	}
	delete(counts, "")
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	classOf, keys := map[string]int{}, []Key{}
	for i, name := range names[:min(mapGenres, len(names))] {
		classOf[name] = i + 1
		keys = append(keys, Key{i + 1, cut(name, 24)})
	}
	class, others := make([]int, len(ids)), false
	for i, id := range ids {
		class[i] = classOf[first(id)]
		others = others || class[i] == 0
	}
	if others {
		keys = append(keys, Key{0, "other or unknown"})
	}
	return class, keys
}
