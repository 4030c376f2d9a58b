package neighbours

import (
	"context"

	"golang.org/x/sync/errgroup"

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

// Do writes the lists of all songs as three arrays, part after part; songs and scores side by side.
func (listsFn) Do(ctx context.Context, env *work.Env, item listsItem) ([]work.Keyed[listFiles], error) {
	var out listFiles
	var songs, scores []lake.FileRef
	for _, f := range item.Parts {
		songs, scores = append(songs, f.Songs), append(scores, f.Scores)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		out.Songs, err = concat[int32](ctx, env, "songs", songs)
		return err
	})
	g.Go(func() (err error) {
		out.Scores, err = concat[float32](ctx, env, "scores", scores)
		return err
	})
	g.Go(func() error {
		start, err := starts(ctx, env.Scratch, item)
		if err == nil {
			out.Start, err = npy.Write(ctx, env.Lake, env.File("lists", "start", ".npy"), start)
		}
		return err
	})
	err := g.Wait()
	return []work.Keyed[listFiles]{{Value: out}}, err
}

// concat writes arrays one after the other as one.
func concat[T npy.Element](ctx context.Context, env *work.Env, name string, parts []lake.FileRef) (lake.FileRef, error) {
	entries := 0
	for _, f := range parts {
		entries += int(f.Rows)
	}
	w, err := npy.NewWriter[T](ctx, env.Lake, env.File("lists", name, ".npy"), entries)
	if err != nil {
		return lake.FileRef{}, err
	}
	for _, f := range parts {
		if err := addPart(ctx, w, env.Scratch, f); err != nil {
			w.Abort()
			return lake.FileRef{}, err
		}
	}
	return w.Close()
}

func addPart[T npy.Element](ctx context.Context, w *npy.Writer[T], s lake.Store, f lake.FileRef) error {
	part, err := npy.Open[T](ctx, s, f)
	if err != nil {
		return err
	}
	defer part.Close()
	return w.Write(part.Data)
}

// starts returns where the lists of all parts start, and where the last one ends.
func starts(ctx context.Context, s lake.Store, item listsItem) ([]int64, error) {
	out := make([]int64, 1, item.Songs+1)
	for _, f := range item.Parts {
		part, err := npy.Open[int64](ctx, s, f.Start)
		if err != nil {
			return nil, err
		}
		base := out[len(out)-1]
		for _, at := range part.Data[1:] {
			out = append(out, base+at)
		}
		part.Close()
	}
	return out, nil
}
