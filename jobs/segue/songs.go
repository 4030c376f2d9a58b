package main

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"segue/jobs/cli"
	"segue/jobs/nearest"
	"segue/schemas"
	"segue/transforms/io/lake"
)

// songName is the part of table songs that names a song.
type songName struct {
	SongID    string   `parquet:"song_id,plain"`
	Title     string   `parquet:"title,plain"`
	Artists   []string `parquet:"artists,list" parquet-element:"element,dict"`
	Listeners int64    `parquet:"listeners,plain"`
	Playlists int64    `parquet:"playlists,plain"`
}

func (s songName) artists() string { return strings.Join(s.Artists, ", ") }

// label is what a person calls the song: its title, else its id.
func (s songName) label() string { return cmp.Or(s.Title, s.SongID) }

// songNames returns the names of the wanted songs by id; unknown ids have their id alone.
func songNames(ctx context.Context, r release, want map[string]bool) (map[string]songName, error) {
	names := map[string]songName{}
	for id := range want {
		names[id] = songName{SongID: id}
	}
	t, err := r.table(schemas.TableSongs)
	if err != nil {
		return nil, err
	}
	for s, err := range rows[songName](ctx, r, holdingAny(t.Files, want)) {
		if err != nil {
			return nil, err
		}
		if want[s.SongID] {
			names[s.SongID] = s
		}
	}
	return names, nil
}

func holdingAny(files []lake.FileRef, want map[string]bool) []lake.FileRef {
	return slices.DeleteFunc(slices.Clone(files), func(f lake.FileRef) bool {
		for id := range want {
			if len(holding([]lake.FileRef{f}, id)) > 0 {
				return false
			}
		}
		return true
	})
}

// findSong returns the song whose id, or else whose title, is text; titles without regard to case.
// Errors: no such song, with the nearest titles and ids; several songs of that title, with their ids.
func findSong(ctx context.Context, r release, text string) (songName, error) {
	t, err := r.table(schemas.TableSongs)
	if err != nil {
		return songName{}, err
	}
	var titled []songName
	var known []string
	for s, err := range rows[songName](ctx, r, t.Files) {
		switch {
		case err != nil:
			return songName{}, err
		case s.SongID == text:
			return s, nil
		case strings.EqualFold(s.Title, text):
			titled = append(titled, s)
		}
		known = append(known, s.SongID)
		if s.Title != "" {
			known = append(known, s.Title)
		}
	}
	switch len(titled) {
	case 0:
		return songName{}, cli.Usage("no song %q in run %s%s", text, r.manifest.Run, nearest.Among(text, known))
	case 1:
		return titled[0], nil
	}
	return songName{}, ambiguous(text, titled)
}

// ambiguous lists the songs that share a title, most heard first.
func ambiguous(text string, songs []songName) error {
	slices.SortFunc(songs, func(a, b songName) int {
		return cmp.Or(cmp.Compare(b.Listeners, a.Listeners), cmp.Compare(b.Playlists, a.Playlists), cmp.Compare(a.SongID, b.SongID))
	})
	var b strings.Builder
	for _, s := range songs[:min(10, len(songs))] {
		b.WriteString("\n  " + s.SongID + "  " + s.Title + " by " + cmp.Or(s.artists(), "unknown"))
	}
	return cli.Usage("%d songs are titled %q: name one by its id:%s", len(songs), text, b.String())
}
