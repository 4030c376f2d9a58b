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

// inList follows the rows of one list, which is named by two columns, or by one and "".
type inList struct {
	id    string
	name  string
	rank  int32
	score float32
	seen  map[string]bool
}

// enter begins another list if the row is of one.
func (l *inList) enter(id, name string, score float32) {
	if id != l.id || name != l.name {
		l.id, l.name, l.rank, l.score = strings.Clone(id), strings.Clone(name), 0, score
		clear(l.seen)
	}
}

// next notes what is wrong with the next row.
func (l *inList) next(look *faults, song string, rank int32, score float32) {
	l.rank++
	look.when(rank != l.rank, faultRank, l.id)
	look.when(!finite(score), faultFinite, l.id)
	look.when(l.seen[song], faultRepeat, l.id)
	l.seen[song] = true
	look.when(score > l.score, faultFalling, l.id)
	l.score = score
}

func finite(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }

func neighbours(ctx context.Context, s lake.Store, ref lake.FileRef, look *faults, kept *sampler) error {
	l := inList{seen: map[string]bool{}}
	for row, err := range parquetio.Read[schemas.SongNeighbour](ctx, s, ref) {
		if err != nil {
			return err
		}
		l.enter(row.SongID, "", row.Score)
		l.next(look, row.NeighbourID, row.Rank, row.Score)
		look.when(row.SongID == row.NeighbourID, faultSelf, row.SongID)
		kept.add(row)
	}
	return nil
}

func lists(ctx context.Context, s lake.Store, ref lake.FileRef, look *faults) error {
	l := inList{seen: map[string]bool{}}
	for row, err := range parquetio.Read[schemas.Recommendation](ctx, s, ref) {
		if err != nil {
			return err
		}
		l.enter(row.UserID, row.List, row.Score)
		score := row.Score
		if row.Slot == schemas.SlotExploration { // drawn by lot, whatever its score
			look.when(!finite(score), faultFinite, row.UserID)
			score = l.score
		}
		l.next(look, row.SongID, row.Rank, score)
		for _, term := range []float32{row.Taste, row.Context, row.Popularity} {
			look.when(!(term >= 0 && term <= 1), faultTerm, row.UserID)
		}
		look.when(row.Sum() != row.Score, faultSum, row.UserID)
	}
	return nil
}
