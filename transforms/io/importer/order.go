package importer

import (
	"cmp"

	"segue/schemas"
)

var (
	byPlaylist = order[schemas.Playlist]{[]string{"playlist_id"}, func(a, b schemas.Playlist) int { return cmp.Compare(a.PlaylistID, b.PlaylistID) }}
	bySong     = order[schemas.Song]{[]string{"song_id"}, func(a, b schemas.Song) int { return cmp.Compare(a.SongID, b.SongID) }}
	byUser     = order[schemas.Listener]{[]string{"user_id"}, func(a, b schemas.Listener) int { return cmp.Compare(a.UserID, b.UserID) }}
	byPlay     = order[schemas.Play]{[]string{"user_id", "started_at", "event_id"}, comparePlays}
	byRejected = order[schemas.Rejected]{[]string{"source", "position", "reason"}, compareRejected}
)

func comparePlays(a, b schemas.Play) int {
	return cmp.Or(cmp.Compare(a.UserID, b.UserID), a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.EventID, b.EventID))
}

func compareRejected(a, b schemas.Rejected) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Position, b.Position), cmp.Compare(a.Reason, b.Reason))
}

// The weights are bytes of a row in memory, roughly: structs, pointers' targets and texts.

func weighPlaylist(p schemas.Playlist) int { return 160 + len(p.Name) + weighTexts(p.Songs) }

func weighSong(s schemas.Song) int {
	return 320 + len(s.SongID) + len(s.Title) + len(s.Album) + weighTexts(s.Artists) + weighTexts(s.ArtistIDs) +
		weighTexts(s.Genres) + weighTexts(s.Moods) + weighTexts(s.Countries)
}

func weighUser(l schemas.Listener) int {
	return 120 + len(l.UserID) + len(l.TimeZone) + weighTexts(l.Genres)
}

func weighPlay(p schemas.Play) int {
	return 280 + len(p.EventID) + len(p.UserID) + len(p.SongID) + len(p.Device) + len(p.TimeZone) + len(p.Context)
}

func weighRejected(r schemas.Rejected) int { return 60 + len(r.Record) }

func weighTexts(texts []string) int {
	n := 16 * len(texts)
	for _, s := range texts {
		n += len(s)
	}
	return n
}
