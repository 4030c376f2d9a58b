// Package neighbours finds the most similar songs of every song by playlists shared and by vectors, and blends the two.
//
//	stage.go    Params, Stage: the phases in order
//	files.go    references to the matrix and lists in parts
//	cut.go      cutFn: playlists cut to what co-occurrence reads
//	find.go     findFn: both searches in one phase
//	together.go togetherFn: the lists of a block of songs by playlists shared
//	search.go   Search, searchFn: the lists of all songs by vectors, and their recall on a sample
//	near.go     these lists in files, by song
//	fit.go      fitFn: the share of co-occurrence, by held-out playlists
//	songs.go    what blending needs of table songs, read once a process
//	blend.go    blendFn: joined lists of a block of songs, and their part of table song_neighbours
//	columns.go  maker: the rows of a song as columns
//	drift.go    driftFn: how the lists changed since last night, and how evenly they name songs
//	churn.go    churn: a file of last night's table beside tonight's lists
//
// Counters: neighbours/songs_with_list and neighbours/songs_without add up to the songs; neighbours/full_lists are as
// long as lists get; neighbours/rows; the scales of the blend in millionths: neighbours/cooc_scale_ppm, neighbours/emb_scale_ppm;
// of the fit, where enough playlists are held out, neighbours/fit_cases, neighbours/lambda_ppm, and nDCG@100 before and after in
// neighbours/fit_ndcg_before_ppm and neighbours/fit_ndcg_ppm;
// of the search neighbours/recall_ppm (recall@100 on 500 songs that may be found and 500 that may not, 100 each in an exact search), neighbours/probes (0 = exact), and in
// deviations how far each looked beyond them: neighbours/reach_thousandths, neighbours/reach_of_rare_thousandths;
// of the lists neighbours/hubness_thousandths (skewness of how many lists name a song) and, after a first night,
// neighbours/churn_at_20_ppm (share of the first 20 that is new, mean over neighbours/churn_songs with a list on both nights).
package neighbours

import (
	"context"
	"errors"
	"fmt"
	"math"

	"segue/schemas"
	"segue/transforms/algo/blend"
	"segue/transforms/algo/cooc"
	"segue/transforms/algo/svd"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// Params decides which songs are neighbours.
type Params struct {
	K                  int     `json:"k"`                   // neighbours published a song; 0, the default, is 200 up to 50,000 songs in playlists and 100 beyond
	Deep               int     `json:"deep"`                // neighbours kept for later stages, and read of the list by playlists shared, at least K; default 200
	CoocBeta           float64 `json:"cooc_beta"`           // exponent of a neighbour's playlists under its co-occurrence; more prefer rare songs; default 0.3
	PopularityExponent float64 `json:"popularity_exponent"` // exponent of a neighbour's playlists over its cosine; more prefer known songs; default 0.2
	Lambda             float64 `json:"lambda"`              // share of co-occurrence, [0,1], where no other is surely better on held-out playlists; default 0.5
	FixLambda          bool    `json:"fix_lambda"`          // keep lambda whatever held-out playlists say; default false
	ArtistBonus        float64 `json:"artist_bonus"`        // added for the same known main artist; 0 for radio logs; default 0.2
	MinCount           int     `json:"min_count"`           // playlists a song needs to be found by vectors; rarer songs have lists and are in others' by playlists shared alone; default 5
	KeepVersions       bool    `json:"keep_versions"`       // let versions of one recording be neighbours; default false
	Search
}

// Default returns the parameters measured to be good on playlists of several kinds.
func Default() Params {
	b := blend.Default()
	return Params{K: b.K, Deep: b.Deep, CoocBeta: cooc.Default().Beta, PopularityExponent: .2, Lambda: b.Lambda, ArtistBonus: b.ArtistBonus, MinCount: svd.Default().MinCount, Search: Search{Search: SearchAuto, Probes: 64, MinRecall: .99}}
}

// Validate reports every parameter out of range.
func (p Params) Validate() error {
	err := errors.Join(p.blend().Validate(), p.cooc().Validate(), p.validate())
	if !(p.PopularityExponent >= 0 && p.PopularityExponent <= 2) {
		err = errors.Join(err, fmt.Errorf("popularity_exponent is %v, must be in 0..2", p.PopularityExponent))
	}
	if p.MinCount < 0 {
		err = errors.Join(err, fmt.Errorf("min_count is %d, must be at least 0", p.MinCount))
	}
	return err
}

func (p Params) blend() blend.Params {
	return blend.Params{K: p.K, Deep: p.Deep, Lambda: p.Lambda, ArtistBonus: p.ArtistBonus}
}

func (p Params) cooc() cooc.Params {
	c := cooc.Default()
	c.Beta, c.Depth = p.CoocBeta, p.Deep
	return c
}

// layout is the version of the files that are handed on: a run that an older program began finds its neighbours again.
const layout = 2

// Stage returns the stage that finds neighbours.
//
// In:     the matrix; vectors; table songs.
// Plan:   cut (one item); find (an item a block of songs, and one of all); fit (one item); blend (an item a block); drift (one item).
// Out:    table song_neighbours, sorted by (song_id, rank), and neighbour_lists, the deep lists of all songs; a file an item each.
// Order:  score falling, ties by song; never itself; independent of workers.
// Errors: none that depend on the data: a song of no playlist has no list.
// Cost:   songs²·Dim flops for vectors when exact, fewer by cells, and Σ L² over playlists of at most 300 songs.
func Stage(p Params) work.Stage {
	type decides struct {
		Params
		Layout int `json:"layout"`
	}
	return work.Stage{
		Name: "neighbours",
		Reads: []string{
			schemas.WorkMatrixColumns, schemas.WorkMatrixRowStart, schemas.WorkMatrixRowItems, schemas.WorkMatrixColStart,
			schemas.WorkMatrixColItems, schemas.WorkVectors, schemas.WorkOutVectors, schemas.TableSongs, schemas.WorkPlaylists, schemas.Previous(schemas.TableSongNeighbours),
		},
		Writes:   []string{schemas.TableSongNeighbours, schemas.WorkNeighbourLists},
		Params:   decides{p, layout},
		Volatile: true,
		Run:      func(_ context.Context, sc *work.Context) error { return run(sc, p) },
	}
}

func run(sc *work.Context, p Params) error {
	defer catalogue.Drop()
	m, songs, err := inputs(sc)
	if err != nil {
		return err
	}
	cut, err := work.Run(sc, "cut", []cutItem{{m.songs()}}, cutFn{m, p.cooc()}, work.Collect[cutFiles]{})
	if err != nil {
		return err
	}
	k := p.blend().Published(int(m.Columns.Rows))
	near, together, err := find(sc, findFn{searchFn{m, p, k}, togetherFn{m, cut[0][0], p.cooc()}})
	if err != nil {
		return err
	}
	z, items := planBlend(together, near.Maxima, m.songs())
	count(sc, near)
	sc.Count("neighbours/cooc_scale_ppm", int64(math.Round(1e6*z.Cooc)))
	sc.Count("neighbours/emb_scale_ppm", int64(math.Round(1e6*z.Emb)))
	how := blendFn{p, k, z, near.Lists, songs}
	if how.Params, err = fit(sc, how, together); err != nil {
		return err
	}
	blended, err := work.Run(sc, "blend", items, how, work.Collect[blended]{})
	if err != nil {
		return err
	}
	return watch(sc, driftItem{Count: m.songs(), Lists: publish(sc, flat(blended)), Songs: songs}, k)
}

// count notes how well vectors were searched.
func count(sc *work.Context, s searched) {
	sc.Count("neighbours/probes", s.Probes)
	sc.Count("neighbours/reach_thousandths", int64(1000*s.Reach[0]))
	sc.Count("neighbours/reach_of_rare_thousandths", int64(1000*s.Reach[1]))
	if s.Wanted > 0 {
		sc.Count("neighbours/recall_ppm", s.Hits*1_000_000/s.Wanted)
	}
}

// publish hands on the table and the deep lists, and returns the latter.
func publish(sc *work.Context, parts []blended) (deep []lake.FileRef) {
	for _, b := range parts {
		sc.Output(schemas.TableSongNeighbours, b.Table)
		sc.Count("neighbours/rows", b.Table.Rows)
		sc.Count("neighbours/songs_with_list", b.WithList)
		sc.Count("neighbours/songs_without", b.Without)
		sc.Count("neighbours/full_lists", b.Full)
		deep = append(deep, b.Deep)
	}
	sc.Output(schemas.WorkNeighbourLists, deep...)
	return deep
}

// flat returns the values of the only key, in item order.
func flat[V any](results [][]V) []V {
	if len(results) == 0 {
		return nil
	}
	return results[0]
}

// inputs returns the matrix with the vectors, and the files of table songs.
func inputs(sc *work.Context) (m matrixFiles, songs []lake.FileRef, err error) {
	for name, ref := range map[string]*lake.FileRef{
		schemas.WorkMatrixColumns: &m.Columns, schemas.WorkMatrixRowStart: &m.RowStart, schemas.WorkMatrixRowItems: &m.RowItems,
		schemas.WorkMatrixColStart: &m.ColStart, schemas.WorkMatrixColItems: &m.ColItems, schemas.WorkVectors: &m.Vectors,
	} {
		refs, err := sc.Input(name)
		if err != nil {
			return m, nil, err
		}
		*ref = refs[0]
	}
	if sc.Has(schemas.WorkOutVectors) {
		refs, err := sc.Input(schemas.WorkOutVectors)
		if err != nil {
			return m, nil, err
		}
		m.Out = refs[0]
	}
	if sc.Has(schemas.TableSongs) {
		songs, err = sc.Input(schemas.TableSongs)
	}
	return m, songs, err
}
