package gate

import (
	"context"
	"math"
	"slices"
	"strings"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// Kinds of faults.
const (
	faultLength  = "length"  // a vector of another dimension than the others, or not of length 1
	faultFinite  = "finite"  // NaN or infinite
	faultSelf    = "self"    // a song is its own neighbour
	faultRepeat  = "repeat"  // a song twice in one list
	faultRank    = "rank"    // ranks that do not count 1, 2, 3 …
	faultFalling = "falling" // a score above that of the rank before
	faultTerm    = "term"    // a term of a score outside [0,1]
	faultSum     = "sum"     // terms that do not add up to the score
)

// faults collects broken rows.
type faults struct{ kinds map[string]*fault }

func newFaults() *faults { return &faults{map[string]*fault{}} }

// when notes a fault of a row if it is broken.
func (f *faults) when(broken bool, kind, row string) {
	if !broken {
		return
	}
	if f.kinds[kind] == nil {
		f.kinds[kind] = &fault{Kind: kind, First: strings.Clone(row)}
	}
	f.kinds[kind].Count++
}

func (f *faults) found() []fault {
	var out []fault
	for _, x := range f.kinds {
		out = append(out, *x)
	}
	slices.SortFunc(out, func(a, b fault) int { return strings.Compare(a.Kind, b.Kind) })
	return out
}

// unitTolerance is how far the length of a float32 vector may be from 1.
const unitTolerance = 1e-4

func vectors(ctx context.Context, s lake.Store, ref lake.FileRef, look *faults) error {
	dim := 0
	for row, err := range parquetio.Read[schemas.SongVector](ctx, s, ref) {
		if err != nil {
			return err
		}
		if len(row.Vector) == 0 {
			look.when(row.Source != schemas.VectorNone, faultLength, row.SongID)
			continue
		}
		if dim == 0 {
			dim = len(row.Vector)
		}
		var square float64
		for _, v := range row.Vector {
			square += float64(v) * float64(v)
		}
		look.when(math.IsNaN(square) || math.IsInf(square, 0), faultFinite, row.SongID)
		look.when(len(row.Vector) != dim || math.Abs(math.Sqrt(square)-1) > unitTolerance, faultLength, row.SongID)
	}
	return nil
}

func finite(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }
