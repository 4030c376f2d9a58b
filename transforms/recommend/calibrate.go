package recommend

import (
	"cmp"
	"context"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/work"
)

// Size of the sample: listeners, and candidates of each. Of manyTimes as many listeners the candidates are gathered, by hash and
// whatever their bucket, for a bucket does not know the hashes of others.
const (
	sampledListeners  = 128
	sampledCandidates = 32
	manyTimes         = 8
)

func init() {
	work.Register[calibrateFn, mapFn, bucket, []sample, scoring.Calibration]()
}

// sample is the raw terms of one listener's candidates.
type sample struct {
	Hash uint64
	Raw  []scoring.Raw
}

// compareSamples orders samples by hash; listeners of one hash, by what they hold.
func compareSamples(a, b sample) int {
	return cmp.Or(cmp.Compare(a.Hash, b.Hash), slices.CompareFunc(a.Raw, b.Raw, func(x, y scoring.Raw) int {
		return cmp.Or(cmp.Compare(x.Taste, y.Taste), cmp.Compare(x.Context, y.Context), cmp.Compare(x.Popularity, y.Popularity))
	}))
}

// calibrateFn emits the samples of a bucket's listeners of smallest hash.
type calibrateFn struct {
	Shared  Shared
	Sampled uint64 // no listener of a hash above is in the sample
}

// Do returns at most sampledListeners samples under the one key.
func (f calibrateFn) Do(ctx context.Context, env *work.Env, b bucket) ([]work.Keyed[[]sample], error) {
	m, err := openModel(ctx, env.Lake, f.Shared)
	if err != nil {
		return nil, err
	}
	chosen, err := f.choose(ctx, env, b)
	if err != nil {
		return nil, err
	}
	var out []sample
	scratch := m.scoring.NewScratch()
	wanted := func(user string) bool { _, ok := chosen[user]; return ok }
	err = m.reader(env).each(ctx, env.Lake, b, wanted, func(p *person) error {
		out = append(out, sample{chosen[p.row.UserID], thin(m.scoring.Candidates(&p.listener, scratch, nil))})
		return nil
	})
	slices.SortFunc(out, compareSamples)
	return []work.Keyed[[]sample]{{Key: "all", Value: out}}, err
}

// choose returns the hashes of a bucket's listeners of smallest hash.
func (f calibrateFn) choose(ctx context.Context, env *work.Env, b bucket) (map[string]uint64, error) {
	type hashed struct {
		hash uint64
		id   string
	}
	var all []hashed
	for l, err := range readListeners(ctx, env.Lake, b) {
		if err != nil {
			return nil, err
		}
		if h := schemas.Hash64(env.Seed, "recommend/calibrate", l.UserID); h <= f.Sampled {
			all = append(all, hashed{h, l.UserID})
		}
	}
	slices.SortFunc(all, func(a, b hashed) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.id, b.id)) })
	chosen := map[string]uint64{}
	for _, h := range all[:min(sampledListeners, len(all))] {
		chosen[h.id] = h.hash
	}
	return chosen, nil
}

// thin returns the raw terms of evenly spaced candidates.
func thin(c []scoring.Candidate) []scoring.Raw {
	n := min(sampledCandidates, len(c))
	out := make([]scoring.Raw, n)
	for i := range out {
		out[i] = c[i*len(c)/n].Raw
	}
	return out
}

// mapFn makes the maps of the listeners of smallest hash among all buckets.
type mapFn struct{}

// Merge returns the night's calibration.
func (mapFn) Merge(_ context.Context, _ *work.Env, _ string, values [][]sample) (scoring.Calibration, error) {
	all := slices.Concat(values...)
	slices.SortFunc(all, compareSamples)
	var raw []scoring.Raw
	for _, s := range all[:min(sampledListeners, len(all))] {
		raw = append(raw, s.Raw...)
	}
	return scoring.Calibrate(raw), nil
}
