package embed

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"segue/transforms/algo/sgns"
	"segue/transforms/algo/svd"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// Methods of training.
const (
	MethodSVD    = "svd"     // truncated singular value decomposition (algo/svd)
	MethodSGNS   = "sgns"    // skip-gram with negative sampling by blocks (algo/sgns): the same bytes on any cores
	MethodRacing = "hogwild" // the same without locks: faster, and no two nights are alike
	MethodKeep   = "keep"    // last night's vectors, untrained
)

// trainers are the methods by name.
var trainers = map[string]func(context.Context, training) (rawVectors, error){
	MethodSVD: trainSVD, MethodSGNS: trainSGNS, MethodRacing: trainSGNS, MethodKeep: trainPrevious,
}

// Params decides what an embedding looks like and how it is trained.
type Params struct {
	svd.Params
	Method string `json:"method"` // how vectors are trained: svd, sgns, hogwild, which is sgns faster and not repeatable, or keep: last night's vectors, untrained; default svd
	Warm   bool   `json:"warm"`   // svd starts from last night's vectors when the catalogue changed by less than a tenth, and so needs half the passes; default true

	Fallback bool `json:"fallback"` // songs keep last night's vectors when training fails; default false: the night fails

	SGNS sgns.Params `json:"sgns"` // of sgns and hogwild, which train embed.dim numbers a song
}

// Default returns the parameters measured to be good on playlists of several kinds.
func Default() Params {
	return Params{Params: svd.Default(), Method: MethodSVD, Warm: true, SGNS: sgns.Default()}
}

// Validate reports every parameter out of range.
func (p Params) Validate() error {
	err := p.Params.Validate()
	if p.Method == MethodSGNS || p.Method == MethodRacing {
		s := p.SGNS
		s.Dim = p.Dim
		err = errors.Join(err, s.Validate())
	}
	if _, ok := trainers[p.Method]; !ok {
		err = errors.Join(err, fmt.Errorf("method is %q, must be one of %q", p.Method, slices.Sorted(maps.Keys(trainers))))
	}
	return err
}

// training is what a method is given.
type training struct {
	sc    *work.Context
	m     matrixFiles
	songs []lake.FileRef // table songs
	last  *previous      // last night's vectors; nil = none in common
	p     Params
}

// rawVectors is what a method leaves: vectors by column of the matrix, of any length and before signs are set, in parts of
// 1<<Shift rows in scratch. The first Fit columns were fitted, the others projected, or left zero. No parts = no vectors.
// Out are second vectors of the same shape, for methods whose score is the product of a song's first and the other's second.
type rawVectors struct {
	Dim, Fit int
	Shift    uint
	Parts    []lake.FileRef
	Out      []lake.FileRef `json:",omitempty"`
}

// maxChanged is the share of the catalogue from which on a warm start is not worth trying.
const maxChanged = .1

// trainSVD trains by algo/svd: in one process as one item, which holds the tall matrices in memory; where workers share no
// disk as phases over parts of them.
func trainSVD(_ context.Context, t training) (rawVectors, error) {
	var warm *lake.FileRef
	if t.p.Warm && t.last != nil && t.last.changed() < maxChanged {
		warm = &t.last.Rows
		t.sc.Count("embed/warm", 1)
	}
	fit := t.alone
	if env := t.sc.Env(); env.Scratch.URL() == env.Lake.URL() {
		fit = t.together
	}
	f, err := fit(warm)
	if err != nil {
		return rawVectors{}, err
	}
	t.sc.Count("embed/columns", int64(f.Width))
	t.sc.Count("embed/passes", int64(len(f.Progress.Change)))
	t.sc.Count("embed/share_ppm", ppm(f.Progress.Share))
	for i := range f.Progress.Change {
		t.sc.Count(fmt.Sprintf("embed/captured_ppm_pass_%d", i+1), ppm(f.Progress.Captured[i]))
		t.sc.Count(fmt.Sprintf("embed/change_ppm_pass_%d", i+1), ppm(f.Progress.Change[i]))
	}
	return rawVectors{Dim: t.p.Dim, Fit: f.Fit, Shift: t.m.colShift(), Parts: f.Parts}, nil
}

// alone fits in one process.
func (t training) alone(warm *lake.FileRef) (fitted, error) {
	tall := 4 * int64(t.p.Dim+t.p.Oversample) * (t.m.RowStart.Rows + t.m.Columns.Rows)
	made, err := work.Run(t.sc, "fit", []fitItem{{t.songs, warm, tall}}, fitFn{t.m, t.p.Params}, work.Collect[fitted]{})
	if err != nil {
		return fitted{}, err
	}
	return made[0][0], nil
}

// together fits by phases over parts.
func (t training) together(warm *lake.FileRef) (fitted, error) {
	scaled, err := work.Run(t.sc, "scales", []scalesItem{{Songs: t.songs}}, scalesFn{t.m, t.p.Params}, work.Collect[scales]{})
	if err != nil {
		return fitted{}, err
	}
	s := scaled[0][0]
	if s.Width == 0 {
		return fitted{Fit: s.Fit}, nil
	}
	f := fitting{training: t, s: s, warm: warm}
	return f.fit()
}
