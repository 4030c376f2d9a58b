package moods

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/mood"
	"segue/transforms/io/lake"
	"segue/transforms/io/neighbourio"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

func init() {
	work.Register[spreadFn, work.Collect[spread], []lake.FileRef, spread, []spread]()
}

// spread is the finished table with the number of songs by source.
type spread struct {
	Table lake.FileRef
	Songs map[string]int64
}

// spreadFn labels all songs.
type spreadFn struct {
	Params Params
	Songs  []lake.FileRef
	Near   []lake.FileRef // deep lists; none = songs have no neighbours
}

// songTags are the columns of table songs that moods come from.
type songTags struct {
	SongID string   `parquet:"song_id,plain"`
	Moods  []string `parquet:"moods,list" parquet-element:"element,dict"`
}

// book holds what is known of all songs by index.
type book struct {
	ids    []string
	names  []string // of moods
	number map[string]int32
	labels [][]mood.Label
}

func (b *book) mood(name string) int32 {
	n, ok := b.number[name]
	if !ok {
		n = int32(len(b.names))
		b.number[name], b.names = n, append(b.names, name)
	}
	return n
}

// Do returns the table.
func (f spreadFn) Do(ctx context.Context, env *work.Env, titles []lake.FileRef) ([]work.Keyed[spread], error) {
	b, err := f.tagged(ctx, env.Lake)
	if err != nil {
		return nil, err
	}
	if err := f.fromTitles(ctx, env.Lake, b, titles); err != nil {
		return nil, err
	}
	if err := f.fromNeighbours(ctx, env.Lake, b); err != nil {
		return nil, err
	}
	out := spread{Songs: map[string]int64{}}
	var rows []schemas.SongMood
	for i, labels := range b.labels {
		if len(labels) == 0 {
			out.Songs[schemas.Unknown]++
			continue
		}
		out.Songs[labels[0].Source]++
		slices.SortFunc(labels, func(x, y mood.Label) int { return cmp.Compare(b.names[x.Mood], b.names[y.Mood]) })
		for _, l := range labels {
			rows = append(rows, schemas.SongMood{SongID: b.ids[i], Mood: b.names[l.Mood], MoodSource: l.Source, Confidence: float32(l.Confidence)})
		}
	}
	out.Table, err = tables.Write(ctx, env, schemas.TableSongMoods, "all", rows)
	return []work.Keyed[spread]{{Key: "all", Value: out}}, err
}

// tagged reads songs with the moods they are tagged with, each once.
func (f spreadFn) tagged(ctx context.Context, s lake.Store) (*book, error) {
	b := &book{number: map[string]int32{}}
	for _, ref := range f.Songs {
		for row, err := range parquetio.Read[songTags](ctx, s, ref) {
			if err != nil {
				return nil, err
			}
			var labels []mood.Label
			for _, name := range row.Moods {
				l := mood.Label{Source: mood.Tag, Confidence: 1}
				if name == "" || name == schemas.Unknown {
					continue
				}
				if l.Mood = b.mood(name); !slices.Contains(labels, l) {
					labels = append(labels, l)
				}
			}
			b.ids, b.labels = append(b.ids, row.SongID), append(b.labels, labels)
		}
	}
	return b, nil
}

// fromTitles labels songs without tags by the titles of their playlists.
func (f spreadFn) fromTitles(ctx context.Context, s lake.Store, b *book, files []lake.FileRef) error {
	counts := map[int32]map[int32]float64{} // of songs without tags
	titles := map[int32]float64{}
	for _, ref := range files {
		for row, err := range parquetio.Read[countRow](ctx, s, ref) {
			if err != nil {
				return err
			}
			if row.Song < 0 || int(row.Song) >= len(b.ids) {
				return fmt.Errorf("find song %d of playlists: table songs has %d rows", row.Song, len(b.ids))
			}
			m := b.mood(row.Mood)
			titles[m] += float64(row.Lists)
			if len(b.labels[row.Song]) > 0 {
				continue
			}
			if counts[row.Song] == nil {
				counts[row.Song] = map[int32]float64{}
			}
			counts[row.Song][m] += float64(row.Lists)
		}
	}
	base, total := make([]float64, len(b.names)), 0.0
	for _, n := range titles { // whole numbers: any order gives the same sum
		total += n
	}
	for m, n := range titles {
		base[m] = n / total
	}
	for song, of := range counts {
		votes := make([]float64, len(b.names))
		for m, n := range of {
			votes[m] = n
		}
		if l, ok := mood.FromTitles(votes, base, f.Params.MinConfidence); ok {
			b.labels[song] = []mood.Label{l}
		}
	}
	return nil
}

// fromNeighbours labels songs that still have no mood by those near them.
func (f spreadFn) fromNeighbours(ctx context.Context, s lake.Store, b *book) error {
	if len(b.names) == 0 {
		return nil
	}
	near, err := neighbourio.Open(ctx, s, f.Near, len(b.ids))
	if err != nil {
		return err
	}
	defer near.Close()
	mood.Spread(mood.Graph(near.Lists), b.labels, mood.Base(b.labels, len(b.names)), f.Params.Sweeps, f.Params.MinConfidence)
	return nil
}
