package neighbours

import (
	"context"

	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[listsFn, work.Collect[listFiles], listsItem, listFiles, []listFiles]()
}

// listsItem is the deep lists of all songs, in parts.
type listsItem struct {
	Songs int
	Parts []listFiles
}

// listsFn joins the deep lists of all parts.
type listsFn struct{}

// Do writes the lists of all songs as three arrays, part after part.
func (listsFn) Do(ctx context.Context, env *work.Env, item listsItem) ([]work.Keyed[listFiles], error) {
	entries := 0
	for _, f := range item.Parts {
		entries += int(f.Songs.Rows)
	}
	w, err := newListWriter(ctx, env.Lake, env.File("lists", "songs", ".npy"), env.File("lists", "scores", ".npy"), entries)
	if err != nil {
		return nil, err
	}
	start := make([]int64, 1, item.Songs+1)
	for _, f := range item.Parts {
		if start, err = w.join(ctx, env.Scratch, f, start); err != nil {
			return nil, err
		}
	}
	var out listFiles
	if out.Songs, out.Scores, err = w.close(); err != nil {
		return nil, err
	}
	out.Start, err = npy.Write(ctx, env.Lake, env.File("lists", "start", ".npy"), start)
	return []work.Keyed[listFiles]{{Value: out}}, err
}

// join writes the lists of one part, and returns start with their ends; after an error the files are gone.
func (w *listWriter) join(ctx context.Context, s lake.Store, f listFiles, start []int64) ([]int64, error) {
	var a npy.Arrays
	defer a.Close()
	l := loadLists(ctx, &a, s, f)
	if a.Err() != nil {
		w.abort()
		return start, a.Err()
	}
	base := start[len(start)-1]
	for _, at := range l.start[1:] {
		start = append(start, base+at)
	}
	return start, w.write(l.songs, l.scores)
}
