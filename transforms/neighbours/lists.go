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

// Do writes the lists of all songs as three arrays.
func (listsFn) Do(ctx context.Context, env *work.Env, item listsItem) ([]work.Keyed[listFiles], error) {
	var a npy.Arrays
	defer a.Close()
	start := make([]int64, 1, item.Songs+1)
	songs, scores := make([][]int32, len(item.Parts)), make([][]float32, len(item.Parts))
	for i, f := range item.Parts {
		l := loadLists(ctx, &a, env.Scratch, f)
		if a.Err() != nil {
			return nil, a.Err()
		}
		base := start[len(start)-1]
		for _, at := range l.start[1:] {
			start = append(start, base+at)
		}
		songs[i], scores[i] = l.songs, l.scores
	}
	var out listFiles
	var err error
	if out.Start, err = npy.Write(ctx, env.Lake, env.File("lists", "start", ".npy"), start); err != nil {
		return nil, err
	}
	if out.Songs, err = join(ctx, env, "songs", songs); err != nil {
		return nil, err
	}
	out.Scores, err = join(ctx, env, "scores", scores)
	return []work.Keyed[listFiles]{{Value: out}}, err
}

// join writes parts that follow one another as one array.
func join[T npy.Element](ctx context.Context, env *work.Env, name string, parts [][]T) (lake.FileRef, error) {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	w, err := npy.NewWriter[T](ctx, env.Lake, env.File("lists", name, ".npy"), n)
	if err != nil {
		return lake.FileRef{}, err
	}
	for _, p := range parts {
		if err := w.Write(p); err != nil {
			w.Abort()
			return lake.FileRef{}, err
		}
	}
	return w.Close()
}
