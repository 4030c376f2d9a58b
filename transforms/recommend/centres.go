package recommend

import (
	"context"
	"errors"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/kmeans"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[centresFn, work.Collect[[]lake.FileRef], lake.FileRef, []lake.FileRef, [][]lake.FileRef]()
}

// How songs are cut by nearness: about songsACentre of them around each of at most mostCentres centres, fitted on sampledSongs a centre.
const (
	songsACentre = 256
	mostCentres  = 512
	sampledSongs = 64
)

// cutCatalogue runs phase centres over the night's vectors; without any there is nothing near.
func cutCatalogue(sc *work.Context) ([]lake.FileRef, error) {
	if !sc.Has(schemas.WorkVectors) {
		return nil, nil
	}
	refs, err := sc.Input(schemas.WorkVectors)
	if err != nil {
		return nil, err
	}
	cuts, err := work.Run(sc, "centres", refs, centresFn{}, work.Collect[[]lake.FileRef]{})
	if err != nil || len(cuts) == 0 {
		return nil, err
	}
	return cuts[0][0], nil
}

// centresFn cuts the songs of the night's vectors by nearness: spherical k-means, fitted on a sample.
type centresFn struct{}

// Do writes the cut of a file of vectors and returns the files of its centres, starts and songs under the one key; none when no song
// has a vector.
func (centresFn) Do(ctx context.Context, env *work.Env, vectors lake.FileRef) ([]work.Keyed[[]lake.FileRef], error) {
	a, err := npy.Open[float32](ctx, env.Lake, vectors)
	if err != nil {
		return nil, err
	}
	cut, err := cutSongs(a.Data, a.Shape[1], env.Seed)
	if err != nil {
		return nil, err
	}
	var out []lake.FileRef
	if len(cut.Songs) > 0 {
		out, err = writeInverted(ctx, env, cut, a.Shape[1])
	}
	return []work.Keyed[[]lake.FileRef]{{Key: "all", Value: out}}, errors.Join(err, a.Close())
}

// cutSongs puts every song that has a vector with the centre of the largest inner product, songs ascending.
func cutSongs(vectors []float32, dim int, seed uint64) (scoring.Inverted, error) {
	songs := len(vectors) / dim
	weights := make([]float32, songs)
	for i := range weights {
		if hasVector(vectors[i*dim : (i+1)*dim]) {
			weights[i] = 1
		}
	}
	k := min(max(1, songs/songsACentre), mostCentres)
	cut, err := kmeans.Fit(vectors, dim, weights, kmeans.Params{K: k, Sample: k * sampledSongs, Spherical: true, Drawn: true, Seed: schemas.Hash64(seed, "recommend/centres")})
	if err != nil {
		return scoring.Inverted{}, err
	}
	x := scoring.Inverted{Centres: cut.Centres, Start: make([]int64, len(cut.Centres)/dim+1)}
	for i, c := range cut.Assign {
		if weights[i] > 0 {
			x.Start[c+1]++
		}
	}
	for c := range x.Start[1:] {
		x.Start[c+1] += x.Start[c]
	}
	x.Songs = make([]int32, x.Start[len(x.Start)-1])
	next := slices.Clone(x.Start)
	for i, c := range cut.Assign {
		if weights[i] > 0 {
			x.Songs[next[c]] = int32(i)
			next[c]++
		}
	}
	return x, nil
}

func hasVector(row []float32) bool {
	for _, v := range row {
		if v != 0 {
			return true
		}
	}
	return false
}

func writeInverted(ctx context.Context, env *work.Env, x scoring.Inverted, dim int) ([]lake.FileRef, error) {
	centres, err := npy.Write(ctx, env.Lake, env.File("centres", "vectors", ".npy"), x.Centres, len(x.Centres)/dim, dim)
	if err != nil {
		return nil, err
	}
	start, err := npy.Write(ctx, env.Lake, env.File("centres", "start", ".npy"), x.Start, len(x.Start))
	if err != nil {
		return nil, err
	}
	songs, err := npy.Write(ctx, env.Lake, env.File("centres", "songs", ".npy"), x.Songs, len(x.Songs))
	return []lake.FileRef{centres, start, songs}, err
}
