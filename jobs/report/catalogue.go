package report

import (
	"context"
	"strings"

	"segue/schemas"
)

// song is what people know a song by.
type song struct {
	title, artists string
	genres         []string
}

// catalogue returns some songs by id; those of no row are missing. Cost: the column of ids, and the row groups of the songs.
func (n *night) catalogue(ctx context.Context, ids map[string]bool) (map[string]song, error) {
	out := map[string]song{}
	if len(ids) == 0 {
		return out, nil
	}
	t, err := n.filled(schemas.TableSongs)
	if err != nil {
		return out, nil // ids stand for titles
	}
	var positions []int64
	at := int64(0)
	err = n.values(ctx, t.Files, "song_id", func(v any) {
		if id, _ := v.(string); ids[id] {
			positions = append(positions, at)
		}
		at++
	})
	if err != nil {
		return nil, err
	}
	rows, err := n.pick(ctx, t.Files, positions)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		out[r.text("song_id")] = song{r.text("title"), strings.Join(r.texts("artists"), ", "), r.texts("genres")}
	}
	return out, nil
}

// cell returns the cell that names a song: its title with the artists under it, or its id.
func (s song) cell(id string) Cell {
	if s.title == "" {
		return Cell{Text: id, Small: s.artists}
	}
	return Cell{Text: s.title, Small: s.artists}
}
