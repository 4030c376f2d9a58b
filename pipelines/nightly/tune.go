package nightly

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/algo/metrics"
	"segue/transforms/algo/pareto"
	"segue/transforms/algo/recipe"
	"segue/transforms/embed"
	"segue/transforms/evaluate"
)

// Knob is one parameter of the night that Tune searches.
type Knob struct {
	Name  string // as in the configuration: stage.parameter
	Range pareto.Range
	of    func(*Params) *float64
}

// Knobs returns what Tune searches: the parameters of the recipe whose best value depends on the playlists.
func Knobs() []Knob {
	return []Knob{
		{"embed.power", pareto.Range{High: 1.5}, func(p *Params) *float64 { return &p.Embed.Power }},
		{"embed.shrink", pareto.Range{Low: 1, High: 100, Log: true}, func(p *Params) *float64 { return &p.Embed.Shrink }},
		{"embed.length_exponent", pareto.Range{High: 1}, func(p *Params) *float64 { return &p.Embed.LengthExponent }},
		{"neighbours.cooc_beta", pareto.Range{High: .6}, func(p *Params) *float64 { return &p.Neighbours.CoocBeta }},
		{"neighbours.popularity_exponent", pareto.Range{High: .5}, func(p *Params) *float64 { return &p.Neighbours.PopularityExponent }},
		{"neighbours.lambda", pareto.Range{High: 1}, func(p *Params) *float64 { return &p.Neighbours.Lambda }},
		{"neighbours.artist_bonus", pareto.Range{High: .5}, func(p *Params) *float64 { return &p.Neighbours.ArtistBonus }},
	}
}

// recipeOf returns the night's parameters of embed, for svd, and of neighbours as those of a recipe.
func recipeOf(p Params) recipe.Params {
	r := recipe.Default()
	r.Embed = p.Embed.Params
	if p.Embed.Method != embed.MethodSVD {
		r.SGNS = &p.Embed.SGNS
	}
	r.Cooc.Beta = p.Neighbours.CoocBeta
	r.Popularity = p.Neighbours.PopularityExponent
	r.Blend.K, r.Blend.Deep = p.Neighbours.K, p.Neighbours.Deep
	r.Blend.Lambda, r.Blend.ArtistBonus = p.Neighbours.Lambda, p.Neighbours.ArtistBonus
	return r
}

// TuneOptions say how long to search.
type TuneOptions struct {
	Trials int           // at most, the one of the start included
	Budget time.Duration // no trial begins that would likely end later
	Sample float64       // share of the playlists, (0,1]
	Seed   uint64        // of the sample and the search
	Done   []pareto.Trial
	Each   func(pareto.Trial) error // called after each new trial; an error ends the search
}

// Objectives of a trial, in order.
var Objectives = []string{evaluate.MetricNDCG, evaluate.MetricCoverage, "tail recall@100"}

// Tuned is what a search found.
type Tuned struct {
	Trials []pareto.Trial
	Front  []int
	Best   int              // of the front: highest nDCG among those that lose at most 5 % of the start's coverage and tail recall
	Ratio  metrics.Interval // nDCG of Best over the start's on two splits that were not searched; NaN where not measured
	Cases  int              // of the split that was searched
	Fresh  int              // cases that Ratio is over
}

// slack is what the best trial may lose of the start's coverage and tail recall.
const slack = .05

// Tune searches the knobs on held-out playlists of a sample: p with each trial's values is trained in memory on nine tenths of
// it, as Protocol does for its first salt, and measured on the rest. The other salts confirm the best trial, as long as
// the budget lasts.
//
// Order:  trials depend on the playlists, p, Sample and Seed alone; time decides only how many there are.
// Errors: invalid parameters; no case; ctx's; that of Each.
func Tune(ctx context.Context, playlists []schemas.Playlist, artists map[string]string, p Params, o TuneOptions) (Tuned, error) {
	begin := time.Now()
	sample := sampled(playlists, o.Sample, o.Seed)
	protocol := evaluate.DefaultProtocol()
	t, err := evaluate.NewTuning(sample, artists, protocol.Salts[0], protocol.TestShare)
	if err != nil {
		return Tuned{}, fmt.Errorf("tune on %d of %d playlists: %w", len(sample), len(playlists), err)
	}
	out := Tuned{Trials: slices.Clone(o.Done), Cases: t.Cases(), Ratio: metrics.Interval{Value: math.NaN(), Low: math.NaN(), High: math.NaN()}}
	knobs, start, box := Knobs(), []float64(nil), []pareto.Range(nil)
	for _, k := range knobs {
		start, box = append(start, *k.of(&p)), append(box, k.Range)
	}
	longest := time.Duration(0)
	reserve := func(runs time.Duration) bool { return o.Budget > 0 && time.Since(begin)+runs*longest > o.Budget }
	for len(out.Trials) < o.Trials && (longest == 0 || !reserve(1+confirmRuns)) {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		began := time.Now()
		trial, err := try(t, p, pareto.Propose(box, start, out.Trials, o.Seed))
		if err != nil {
			return out, err
		}
		longest = max(longest, time.Since(began))
		out.Trials = append(out.Trials, trial)
		if err := o.Each(trial); err != nil {
			return out, err
		}
	}
	if len(out.Trials) == 0 {
		return out, errors.New("tune: no trial was asked for")
	}
	out.Front = pareto.Front(out.Trials)
	out.Best = best(out.Trials, out.Front)
	if out.Best == 0 || reserve(confirmRuns) {
		return out, nil
	}
	return out, out.confirm(sample, artists, p, protocol)
}

// confirmRuns is how many trainings confirming takes: two splits, before and after.
const confirmRuns = 4

// sampled keeps a share of the playlists, by the hash of their ids.
func sampled(playlists []schemas.Playlist, share float64, seed uint64) []schemas.Playlist {
	if share >= 1 {
		return playlists
	}
	var out []schemas.Playlist
	for _, p := range playlists {
		if float64(schemas.Hash64(seed, "tune/sample", p.PlaylistID)) < share*math.MaxUint64 {
			out = append(out, p)
		}
	}
	return out
}

// With returns the parameters with the knobs at some values.
func (p Params) With(values []float64) Params {
	for i, k := range Knobs() {
		*k.of(&p) = values[i]
	}
	return p
}

func outcome(t *evaluate.Tuning, p Params) (evaluate.Outcome, error) {
	r := recipeOf(p)
	if err := r.Validate(); err != nil {
		return evaluate.Outcome{}, fmt.Errorf("check recipe: %w", err)
	}
	return t.Measure(func(train [][]int32, songs int, artist []int32) (evaluate.Trained, error) {
		return evaluate.Trained{Neighbours: recipe.Train(train, songs, artist, r).Neighbours}, nil
	})
}

func try(t *evaluate.Tuning, p Params, at []float64) (pareto.Trial, error) {
	o, err := outcome(t, p.With(at))
	return pareto.Trial{At: at, Value: []float64{metrics.Mean(o.NDCG).Value, o.Coverage, o.Tail}}, err
}

// best returns the trial of the front with the highest nDCG that keeps coverage and tail recall; the start when none is better.
func best(trials []pareto.Trial, front []int) int {
	start, found := trials[0].Value, 0
	for _, i := range front {
		v := trials[i].Value
		if v[1] >= (1-slack)*start[1] && v[2] >= (1-slack)*start[2] && v[0] > trials[found].Value[0] {
			found = i
		}
	}
	return found
}

// confirm measures the best trial and the start on the splits that were not searched.
func (t *Tuned) confirm(sample []schemas.Playlist, artists map[string]string, p Params, protocol evaluate.ProtocolParams) error {
	var before, after []float64
	for _, salt := range protocol.Salts[1:] {
		fresh, err := evaluate.NewTuning(sample, artists, salt, protocol.TestShare)
		if err != nil {
			return err
		}
		a, err := outcome(fresh, p.With(t.Trials[0].At))
		if err != nil {
			return err
		}
		b, err := outcome(fresh, p.With(t.Trials[t.Best].At))
		if err != nil {
			return err
		}
		before, after = append(before, a.NDCG...), append(after, b.NDCG...)
	}
	t.Ratio, t.Fresh = metrics.Ratio(after, before), len(after)
	return nil
}
