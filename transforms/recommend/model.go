package recommend

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"

	"segue/schemas"
	"segue/transforms/algo/memo"
	"segue/transforms/algo/scoring"
	"segue/transforms/algo/version"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
)

// modelFiles are the datasets behind the shared model; each may be missing.
var modelFiles = []string{
	schemas.TableSongs, schemas.WorkVectors, schemas.WorkNeighbourStart, schemas.WorkNeighbourSongs, schemas.WorkNeighbourScores,
	schemas.TableCharts, schemas.TablePopularByContext, schemas.TablePreferencesByHour,
}

// Shared names what all listeners share: files by dataset, and the settings.
type Shared struct {
	Files  map[string][]lake.FileRef
	Params Params
}

// model is what all listeners share, in memory or mapped; read-only.
type model struct {
	ids     []string // song ids, ascending
	scoring scoring.Model
	charts  map[string]*scoring.Chart // by region, the longest window
	cells   map[cellKey]*scoring.Cell
}

// models keeps the model of the running stage.
var models memo.Last[*model]

// openModel returns the shared model, opened once a process.
func openModel(ctx context.Context, s lake.Store, shared Shared) (*model, error) {
	return models.Of(s.URL()+fmt.Sprint(shared), func() (*model, error) {
		settings, err := shared.Params.settings()
		if err != nil {
			return nil, err
		}
		m := &model{charts: map[string]*scoring.Chart{}, scoring: scoring.Model{Settings: settings}}
		classes := classNumbers{}
		if err := m.readSongs(ctx, s, shared.Files[schemas.TableSongs], classes); err != nil {
			return nil, err
		}
		if err := m.openArrays(ctx, s, shared.Files); err != nil {
			return nil, err
		}
		if err := m.readCharts(ctx, s, shared.Files[schemas.TableCharts]); err != nil {
			return nil, err
		}
		if err := m.readCells(ctx, s, shared.Files, classes); err != nil {
			return nil, err
		}
		return m, nil
	})
}

// songRow is what is read of table songs.
type songRow struct {
	SongID    string   `parquet:"song_id,plain"`
	ArtistIDs []string `parquet:"artist_ids,list" parquet-element:"element,dict"`
	Genres    []string `parquet:"genres,list" parquet-element:"element,dict"`
	Moods     []string `parquet:"moods,list" parquet-element:"element,dict"`
	Countries []string `parquet:"countries,list" parquet-element:"element,dict"`
	VersionOf string   `parquet:"version_of,dict"`
	Playlists int64    `parquet:"playlists,plain"`
	Listeners int64    `parquet:"listeners,plain"`
}

// readSongs fills the catalogue and the order of popularity: listeners falling, playlists falling, song id.
func (m *model) readSongs(ctx context.Context, s lake.Store, refs []lake.FileRef, classes classNumbers) error {
	c := &m.scoring.Catalogue
	var versions []string
	var playlists []int64
	artists := map[string]int32{}
	for _, ref := range refs {
		for row, err := range parquetio.Read[songRow](ctx, s, ref) {
			if err != nil {
				return err
			}
			m.ids = append(m.ids, row.SongID)
			c.Artist = append(c.Artist, firstArtist(artists, row.ArtistIDs))
			c.Countries = append(c.Countries, row.Countries)
			c.Classes = append(c.Classes, classes.of(row))
			versions = append(versions, row.VersionOf)
			playlists = append(playlists, row.Playlists)
			m.scoring.Count = append(m.scoring.Count, row.Listeners)
		}
	}
	if !slices.IsSorted(m.ids) {
		return fmt.Errorf("read table %s: song ids are not ascending over its files", schemas.TableSongs)
	}
	c.Group = version.Main(m.ids, versions)
	m.rank(playlists)
	return nil
}

// rank sets the popularity of songs: by listeners, by playlists where nobody played anything.
func (m *model) rank(playlists []int64) {
	heard := m.scoring.Count
	for i := range m.ids {
		if heard[i] > 0 || playlists[i] > 0 {
			m.scoring.Popular = append(m.scoring.Popular, int32(i))
		}
	}
	slices.SortFunc(m.scoring.Popular, func(a, b int32) int {
		return cmp.Or(cmp.Compare(heard[b], heard[a]), cmp.Compare(playlists[b], playlists[a]), cmp.Compare(a, b))
	})
	if len(m.scoring.Popular) > 0 && heard[m.scoring.Popular[0]] == 0 {
		m.scoring.Count = playlists
	}
	for _, n := range m.scoring.Count {
		m.scoring.MaxCount = max(m.scoring.MaxCount, n)
	}
}

func firstArtist(numbers map[string]int32, ids []string) int32 {
	if len(ids) == 0 || ids[0] == "" {
		return -1
	}
	n, ok := numbers[ids[0]]
	if !ok {
		n = int32(len(numbers))
		numbers[ids[0]] = n
	}
	return n
}

// index returns the song index of an id.
func (m *model) index(id string) (int32, bool) {
	i := sort.SearchStrings(m.ids, id)
	return int32(i), i < len(m.ids) && m.ids[i] == id
}

// openArrays maps deep lists and vectors, each by song index.
func (m *model) openArrays(ctx context.Context, s lake.Store, files map[string][]lake.FileRef) error {
	var err error
	lists := &m.scoring.Lists
	if lists.Start, _, err = openArray[int64](ctx, s, files, schemas.WorkNeighbourStart); err != nil {
		return err
	}
	if lists.Songs, _, err = openArray[int32](ctx, s, files, schemas.WorkNeighbourSongs); err != nil {
		return err
	}
	if lists.Scores, _, err = openArray[float32](ctx, s, files, schemas.WorkNeighbourScores); err != nil {
		return err
	}
	if n := len(lists.Start); n > 0 && (n != len(m.ids)+1 || int(lists.Start[n-1]) != len(lists.Songs) || len(lists.Songs) != len(lists.Scores)) {
		return fmt.Errorf("open neighbour lists: %d starts, %d songs and %d scores do not fit %d songs", n, len(lists.Songs), len(lists.Scores), len(m.ids))
	}
	vectors, shape, err := openArray[float32](ctx, s, files, schemas.WorkVectors)
	if err == nil && len(shape) == 2 {
		m.scoring.Vectors = scoring.Vectors{Data: vectors, Dim: shape[1]}
	}
	return err
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
