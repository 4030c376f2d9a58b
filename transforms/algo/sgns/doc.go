// Package sgns embeds songs by skip-gram with negative sampling on playlists: Word2Vec with songs for words.
//
//	L = Σ over pairs (i, j) of log σ(v_i · o_j) + Σ over negatives n of log σ(-v_i · o_n)
//
// A pair is two songs of a playlist at most b places apart, b drawn anew for every centre j from 1 to the window; the
// playlist is shuffled before every epoch, because its order carries no signal. v_i are the input vectors (a song as the
// one we start from), o_j the output vectors (a song as the one to be found). A neighbour in n_j playlists scores
// exp(6·cos(v_i, o_j))·n_j^g: two different songs' roles, so not symmetric. The cosine of two input vectors is a poor score.
//
//	params.go    Params
//	model.go     Model, Train
//	layout.go    layout: which row of the trained matrices a song has, and its block
//	noise.go     noise: negatives by the alias method
//	random.go    random: the generator
//	step.go      step: one centre, its contexts and its negatives, by the kernels of algo/simd
//	walk.go      walker: a playlist, thinned and shuffled, window by window
//	pairs.go     piece: pairs of some playlists by block of context and of centre; sorted: those of a bucket by centre
//	blocks.go    the deterministic mode
//	race.go      the racing mode
//	score.go     Roles, Score: what is searched and stored; Fold: songs too rare to be trained
//	loss.go      Loss: how well the vectors explain the playlists
//
// Deterministic mode: songs are spread over S blocks and pairs over S×S buckets (block of the context, block of the centre).
// Round r trains the buckets (a, a+r mod S), whose rows are disjoint, in parallel; negatives come from the centre's block.
// What is computed depends on the input and the seed, not on the number of cores: same kernel tier, same bytes.
//
// Racing mode ("hogwild"): every core trains windows of its own playlists on the shared rows without locks, so updates get
// lost now and then and no two runs give the same bytes. It is a data race by design: memory safe, as rows are only read and
// written as whole numbers inside the kernels and no index, length or pointer is shared, and left out of race-detector runs.
//
// Source: Mikolov et al. 2013 (objective, window); Caselles-Dupré et al. 2018 (on playlists); Recht et al. 2011 (racing);
// Gemulla et al. 2011 (blocks). Deviations: the negatives are shared by all contexts of a window, or by up to 16 pairs of a
// centre; contexts and outputs of a step are updated from their values before it; the sigmoid is a polynomial exact to 1e-4.
package sgns
