package embed

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"segue/transforms/algo/svd"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// MethodSVD trains vectors by a truncated singular value decomposition (algo/svd).
const MethodSVD = "svd"

// trainers are the methods by name.
var trainers = map[string]func(training) (rawVectors, error){MethodSVD: trainSVD}

// Params decides what an embedding looks like and how it is trained.
type Params struct {
	svd.Params
	Method string `json:"method"` // how vectors are trained: svd; default svd
}

// Default returns the parameters measured to be good on playlists of several kinds.
func Default() Params { return Params{Params: svd.Default(), Method: MethodSVD} }

// Validate reports every parameter out of range.
func (p Params) Validate() error {
	err := p.Params.Validate()
	if _, ok := trainers[p.Method]; !ok {
		err = errors.Join(err, fmt.Errorf("method is %q, must be one of %q", p.Method, slices.Sorted(maps.Keys(trainers))))
	}
	return err
}

// training is what a method is given: the stage, the matrix, table songs and the parameters.
type training struct {
	sc    *work.Context
	m     matrixFiles
	songs []lake.FileRef
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
