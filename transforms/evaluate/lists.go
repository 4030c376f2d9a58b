package evaluate

import (
	"context"
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

// neighbourRow is what is read of table song_neighbours.
type neighbourRow struct {
	SongID      string  `parquet:"song_id,dict"`
	NeighbourID string  `parquet:"neighbour_id,dict"`
	Score       float32 `parquet:"score,plain"`
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
	ids, err := readIDs(ctx, env.Lake, f.Shared.Files[schemas.TableSongs])
	if err != nil {
		return nil, err
	}
	seeds, err := readSeeds(ctx, env.Lake, v, f.Shared.Cases)
	if err != nil {
		return nil, err
	}
	var pairs []int32
	var scores []float32
	last, seed := "", int32(-1)
	for row, err := range parquetio.Read[neighbourRow](ctx, env.Lake, item.File) {
		if err != nil {
			return nil, err
		}
		if row.SongID != last || seed < 0 {
			last, seed = row.SongID, v.columnOf(ids, row.SongID)
			if seed >= 0 && !seeds[seed] {
				seed = -1
			}
		}
		if seed < 0 {
			continue
		}
		if j := v.columnOf(ids, row.NeighbourID); j >= 0 {
			pairs, scores = append(pairs, seed, j), append(scores, row.Score)
		}
	}
	if len(scores) == 0 {
		return nil, nil
	}
	return writeLists(ctx, env, item.Name, pairs, scores)
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

// columnOf returns the column of a song id, -1 without one.
func (v *vocabulary) columnOf(ids []string, id string) int32 {
	if s := songOf(ids, id); s >= 0 && int(s) < len(v.column) {
		return v.column[s]
	}
	return -1
}

// names, tonight and lastNight keep the song ids and the seeds' lists of the running stage.
var (
	names     memo.Last[[]string]
	tonight   memo.Last[storedLists]
	lastNight memo.Last[storedLists]
)

// readIDs returns the song ids, ascending, read once a process.
func readIDs(ctx context.Context, s lake.Store, refs []lake.FileRef) ([]string, error) {
	return names.Of(s.URL()+fmt.Sprint(refs), func() ([]string, error) { return tables.SongIDs(ctx, s, refs) })
}

// readSeeds returns the columns that are a seed of any case.
func readSeeds(ctx context.Context, s lake.Store, v *vocabulary, p casesPart) (map[int32]bool, error) {
	set := caseSet{start: []int64{0}, vocab: int32(v.size)}
	if err := set.read(ctx, s, p); err != nil {
		return nil, err
	}
	seeds := map[int32]bool{}
	for i := range set.hash {
		for _, c := range set.at(i).Seeds {
			seeds[c] = true
		}
	}
	return seeds, nil
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
