package evaluate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/memo"
	"segue/transforms/algo/ranking"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

func init() {
	work.Register[listsFn, work.Collect[listsPart], neighbourFile, listsPart, []listsPart]()
}

// neighbourFile is one file of a table song_neighbours; names of whose differ.
type neighbourFile struct {
	Name string
	File lake.FileRef
}

// listsPart is the published lists of the cases' seeds in one file.
type listsPart struct {
	Pairs  lake.FileRef // int32 [n × 2]: seed, neighbour, as columns
	Scores lake.FileRef // float32 [n]
}

// listsFn keeps the lists of one file that the cases ask for.
type listsFn struct {
	Shared Shared
}

// Do writes the kept pairs and returns their references; nothing when the file holds no seed.
func (f listsFn) Do(ctx context.Context, env *work.Env, item neighbourFile) ([]work.Keyed[listsPart], error) {
	v, err := openVocabulary(ctx, env.Lake, f.Shared)
	if err != nil {
		return nil, err
	}
	at, err := readColumns(ctx, env.Lake, v, f.Shared.Files[schemas.TableSongs])
	if err != nil {
		return nil, err
	}
	seeds, err := readSeeds(ctx, env.Lake, v, f.Shared)
	if err != nil {
		return nil, err
	}
	kept := keptLists{at: at, seeds: seeds}
	for g, err := range parquetio.Groups(ctx, env.Lake, item.File) {
		if err == nil {
			err = kept.read(ctx, g)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(kept.scores) == 0 {
		return nil, nil
	}
	return writeLists(ctx, env, item.Name, kept.pairs, kept.scores)
}

// keptLists are the rows of seeds, in the order of the table.
type keptLists struct {
	at     map[string]int32    // column by song id
	seeds  map[string]int32    // the same of seeds, which are few
	loaded [3]parquetio.Values // song, neighbour, score; used again
	pairs  []int32
	scores []float32
}

// read keeps the rows of a row group whose song is a seed. Its other columns are read only if there are some.
func (k *keptLists) read(ctx context.Context, g *parquetio.Group) error {
	songs, neighbours, scores := &k.loaded[0], &k.loaded[1], &k.loaded[2]
	if err := g.Load(ctx, "song_id", songs); err != nil {
		return err
	}
	seed, any := k.seedsOf(songs.Names)
	if !any {
		return nil
	}
	if err := errors.Join(g.Load(ctx, "neighbour_id", neighbours), g.Load(ctx, "score", scores)); err != nil {
		return err
	}
	if n := g.Rows(); len(songs.Codes) != n || len(neighbours.Codes) != n || len(scores.Reals) != n {
		return errors.New("read lists: song_id and neighbour_id are no texts, or score is no float32")
	}
	column := slices.Repeat([]int32{unasked}, len(neighbours.Names)) // most neighbours are of no seed
	for i, w := range songs.Codes {
		s := seed[w]
		if s < 0 {
			continue
		}
		w := neighbours.Codes[i]
		if column[w] == unasked {
			column[w] = columnOf(k.at, neighbours.Names[w])
		}
		if c := column[w]; c >= 0 {
			k.pairs, k.scores = append(k.pairs, s, c), append(k.scores, scores.Reals[i])
		}
	}
	return nil
}

// unasked is the column of a song that was not looked for yet.
const unasked = -2

// seedsOf returns the columns of songs that are seeds, -1 for others, and whether there are any.
func (k *keptLists) seedsOf(songs []string) (columns []int32, any bool) {
	columns = make([]int32, len(songs))
	for i, id := range songs {
		columns[i] = columnOf(k.seeds, id)
		any = any || columns[i] >= 0
	}
	return columns, any
}

// columnOf returns the column of a song id, -1 without one.
func columnOf(columns map[string]int32, id string) int32 {
	if c, ok := columns[id]; ok {
		return c
	}
	return -1
}

func writeLists(ctx context.Context, env *work.Env, name string, pairs []int32, scores []float32) ([]work.Keyed[listsPart], error) {
	var part listsPart
	var err error
	if part.Pairs, err = npy.Write(ctx, env.Lake, env.File("list_pairs", name, ".npy"), pairs, len(scores), 2); err != nil {
		return nil, err
	}
	if part.Scores, err = npy.Write(ctx, env.Lake, env.File("list_scores", name, ".npy"), scores); err != nil {
		return nil, err
	}
	return []work.Keyed[listsPart]{{Key: name, Value: part}}, nil
}

// What is kept of the running stage: song ids, their columns, the seeds, and their lists.
var (
	names     memo.Last[[]string]
	numbers   memo.Last[map[string]int32]
	sought    memo.Last[map[string]int32]
	tonight   memo.Last[storedLists]
	lastNight memo.Last[storedLists]
)

// readIDs returns the song ids, ascending, read once a process.
func readIDs(ctx context.Context, s lake.Store, refs []lake.FileRef) ([]string, error) {
	return names.Of(s.URL()+fmt.Sprint(refs), func() ([]string, error) { return tables.SongIDs(ctx, s, refs) })
}

// readColumns returns the matrix columns by song id, made once a process. Memory: some 60 bytes a song.
func readColumns(ctx context.Context, s lake.Store, v *vocabulary, refs []lake.FileRef) (map[string]int32, error) {
	return numbers.Of(s.URL()+fmt.Sprint(refs), func() (map[string]int32, error) {
		ids, err := readIDs(ctx, s, refs)
		out := make(map[string]int32, len(v.ids))
		for c, song := range v.ids {
			if int(song) < len(ids) {
				out[ids[song]] = int32(c)
			}
		}
		return out, err
	})
}

// readSeeds returns the columns that are a seed of any case, by song id, made once a process.
func readSeeds(ctx context.Context, s lake.Store, v *vocabulary, shared Shared) (map[string]int32, error) {
	return sought.Of(s.URL()+fmt.Sprint(shared.Cases), func() (map[string]int32, error) {
		set := caseSet{start: []int64{0}, vocab: int32(v.size)}
		if err := set.read(ctx, s, shared.Cases); err != nil {
			return nil, err
		}
		ids, err := readIDs(ctx, s, shared.Files[schemas.TableSongs])
		seeds := map[string]int32{}
		for i := range set.hash {
			for _, c := range set.at(i).Seeds {
				if song := v.ids[c]; int(song) < len(ids) {
					seeds[ids[song]] = c
				}
			}
		}
		return seeds, err
	})
}

// findLists keeps the lists of the cases' seeds in some files of song_neighbours.
func findLists(sc *work.Context, phase string, shared Shared, refs []lake.FileRef) ([]listsPart, error) {
	items := make([]neighbourFile, len(refs))
	for i, ref := range refs {
		items[i] = neighbourFile{fmt.Sprintf("%s-%06d", phase, i), ref}
	}
	parts, err := work.Run(sc, phase, items, listsFn{Shared: shared}, work.Collect[listsPart]{})
	return slices.Concat(parts...), err
}

// storedLists are lists by seed column, in the order they were read.
type storedLists map[int32][]neighbour

type neighbour struct {
	column int32
	score  float64
}

// Add adds the stored scores of one seed.
func (l storedLists) Add(seed int32, to *ranking.Sums) {
	for _, n := range l[seed] {
		to.Add(n.column, n.score)
	}
}

// openLists returns the lists of all seeds, read once a process into kept.
func openLists(ctx context.Context, s lake.Store, parts []listsPart, kept *memo.Last[storedLists]) (storedLists, error) {
	return kept.Of(s.URL()+fmt.Sprint(parts), func() (storedLists, error) { return readLists(ctx, s, parts) })
}

func readLists(ctx context.Context, s lake.Store, parts []listsPart) (storedLists, error) {
	out := storedLists{}
	for _, p := range parts {
		pairs, err := npy.Open[int32](ctx, s, p.Pairs)
		if err != nil {
			return nil, err
		}
		scores, err := npy.Open[float32](ctx, s, p.Scores)
		if err != nil {
			pairs.Close()
			return nil, err
		}
		for i, x := range scores.Data {
			seed := pairs.Data[2*i]
			out[seed] = append(out[seed], neighbour{pairs.Data[2*i+1], float64(x)})
		}
		pairs.Close()
		scores.Close()
	}
	return out, nil
}
