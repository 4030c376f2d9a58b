package gate

import (
	"context"
	"math"
	"slices"
	"strings"

	"segue/schemas"
	"segue/transforms/algo/vec"
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
	if broken {
		f.add(kind, row)
	}
}

func (f *faults) add(kind, row string) {
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

// vectors looks at the vectors of songs.
func vectors(ctx context.Context, s lake.Store, ref lake.FileRef, look *faults) error {
	dim := 0
	var songs, sources parquetio.Values
	for g, err := range parquetio.Groups(ctx, s, ref) {
		if err == nil {
			err = load(ctx, g, []column{{"song_id", &songs}, {"source", &sources}})
		}
		if err == nil {
			err = g.EachList(ctx, "vector", func(row int, v []float32) {
				song := songs.Text(row)
				if len(v) == 0 {
					look.when(sources.Text(row) != schemas.VectorNone, faultLength, song)
					return
				}
				if dim == 0 {
					dim = len(v)
				}
				square := vec.SquaredNorm(v)
				look.when(math.IsNaN(square) || math.IsInf(square, 0), faultFinite, song)
				look.when(len(v) != dim || math.Abs(math.Sqrt(square)-1) > unitTolerance, faultLength, song)
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// finite reports whether v is a number: NaN and infinities have no difference to themselves.
func finite(v float32) bool { return v-v == 0 }
