package embed

import (
	"context"
	"fmt"
	"math"

	"segue/schemas"
	"segue/transforms/algo/csr"
	"segue/transforms/algo/svd"
	"segue/transforms/algo/vec"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

// maxParts bounds the parts a tall matrix is cut into.
const maxParts = 64

// matrixFiles refers to the playlist matrix.
type matrixFiles struct {
	Columns, RowStart, RowItems, ColStart, ColItems lake.FileRef
}

// inputs returns the matrix and the files of table songs.
func inputs(sc *work.Context) (m matrixFiles, songs []lake.FileRef, err error) {
	for name, ref := range map[string]*lake.FileRef{
		schemas.WorkMatrixColumns: &m.Columns, schemas.WorkMatrixRowStart: &m.RowStart, schemas.WorkMatrixRowItems: &m.RowItems,
		schemas.WorkMatrixColStart: &m.ColStart, schemas.WorkMatrixColItems: &m.ColItems,
	} {
		refs, err := sc.Input(name)
		if err != nil {
			return m, nil, err
		}
		*ref = refs[0]
	}
	if sc.Has(schemas.TableSongs) {
		songs, err = sc.Input(schemas.TableSongs)
	}
	return m, songs, err
}

// colShift and rowShift return the size of the parts of matrices by song and by playlist, as a power of two: one block,
// or what makes at most maxParts parts.
func (m matrixFiles) colShift() uint { return partShift(m.Columns.Rows) }
func (m matrixFiles) rowShift() uint { return partShift(m.RowStart.Rows - 1) }

func partShift(n int64) uint {
	shift := uint(vec.BlockShift)
	for n > maxParts<<shift {
		shift++
	}
	return shift
}

// partItem is one part of a tall matrix: rows [Lo, Hi).
type partItem struct {
	Name   string
	Number int
	Lo, Hi int
}

func partItems(n int, shift uint) []partItem {
	var items []partItem
	for lo := 0; lo < n; lo += 1 << shift {
		items = append(items, partItem{fmt.Sprintf("part-%05d", len(items)), len(items), lo, min(lo+(1<<shift), n)})
	}
	return items
}

// tallFiles refers to the parts of a tall matrix in scratch.
type tallFiles struct {
	Width int
	Shift uint
	Parts []lake.FileRef
}

func loadMatrix(ctx context.Context, a *npy.Arrays, s lake.Store, start, items lake.FileRef) csr.Matrix {
	return csr.Matrix{Start: npy.Load[int64](ctx, a, s, start), Items: npy.Load[int32](ctx, a, s, items)}
}

func loadTall(ctx context.Context, a *npy.Arrays, s lake.Store, t tallFiles) svd.Tall {
	parts := make([][]float32, len(t.Parts))
	for i, ref := range t.Parts {
		parts[i] = npy.Load[float32](ctx, a, s, ref)
	}
	return svd.NewTall(t.Width, t.Shift, parts...)
}

// ppm returns a share in millionths.
func ppm(share float64) int64 { return int64(math.Round(1e6 * share)) }

func rows(refs []lake.FileRef) int64 {
	var n int64
	for _, f := range refs {
		n += f.Rows
	}
	return n
}
