package neighbours

import (
	"context"
	"slices"

	"segue/transforms/algo/blend"
	"segue/transforms/algo/knn"
	"segue/transforms/algo/topk"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

// nearFiles refers to lists by vectors: list i is of song Song[i]; songs ascend.
type nearFiles struct {
	Song lake.FileRef
	listFiles
}

// chunk is how many entries of lists are handed to a file at a time.
const chunk = 1 << 15

// nearWriter writes lists by vectors.
type nearWriter struct {
	env     *work.Env
	stored  func(float32) float32 // what a score of the search is stored as
	largest []float32             // stored score of the first song of every list; NaN = no list
}

// write writes the lists of one search by song.
func (n nearWriter) write(ctx context.Context, name string, l *knn.Lists) (f nearFiles, err error) {
	env := n.env
	order := make([]int, l.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(l.Queries[a] - l.Queries[b]) })
	song, start := make([]int32, len(order)), make([]int64, 1, len(order)+1)
	for k, i := range order {
		song[k] = l.Queries[i]
		start = append(start, start[k]+int64(l.Size(i)))
	}
	if f.Song, err = npy.Write(ctx, env.Scratch, env.File("search", name+"-song", ".npy"), song); err != nil {
		return f, err
	}
	if f.Start, err = npy.Write(ctx, env.Scratch, env.File("search", name+"-start", ".npy"), start); err != nil {
		return f, err
	}
	out, err := newListWriter(ctx, env.Scratch, env.File("search", name+"-songs", ".npy"), env.File("search", name+"-scores", ".npy"), int(start[len(order)]))
	if err != nil {
		return f, err
	}
	var list []topk.Entry
	for k, i := range order {
		list = l.List(i, list[:0])
		for e := range list {
			list[e].Score = n.stored(list[e].Score)
		}
		if len(list) > 0 {
			n.largest[song[k]] = list[0].Score
		}
		if err := out.add(list); err != nil {
			return f, err
		}
	}
	f.Songs, f.Scores, err = out.close()
	return f, err
}

// listWriter writes the entries of lists as they come.
type listWriter struct {
	toSongs  *npy.Writer[int32]
	toScores *npy.Writer[float32]
	songs    []int32
	scores   []float32
}

// newListWriter begins two files of n entries.
func newListWriter(ctx context.Context, s lake.Store, songs, scores string, n int) (*listWriter, error) {
	w := &listWriter{}
	var err error
	if w.toSongs, err = npy.NewWriter[int32](ctx, s, songs, n); err != nil {
		return nil, err
	}
	if w.toScores, err = npy.NewWriter[float32](ctx, s, scores, n); err != nil {
		w.toSongs.Abort()
		return nil, err
	}
	return w, nil
}

// add writes a list; after an error the files are gone.
func (w *listWriter) add(list []topk.Entry) error {
	for _, e := range list {
		w.songs, w.scores = append(w.songs, e.ID), append(w.scores, e.Score)
	}
	if len(w.songs) < chunk {
		return nil
	}
	return w.flush()
}

func (w *listWriter) flush() error {
	err := w.write(w.songs, w.scores)
	w.songs, w.scores = w.songs[:0], w.scores[:0]
	return err
}

// write writes entries of lists side by side; after an error the files are gone.
func (w *listWriter) write(songs []int32, scores []float32) error {
	err := w.toSongs.Write(songs)
	if err == nil {
		err = w.toScores.Write(scores)
	}
	if err != nil {
		w.abort()
	}
	return err
}

// abort removes the files.
func (w *listWriter) abort() {
	w.toSongs.Abort()
	w.toScores.Abort()
}

// close returns the files.
func (w *listWriter) close() (songs, scores lake.FileRef, err error) {
	if err := w.flush(); err != nil {
		return songs, scores, err
	}
	if songs, err = w.toSongs.Close(); err != nil {
		w.toScores.Abort()
		return songs, scores, err
	}
	scores, err = w.toScores.Close()
	return songs, scores, err
}

// nearLists reads the lists of a block's songs, in order.
type nearLists []*nearPart

type nearPart struct {
	*lists
	song []int32
	at   int // first list of a song not asked for yet
}

// loadNear opens the lists of songs from lo on.
func loadNear(ctx context.Context, a *npy.Arrays, s lake.Store, files []nearFiles, lo int) nearLists {
	out := make(nearLists, len(files))
	for i, f := range files {
		p := &nearPart{lists: loadLists(ctx, a, s, f.listFiles), song: npy.Load[int32](ctx, a, s, f.Song)}
		p.at, _ = slices.BinarySearch(p.song, int32(lo))
		out[i] = p
	}
	return out
}

// entries appends the list of a song to out; each call asks for a later song.
func (l nearLists) entries(song int, out []topk.Entry) []topk.Entry {
	for _, p := range l {
		for p.at < len(p.song) && int(p.song[p.at]) < song {
			p.at++
		}
		if p.at < len(p.song) && int(p.song[p.at]) == song {
			return p.lists.entries(p.at, out)
		}
	}
	return out
}

// maximaOf sums the largest scores of the songs of each block; NaN = no list.
func maximaOf(largest []float32) []blend.Maxima {
	out := make([]blend.Maxima, blend.Blocks(len(largest)))
	for b := range out {
		lo, hi := blend.Block(b, len(largest))
		for song := lo; song < hi; song++ {
			if best := largest[song]; best == best {
				out[b].Add(nil, []topk.Entry{{Score: best}})
			}
		}
	}
	return out
}
