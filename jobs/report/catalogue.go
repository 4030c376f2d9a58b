package report

import (
	"context"
	"errors"
	"slices"
	"strings"

	"segue/schemas"
	"segue/transforms/io/parquetio"
)

// song is what people know a song by.
type song struct {
	title, artists string
	genres         []string
}

// catalogue returns some songs by id; those of no row are missing. Cost: the column of ids, and three of the row groups of the songs.
func (n *night) catalogue(ctx context.Context, ids map[string]bool) (map[string]song, error) {
	out := map[string]song{}
	if len(ids) == 0 {
		return out, nil
	}
	t, err := n.filled(schemas.TableSongs)
	if err != nil {
		return out, nil // ids stand for titles
	}
	for _, ref := range t.Files {
		for g, err := range parquetio.Groups(ctx, n.store, ref) {
			if err == nil {
				err = addSongs(ctx, g, ids, out)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// addSongs adds the songs of a row group that have some ids.
func addSongs(ctx context.Context, g *parquetio.Group, ids map[string]bool, to map[string]song) error {
	var id, title parquetio.Values
	var artists, genres parquetio.TextLists
	if err := g.Load(ctx, "song_id", &id); err != nil || !slices.ContainsFunc(id.Names, func(name string) bool { return ids[name] }) {
		return err
	}
	if err := errors.Join(g.Load(ctx, "title", &title), g.LoadTextLists(ctx, "artists", &artists), g.LoadTextLists(ctx, "genres", &genres)); err != nil {
		return err
	}
	for row := range g.Rows() {
		if ids[id.Text(row)] {
			to[id.Text(row)] = song{title.Text(row), strings.Join(textsOf(artists, row), ", "), textsOf(genres, row)}
		}
	}
	return nil
}

// textsOf returns the list of a row.
func textsOf(l parquetio.TextLists, row int) (out []string) {
	for _, code := range l.Row(row) {
		out = append(out, l.Names[code])
	}
	return out
}

// cell returns the cell that names a song: its title with the artists under it, or its id.
func (s song) cell(id string) Cell {
	if s.title == "" {
		return Cell{Text: id, Small: s.artists}
	}
	return Cell{Text: s.title, Small: s.artists}
}
