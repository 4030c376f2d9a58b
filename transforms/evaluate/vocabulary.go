package evaluate

import (
	"context"
	"fmt"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/itemknn"
	"segue/transforms/algo/memo"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
)

// benchFiles are the datasets the stage cannot do without.
var benchFiles = []string{
	schemas.WorkPlaylists, schemas.WorkMatrixColumns, schemas.WorkMatrixRowStart, schemas.WorkMatrixRowItems,
	schemas.WorkMatrixColStart, schemas.WorkMatrixColItems, schemas.TableSongs, schemas.TableSongNeighbours,
}

// Shared names what all items of the stage read.
type Shared struct {
	Files  map[string][]lake.FileRef
	Cases  casesPart
	Lists  []listsPart
	Stored int

	HeldOut int64 // playlists held out; some of many fit parameters and are no cases

	Vectors []lake.FileRef // song vectors, for distances within a list; none = not measured

	LastNight bool        // there was a last night with neighbours
	Before    []listsPart // its lists
}

// methods returns the methods that are compared.
func (s Shared) methods() []string {
	if s.LastNight {
		return append(slices.Clone(methods), MethodLastNight)
	}
	return methods
}

// vocabulary is the training matrix and how many of its first columns have enough playlists; read-only.
type vocabulary struct {
	matrix itemknn.Matrix
	size   int
	ids    []int32 // song index by column
	column []int32 // column by song index, -1 = in no training playlist; may be shorter than the catalogue
}

// benches keeps the vocabulary of the running stage.
var benches memo.Last[*vocabulary]

// openVocabulary maps the matrix, once a process.
func openVocabulary(ctx context.Context, s lake.Store, shared Shared) (*vocabulary, error) {
	return benches.Of(s.URL()+fmt.Sprint(shared.Files), func() (*vocabulary, error) {
		v := &vocabulary{}
		var err error
		if v.ids, err = openArray[int32](ctx, s, shared, schemas.WorkMatrixColumns); err != nil {
			return nil, err
		}
		if v.matrix.RowStart, err = openArray[int64](ctx, s, shared, schemas.WorkMatrixRowStart); err != nil {
			return nil, err
		}
		if v.matrix.RowItems, err = openArray[int32](ctx, s, shared, schemas.WorkMatrixRowItems); err != nil {
			return nil, err
		}
		if v.matrix.ColStart, err = openArray[int64](ctx, s, shared, schemas.WorkMatrixColStart); err != nil {
			return nil, err
		}
		if v.matrix.ColItems, err = openArray[int32](ctx, s, shared, schemas.WorkMatrixColItems); err != nil {
			return nil, err
		}
		return v, v.index()
	})
}

// index counts the vocabulary, a prefix of the columns as they are ordered by n falling, and inverts it.
func (v *vocabulary) index() error {
	if len(v.ids) > 0 && len(v.matrix.ColStart) != len(v.ids)+1 {
		return fmt.Errorf("open matrix: %d column pointers for %d columns", len(v.matrix.ColStart), len(v.ids))
	}
	for v.size < len(v.ids) && v.matrix.N(int32(v.size)) >= minCount {
		v.size++
	}
	last := int32(-1)
	for _, s := range v.ids {
		last = max(last, s)
	}
	v.column = make([]int32, last+1)
	for s := range v.column {
		v.column[s] = -1
	}
	for c, s := range v.ids {
		v.column[s] = int32(c)
	}
	return nil
}

// columnsOf returns the columns of songs, in order: those of the vocabulary, and the others.
func (v *vocabulary) columnsOf(songs []int32) (known, cold []int32) {
	for _, s := range songs {
		switch {
		case s < 0 || int(s) >= len(v.column) || v.column[s] < 0:
		case int(v.column[s]) < v.size:
			known = append(known, v.column[s])
		default:
			cold = append(cold, v.column[s])
		}
	}
	return known, cold
}

// openArray maps the one file of a dataset for as long as the process uses it.
func openArray[T npy.Element](ctx context.Context, s lake.Store, shared Shared, name string) ([]T, error) {
	refs := shared.Files[name]
	if len(refs) != 1 {
		return nil, fmt.Errorf("open %s: %d files, want one", name, len(refs))
	}
	a, err := npy.Open[T](ctx, s, refs[0])
	if err != nil {
		return nil, err
	}
	return a.Data, nil
}
