package neighbours

import (
	"cmp"
	"context"
	"math"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/blend"
	"segue/transforms/algo/metrics"
	"segue/transforms/algo/ranking"
	"segue/transforms/algo/topk"
	"segue/transforms/algo/vec"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[fitFn, work.Collect[fitted], fitItem, fitted, []fitted]()
}

// Cases that the share of co-occurrence is fitted on: a playlist's first songs ask for the rest, as in stage evaluate.
const (
	fitCases = 400 // at most
	fitDepth = 100 // of the ranking that counts
	fitLeast = .01 // share of nDCG another weight must gain
	fitSalt  = "neighbours/fit"
)

// lambdas are the shares that are tried beside the one that is set. The largest leaves vectors enough to order songs that share no playlist.
var lambdas = []float64{.1, .3, .5, .7, .8, .9, .99}

// fitItem is the held-out playlists, and the lists of all songs found both ways.
type fitItem struct {
	HeldOut   int64
	Playlists []lake.FileRef
	Together  []listFiles // by block
	Near      []nearFiles
}

// fitted is the share that was chosen, and nDCG@100 with the one that was set and with it.
type fitted struct {
	Lambda        float64
	Cases         int64
	Before, After float64
}

// fitFn chooses Lambda.
type fitFn struct {
	Params Params
	K      int
	Scale  blend.Scale
	Songs  []lake.FileRef // table songs
}

// Do measures every share on the same cases.
func (f fitFn) Do(ctx context.Context, env *work.Env, item fitItem) ([]work.Keyed[fitted], error) {
	cases, err := readFitCases(ctx, env.Lake, item)
	if err != nil {
		return nil, err
	}
	info, err := openSongs(ctx, env.Lake, f.Songs)
	if err != nil {
		return nil, err
	}
	var a npy.Arrays
	defer a.Close()
	pairs := loadPairs(ctx, &a, env.Scratch, item, seedsOf(cases))
	if a.Err() != nil {
		return nil, a.Err()
	}
	shares := append([]float64{f.Params.Lambda}, slices.DeleteFunc(slices.Clone(lambdas), func(l float64) bool { return l == f.Params.Lambda })...)
	values := make([][]float64, len(shares))
	vec.Each(len(shares), func(w int) {
		p := f.Params
		p.Lambda = shares[w]
		joiner := p.joiner(f.Scale, info)
		values[w] = measureFit(joiner, f.K, len(info.ids), cases, pairs)
	})
	w := blend.Choose(shares, values, fitLeast)
	out := fitted{Lambda: shares[w], Cases: int64(len(cases)), Before: metrics.Mean(values[0]).Value, After: metrics.Mean(values[w]).Value}
	return []work.Keyed[fitted]{{Value: out}}, nil
}

// fitCase is one playlist: its first songs, and the rest.
type fitCase struct {
	hash          uint64
	seeds, hidden []int32
}

// readFitCases returns the cases of smallest hash, by hash.
func readFitCases(ctx context.Context, s lake.Store, item fitItem) ([]fitCase, error) {
	var out []fitCase
	for _, file := range item.Playlists {
		for p, err := range parquetio.Read[schemas.CleanPlaylist](ctx, s, file) {
			if err != nil {
				return nil, err
			}
			if !p.HeldOut || !schemas.ForFit(p.PlaylistID, item.HeldOut) {
				continue
			}
			if seeds, hidden, ok := metrics.Hide(p.Songs); ok {
				out = append(out, fitCase{schemas.Hash64(0, fitSalt, p.PlaylistID), seeds, hidden})
			}
		}
	}
	slices.SortFunc(out, func(a, b fitCase) int { return cmp.Or(cmp.Compare(a.hash, b.hash), slices.Compare(a.seeds, b.seeds)) })
	return out[:min(fitCases, len(out))], nil
}

// seedsOf returns the seeds of all cases, ascending.
func seedsOf(cases []fitCase) []int32 {
	var out []int32
	for _, c := range cases {
		out = append(out, c.seeds...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// twoLists are the lists of a song as they were found.
type twoLists struct{ cooc, emb []topk.Entry }

// loadPairs returns the two lists of songs, which ascend.
func loadPairs(ctx context.Context, a *npy.Arrays, s lake.Store, item fitItem, songs []int32) map[int32]twoLists {
	out := make(map[int32]twoLists, len(songs))
	near := loadNear(ctx, a, s, item.Near, 0)
	block, together := -1, (*lists)(nil)
	for _, song := range songs {
		if b := int(song) / blend.BlockSongs; b != block {
			block, together = b, loadLists(ctx, a, s, item.Together[b])
		}
		if a.Err() != nil {
			return nil
		}
		out[song] = twoLists{together.entries(int(song)%blend.BlockSongs, nil), near.entries(int(song), nil)}
	}
	return out
}

// measureFit returns the nDCG of every case when its seeds add the scores of their first k neighbours.
func measureFit(j *blend.Joiner, k, songs int, cases []fitCase, pairs map[int32]twoLists) []float64 {
	joined := make(map[int32][]ranking.Entry, len(pairs))
	for song, p := range pairs {
		list := j.List(song, p.cooc, p.emb)
		for _, n := range list[:min(k, len(list))] {
			joined[song] = append(joined[song], ranking.Entry{Score: float64(n.Score), ID: n.ID, Column: n.ID})
		}
	}
	order, sums := ranking.NewOrder(songs, nil), ranking.NewSums(songs)
	out := make([]float64, len(cases))
	for i, c := range cases {
		sums.Reset()
		for _, seed := range c.seeds {
			sums.AddAll(joined[seed])
		}
		ranked := order.Top(sums, songs, c.seeds, fitDepth)
		out[i] = metrics.NDCG(metrics.Hits(ranked, c.hidden), len(c.hidden), fitDepth)
	}
	return out
}

// fit returns the parameters of blending with the share of co-occurrence that fits the held-out playlists; as they are where too few are
// held out or the share is fixed.
func fit(sc *work.Context, b blendFn, together []found) (Params, error) {
	p := b.Params
	held, _ := sc.Counter("matrix/held_out")
	if p.FixLambda || !schemas.MayFit(held) || !sc.Has(schemas.WorkPlaylists) {
		return p, nil
	}
	item := fitItem{HeldOut: held, Near: b.Near}
	for _, t := range together {
		item.Together = append(item.Together, t.Lists)
	}
	var err error
	if item.Playlists, err = sc.Input(schemas.WorkPlaylists); err != nil {
		return p, err
	}
	made, err := work.Run(sc, "fit", []fitItem{item}, fitFn{p, b.K, b.Scale, b.Songs}, work.Collect[fitted]{})
	if err != nil {
		return p, err
	}
	f := made[0][0]
	p.Lambda = f.Lambda
	sc.Count("neighbours/fit_cases", f.Cases)
	sc.Count("neighbours/lambda_ppm", int64(math.Round(1e6*f.Lambda)))
	sc.Count("neighbours/fit_ndcg_before_ppm", int64(math.Round(1e6*f.Before)))
	sc.Count("neighbours/fit_ndcg_ppm", int64(math.Round(1e6*f.After)))
	return p, nil
}
