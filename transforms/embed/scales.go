package embed

import (
	"context"

	"segue/schemas"
	"segue/transforms/algo/csr"
	"segue/transforms/algo/svd"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[scalesFn, work.Collect[scales], scalesItem, scales, []scales]()
}

// scalesItem is the whole fit.
type scalesItem struct {
	Songs []lake.FileRef // table songs
}

// scales refers to what svd.NewScales returns, and the key of each fitted column.
type scales struct {
	Fit, Width           int
	Row, Fold, Col, Keys lake.FileRef
	Norm                 float64 // |X|²
}

// scalesFn computes sizes and factors of the fit.
type scalesFn struct {
	Matrix matrixFiles
	Params svd.Params
}

// Do writes the factors of rows and columns, and the keys that seed the columns.
func (f scalesFn) Do(ctx context.Context, env *work.Env, item scalesItem) ([]work.Keyed[scales], error) {
	var a npy.Arrays
	defer a.Close()
	m := loadMatrix(ctx, &a, env.Lake, f.Matrix.RowStart, f.Matrix.RowItems)
	colStart := npy.Load[int64](ctx, &a, env.Lake, f.Matrix.ColStart)
	columns := npy.Load[int32](ctx, &a, env.Lake, f.Matrix.Columns)
	if a.Err() != nil {
		return nil, a.Err()
	}
	s := svd.NewScales(m, csr.Counts(csr.Matrix{Start: colStart}), f.Params)
	out := scales{Fit: s.Fit, Width: s.Width, Norm: svd.SquaredNorm(m, s)}
	keys, err := columnKeys(ctx, env, item.Songs, columns[:s.Fit])
	if err != nil {
		return nil, err
	}
	if out.Keys, err = npy.Write(ctx, env.Scratch, env.File("scales", "keys", ".npy"), keys); err != nil {
		return nil, err
	}
	if out.Row, err = npy.Write(ctx, env.Scratch, env.File("scales", "row", ".npy"), s.Row); err != nil {
		return nil, err
	}
	if out.Fold, err = npy.Write(ctx, env.Scratch, env.File("scales", "fold", ".npy"), s.Fold); err != nil {
		return nil, err
	}
	if out.Col, err = npy.Write(ctx, env.Scratch, env.File("scales", "col", ".npy"), s.Col); err != nil {
		return nil, err
	}
	return []work.Keyed[scales]{{Value: out}}, nil
}

// songCount is the part of table songs that vectors need.
type songCount struct {
	SongID string `parquet:"song_id,plain"`
	Plays  int64  `parquet:"plays,plain"`
}

// columnKeys returns a hash of the song id of each column.
func columnKeys(ctx context.Context, env *work.Env, songs []lake.FileRef, columns []int32) ([]int64, error) {
	byIndex := make([]uint64, 0, rows(songs))
	for _, file := range songs {
		for row, err := range parquetio.Read[songCount](ctx, env.Lake, file) {
			if err != nil {
				return nil, err
			}
			byIndex = append(byIndex, schemas.Hash64(env.Seed, "embed/start", row.SongID))
		}
	}
	keys := make([]int64, len(columns))
	for c, s := range columns {
		keys[c] = int64(byIndex[s])
	}
	return keys, nil
}
