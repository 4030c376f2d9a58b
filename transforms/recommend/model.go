package recommend

import (
	"context"
	"fmt"
	"sync"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/memo"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/neighbourio"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
)

// modelFiles are the datasets behind the shared model; each may be missing.
var modelFiles = []string{
	schemas.TableSongs, schemas.TableSongMoods, schemas.WorkVectors, schemas.WorkNeighbourLists, schemas.TableCharts,
	schemas.TablePopularByGenre, schemas.TablePopularByContext, schemas.TablePreferencesByHour, schemas.TablePersonas,
}

// Shared names what all listeners share: files by dataset, the settings, the night's day.
type Shared struct {
	Files   map[string][]lake.FileRef
	Params  Params
	Hours   localtime.DayHours
	Day     int32  // UTC days since 1970-01-01
	Members string // key of the favourites of personas; "" = not gathered yet

	Inverted []lake.FileRef // songs by nearness: see centresFn; none = no song has a vector
}

// model is what all listeners share, in memory or mapped; read-only but for the cells made on demand.
type model struct {
	ids      []string              // song ids, ascending
	texts    *parquetio.Vocabulary // of the ids
	names    names
	artists  map[string]int32
	released []string
	classes  classNumbers
	scoring  scoring.Model
	charts   charts
	fits     map[cellKey][]float32
	cells    sync.Map // cellKey → *scoring.Cell, nil where nothing is known
	personas map[int32]*persona
	head     []bool // songs that make up the first third of all listening
	shared   Shared
}

// models keeps the model of the running stage.
var models memo.Last[*model]

// openModel returns the shared model, opened once a process.
func openModel(ctx context.Context, s lake.Store, shared Shared) (*model, error) {
	return models.Of(s.URL()+fmt.Sprint(shared), func() (*model, error) { return readModel(ctx, s, shared) })
}

func readModel(ctx context.Context, s lake.Store, shared Shared) (*model, error) {
	settings, err := shared.Params.settings()
	if err != nil {
		return nil, err
	}
	m := &model{artists: map[string]int32{}, classes: classNumbers{}, scoring: scoring.Model{Settings: settings}, shared: shared}
	for _, step := range []func() error{
		func() error { return m.readSongs(ctx, s, shared.Files) },
		func() error { return m.openArrays(ctx, s, shared.Files) },
		func() error { return m.openInverted(ctx, s, shared.Inverted) },
		func() error { return m.readCharts(ctx, s, shared.Files) },
		func() error { return m.readFits(ctx, s, shared) },
		func() error { return m.readPersonas(ctx, s, shared) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	m.listNew()
	m.markHead()
	m.scoring.Catalogue.ClassCount = len(m.classes)
	m.scoring.Pack()
	m.scoring.Vectors.Data = nil // they are packed
	lake.DropPages()
	return m, nil
}

// openArrays maps deep lists and vectors, each by song index.
func (m *model) openArrays(ctx context.Context, s lake.Store, files map[string][]lake.FileRef) error {
	lists, err := neighbourio.Open(ctx, s, files[schemas.WorkNeighbourLists], len(m.ids))
	if err != nil {
		return err
	}
	m.scoring.Lists = scoring.Lists(lists.Lists)
	vectors, shape, err := openArray[float32](ctx, s, files, schemas.WorkVectors)
	if err == nil && len(shape) == 2 {
		m.scoring.Vectors = scoring.Vectors{Data: vectors, Dim: shape[1]}
	}
	return err
}

// openInverted maps the songs by nearness.
func (m *model) openInverted(ctx context.Context, s lake.Store, files []lake.FileRef) error {
	if len(files) == 0 {
		return nil
	}
	var arrays npy.Arrays
	m.scoring.Inverted = scoring.Inverted{
		Centres: npy.Load[float32](ctx, &arrays, s, files[0]), Start: npy.Load[int64](ctx, &arrays, s, files[1]), Songs: npy.Load[int32](ctx, &arrays, s, files[2]),
	}
	return arrays.Err()
}

// openArray maps the one file of a dataset; a missing dataset is an empty array. The mapping lives as long as the process
// uses the model.
func openArray[T npy.Element](ctx context.Context, s lake.Store, files map[string][]lake.FileRef, name string) ([]T, []int, error) {
	switch refs := files[name]; len(refs) {
	case 0:
		return nil, nil, nil
	case 1:
		a, err := npy.Open[T](ctx, s, refs[0])
		if err != nil {
			return nil, nil, err
		}
		return a.Data, a.Shape, nil
	default:
		return nil, nil, fmt.Errorf("open %s: %d files, want one", name, len(refs))
	}
}
