package embed

import (
	"context"
	"fmt"
	"iter"

	"segue/schemas"
	"segue/transforms/algo/csr"
	"segue/transforms/algo/vec"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[tableFn, work.Collect[tablePart], tableItem, tablePart, []tablePart]()
}

// tableItem is one row group of a file of table songs; First is the song index of its first row.
type tableItem struct {
	Name  string
	File  lake.FileRef
	Group int // among those of the file
	First int
}

// tableItems lists the row groups of all files; a file without rows has one, so that there is a table.
func tableItems(ctx context.Context, s lake.Store, songs []lake.FileRef) ([]tableItem, error) {
	var items []tableItem
	first := 0
	for _, ref := range songs {
		f, err := parquetio.OpenRef(ctx, s, ref)
		if err != nil {
			return nil, err
		}
		for g := range max(1, len(f.RowGroups)) {
			items = append(items, tableItem{fmt.Sprintf("%05d", len(items)), ref, g, first})
			if g < len(f.RowGroups) {
				first += int(f.RowGroups[g].Rows)
			}
		}
		f.Close()
	}
	return items, nil
}

// tablePart is one file of table song_vectors, with its songs by source.
type tablePart struct {
	File              lake.FileRef
	Fit, Folded, None int64
}

// tableFn writes the vectors of the songs of one row group.
type tableFn struct {
	Matrix  matrixFiles
	Fit     int
	Vectors lake.FileRef
	Norms   lake.FileRef // in scratch
}

// Do writes the rows in the order of the group.
func (f tableFn) Do(ctx context.Context, env *work.Env, item tableItem) ([]work.Keyed[tablePart], error) {
	vectors, err := npy.Open[float32](ctx, env.Lake, f.Vectors)
	if err != nil {
		return nil, err
	}
	defer vectors.Close()
	table, _ := schemas.FindTable(schemas.TableSongVectors)
	w, err := parquetio.NewWriter[schemas.SongVector](ctx, env.Lake, env.TableFile(table.Name, item.Name), parquetio.MetaFor(table, env.Run))
	if err != nil {
		return nil, err
	}
	part, err := f.write(ctx, env, item, vectors, w)
	if err != nil {
		w.Abort()
		return nil, err
	}
	part.File, err = w.Close()
	return []work.Keyed[tablePart]{{Value: part}}, err
}

// writeRows is how many rows are written at once.
const writeRows = 4096

// write appends the rows of the songs of a row group and counts them by source.
func (f tableFn) write(ctx context.Context, env *work.Env, item tableItem, vectors *npy.Array[float32], w *parquetio.Writer[schemas.SongVector]) (part tablePart, _ error) {
	var a npy.Arrays
	defer a.Close()
	columns, start := npy.Load[int32](ctx, &a, env.Lake, f.Matrix.Columns), npy.Load[int64](ctx, &a, env.Lake, f.Matrix.ColStart)
	norms := npy.Load[float32](ctx, &a, env.Scratch, f.Norms)
	if a.Err() != nil {
		return part, a.Err()
	}
	column := csr.ColumnOf(columns, vectors.Shape[0])
	rows := func(yield func(schemas.SongVector, error) bool) {
		i := item.First
		for song, err := range item.songs(ctx, env.Lake) {
			row := schemas.SongVector{}
			if err == nil {
				if row = f.row(song, column[i], vectors.Row(i), start); row.Source != schemas.VectorNone {
					row.Norm = &norms[i]
				}
			}
			if i++; !yield(row, err) {
				return
			}
		}
	}
	batch := make([]schemas.SongVector, 0, writeRows)
	for row, err := range parquetio.Ahead(rows) {
		if err != nil {
			return part, err
		}
		batch = append(batch, row)
		part.count(row.Source)
		if len(batch) == writeRows {
			if err := w.Write(batch); err != nil {
				return part, err
			}
			batch = batch[:0]
		}
	}
	return part, w.Write(batch)
}

// songs yields the rows of the group.
func (t tableItem) songs(ctx context.Context, s lake.Store) iter.Seq2[songCount, error] {
	return func(yield func(songCount, error) bool) {
		for g, err := range parquetio.Groups(ctx, s, t.File) {
			if err != nil {
				yield(songCount{}, err)
				return
			}
			if at, _ := g.Place(); at == t.Group {
				parquetio.RowsOf[songCount](ctx, g)(yield)
				return
			}
		}
	}
}

func (f tableFn) row(song songCount, column int32, vector []float32, start []int64) schemas.SongVector {
	r := schemas.SongVector{SongID: song.SongID, Plays: song.Plays, Source: schemas.VectorNone}
	if column >= 0 {
		r.Playlists = start[column+1] - start[column]
	}
	switch {
	case vec.SquaredNorm(vector) == 0:
	case int(column) < f.Fit:
		r.Vector, r.Source = vector, schemas.VectorFit
	default:
		r.Vector, r.Source = vector, schemas.VectorFolded
	}
	return r
}

func (p *tablePart) count(source string) {
	switch source {
	case schemas.VectorFit:
		p.Fit++
	case schemas.VectorFolded:
		p.Folded++
	default:
		p.None++
	}
}
