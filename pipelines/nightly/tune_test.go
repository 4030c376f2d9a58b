package nightly_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/algo/pareto"
)

// grouped returns playlists of four groups of songs, each popular songs first.
func grouped(n int) (out []schemas.Playlist) {
	r := rand.New(rand.NewPCG(9, 0))
	for i := range n {
		p := schemas.Playlist{PlaylistID: fmt.Sprint("p", i)}
		for range 18 {
			song := int(80 * math.Pow(r.Float64(), 2))
			if r.IntN(5) == 0 {
				song = r.IntN(80)
			}
			p.Songs = append(p.Songs, fmt.Sprint("s", (i%4)*80+song))
		}
		out = append(out, p)
	}
	return out
}

func tuneOptions(trials int) nightly.TuneOptions {
	return nightly.TuneOptions{Trials: trials, Sample: 1, Seed: 3, Each: func(pareto.Trial) error { return nil }}
}

func small() nightly.Params {
	p := nightly.Default()
	p.Embed.Dim, p.Neighbours.K, p.Neighbours.Deep = 16, 20, 20
	return p
}

// Trials are the same in one go and continued, begin with the settings as they are, and the chosen one keeps coverage and tail.
func TestTuneIsResumable(t *testing.T) {
	playlists, o := grouped(400), tuneOptions(6)
	whole, err := nightly.Tune(t.Context(), playlists, nil, small(), o)
	if err != nil {
		t.Fatal(err)
	}
	first, err := nightly.Tune(t.Context(), playlists, nil, small(), tuneOptions(2))
	if err != nil {
		t.Fatal(err)
	}
	o.Done = first.Trials
	told := 0
	o.Each = func(pareto.Trial) error { told++; return nil }
	rest, err := nightly.Tune(t.Context(), playlists, nil, small(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(whole.Trials, rest.Trials) || told != 4 {
		t.Errorf("in one go %v, continued by %d %v", whole.Trials, told, rest.Trials)
	}
	start := []float64{}
	for _, k := range nightly.Knobs() {
		start = append(start, map[string]float64{
			"embed.power": .75, "embed.shrink": 10, "embed.length_exponent": .5, "neighbours.cooc_beta": .3,
			"neighbours.popularity_exponent": .2, "neighbours.lambda": .5, "neighbours.artist_bonus": .2,
		}[k.Name])
	}
	if !reflect.DeepEqual(whole.Trials[0].At, start) {
		t.Errorf("the search begins at %v, want the defaults %v", whole.Trials[0].At, start)
	}
	chosen, before := whole.Trials[whole.Best].Value, whole.Trials[0].Value
	if chosen[0] < before[0] || chosen[1] < .95*before[1] || chosen[2] < .95*before[2] {
		t.Errorf("chosen %v, the start has %v", chosen, before)
	}
	if (whole.Best > 0) != (whole.Fresh > 0) {
		t.Errorf("trial %d was chosen, confirmed on %d cases", whole.Best, whole.Fresh)
	}
}

// A budget that one trial uses up stops after it; a failing Each, too few playlists and invalid parameters are errors.
func TestTuneStops(t *testing.T) {
	o := tuneOptions(50)
	o.Budget = time.Nanosecond
	got, err := nightly.Tune(t.Context(), grouped(200), nil, small(), o)
	if err != nil || len(got.Trials) != 1 || !math.IsNaN(got.Ratio.Value) {
		t.Errorf("%d trials, ratio %v: %v", len(got.Trials), got.Ratio, err)
	}
	full := errors.New("disk is full")
	o = tuneOptions(5)
	o.Each = func(pareto.Trial) error { return full }
	if got, err := nightly.Tune(t.Context(), grouped(200), nil, small(), o); !errors.Is(err, full) || len(got.Trials) != 1 {
		t.Errorf("%d trials: %v", len(got.Trials), err)
	}
	if _, err := nightly.Tune(t.Context(), grouped(4), nil, small(), tuneOptions(5)); err == nil {
		t.Error("four playlists are enough")
	}
	bad := small()
	bad.Embed.Dim = 0
	if _, err := nightly.Tune(t.Context(), grouped(200), nil, bad, tuneOptions(5)); err == nil {
		t.Error("dimension 0 passes")
	}
}

// The sample is a share of the playlists, the same for the same seed.
func TestTuneSample(t *testing.T) {
	o := tuneOptions(1)
	o.Sample = .5
	got, err := nightly.Tune(t.Context(), grouped(800), nil, small(), o)
	if err != nil || got.Cases < 25 || got.Cases > 55 {
		t.Errorf("%d cases of half of 800 playlists, a tenth held out: %v", got.Cases, err)
	}
}
