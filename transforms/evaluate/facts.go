package evaluate

import (
	"context"
	"fmt"

	"segue/schemas"
	"segue/transforms/algo/memo"
	"segue/transforms/algo/metrics"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
)

// facts is what is known of songs, by column; read-only.
type facts struct {
	n         []float64        // training playlists
	playlists float64          // all training playlists
	artist    []int32          // number of the first artist, -1 = unknown
	cut       [caseParts]int32 // where each part of the columns ends
	ids       []int32          // song index by column; nil = the column itself
	vectors   []float32
	dim       int // 0 = no vectors
}

// newFacts counts; columns are ordered by n falling.
func newFacts(v *vocabulary) *facts {
	f := &facts{n: v.matrix.Popularity(len(v.ids)), playlists: float64(len(v.matrix.RowStart) - 1), ids: v.ids}
	var all, sum float64
	for _, x := range f.n[:v.size] {
		all += x
	}
	part := 0
	for c, x := range f.n[:v.size] {
		sum += x
		for ; part < coldPart && coldPart*sum >= float64(part+1)*all; part++ {
			f.cut[part] = int32(c + 1)
		}
	}
	f.cut[coldPart] = int32(len(v.ids))
	return f
}

// part returns the part of a column: the first whose end is beyond it.
func (f *facts) part(c int32) int {
	for p, end := range f.cut {
		if c < end {
			return p
		}
	}
	return coldPart
}

// distance is metrics.Distance of some columns; 0 without vectors.
func (f *facts) distance(columns []int32) float64 {
	if f.dim == 0 {
		return 0
	}
	songs := make([]int32, len(columns))
	for i, c := range columns {
		songs[i] = f.ids[c]
	}
	return metrics.Distance(songs, f.vectors, f.dim, shown)
}

// songFacts keeps the facts of the running stage.
var songFacts memo.Last[*facts]

// openFacts reads artists and maps the vectors, once a process.
func openFacts(ctx context.Context, s lake.Store, shared Shared, v *vocabulary) (*facts, error) {
	return songFacts.Of(s.URL()+fmt.Sprint(shared.Files, shared.Vectors), func() (*facts, error) {
		f := newFacts(v)
		if err := f.readArtists(ctx, s, shared.Files[schemas.TableSongs]); err != nil {
			return nil, err
		}
		for _, ref := range shared.Vectors {
			a, err := npy.Open[float32](ctx, s, ref)
			if err != nil {
				return nil, err
			}
			if len(a.Shape) != 2 {
				return nil, fmt.Errorf("open %s: shape %v, want songs × numbers", ref.Key, a.Shape)
			}
			f.vectors, f.dim = a.Data, a.Shape[1]
		}
		return f, nil
	})
}

// artistsRow is what is read of table songs.
type artistsRow struct {
	ArtistIDs []string `parquet:"artist_ids,list" parquet-element:"element,dict"`
}

// readArtists numbers the first artist of every column.
func (f *facts) readArtists(ctx context.Context, s lake.Store, songs []lake.FileRef) error {
	numbers, bySong := map[string]int32{}, []int32(nil)
	for _, ref := range songs {
		for row, err := range parquetio.Read[artistsRow](ctx, s, ref) {
			if err != nil {
				return err
			}
			number := int32(-1)
			if len(row.ArtistIDs) > 0 && row.ArtistIDs[0] != "" {
				known, ok := numbers[row.ArtistIDs[0]]
				if !ok {
					known = int32(len(numbers))
					numbers[row.ArtistIDs[0]] = known
				}
				number = known
			}
			bySong = append(bySong, number)
		}
	}
	f.artist = make([]int32, len(f.ids))
	for c, song := range f.ids {
		if int(song) >= len(bySong) {
			return fmt.Errorf("read artists: song %d of a matrix column is not among the %d songs", song, len(bySong))
		}
		f.artist[c] = bySong[song]
	}
	return nil
}
