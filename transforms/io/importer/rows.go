package importer

import (
	"segue/schemas"
	"segue/transforms/algo/artist"
)

// playlistRow returns the landing row of a record, and the reason when it has none. An empty playlist passes: a night
// rejects it.
func playlistRow(r *record) (schemas.Playlist, string) {
	p := schemas.Playlist{
		PlaylistID: r.text(fPlaylist), OwnerID: r.text(fOwner), Name: r.text(fName),
		Followers: r.integer(fFollowers), Songs: r.texts(fSongs),
	}
	p.ModifiedAt, _ = r.instant(fModifiedAt)
	if p.PlaylistID == "" {
		r.fail(schemas.ReasonMissingID)
	}
	return p, r.bad
}

// songRow returns the landing row of a record that describes a song.
func songRow(r *record) (schemas.Song, string) {
	s := songPart(r)
	s.SongID = r.text(fSong)
	s.Moods, s.Countries = r.texts(fMoods), r.texts(fCountries)
	s.ReleaseDate, s.ArtistCountry, s.VersionOf = r.text(fRelease), r.text(fArtistCountry), r.text(fVersionOf)
	if x, ok := r.real(fTempo); ok {
		tempo := float32(x)
		s.Tempo = &tempo
	}
	if s.SongID == "" {
		r.fail(schemas.ReasonMissingID)
	}
	return s, r.bad
}

// songPart returns what both songs and plays may tell of a song, without its id.
func songPart(r *record) schemas.Song {
	return withArtistIDs(schemas.Song{
		Title: r.text(fTitle), Artists: r.texts(fArtists), ArtistIDs: r.texts(fArtistIDs), Album: r.text(fAlbum),
		Genres: r.texts(fGenres), DurationMs: duration(r),
	})
}

// duration returns the length of the song in milliseconds, nil when unknown: zero is unknown too.
func duration(r *record) *int64 {
	if ms := r.integer(fDurationMs); ms != nil && *ms != 0 {
		return ms
	}
	if s, ok := r.real(fDurationS); ok && s != 0 {
		ms := int64(s * 1000)
		return &ms
	}
	return nil
}

// withArtistIDs gives artists without id the one of their name. Ids that do not match the names one to one are dropped
// for it, unless there are no names.
func withArtistIDs(s schemas.Song) schemas.Song {
	if len(s.Artists) == 0 {
		return s
	}
	if len(s.ArtistIDs) != len(s.Artists) {
		s.ArtistIDs = make([]string, len(s.Artists))
	}
	for i, id := range s.ArtistIDs {
		if id == "" {
			s.ArtistIDs[i] = artist.ID(s.Artists[i])
		}
	}
	return s
}

// userRow returns the landing row of a listener.
func userRow(r *record, opt Options) (schemas.Listener, string) {
	l := schemas.Listener{UserID: r.text(fUser), Country: r.text(fCountry), TimeZone: r.text(fZone), Genres: r.texts(fGenres)}
	l.SignedUpAt, _ = r.instant(fSignedUpAt)
	l.Country, l.TimeZone = or(l.Country, opt.Country), or(l.TimeZone, opt.TimeZone)
	if l.UserID == "" {
		r.fail(schemas.ReasonMissingID)
	}
	return l, r.bad
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
