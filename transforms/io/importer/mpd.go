package importer

import (
	"bufio"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"segue/schemas"
)

// mpdPlaylist is one playlist of a slice of the Million Playlist Dataset.
type mpdPlaylist struct {
	Name       string     `json:"name"`
	PID        *int64     `json:"pid"`
	ModifiedAt int64      `json:"modified_at"` // epoch seconds
	Followers  *int64     `json:"num_followers"`
	Tracks     []mpdTrack `json:"tracks"`
}

type mpdTrack struct {
	TrackURI   string `json:"track_uri"`
	TrackName  string `json:"track_name"`
	ArtistURI  string `json:"artist_uri"`
	ArtistName string `json:"artist_name"`
	AlbumName  string `json:"album_name"`
	DurationMs *int64 `json:"duration_ms"`
}

// readSlice streams the array "playlists" of a slice: one playlist in memory at a time. emit gets each with its
// position; a reason is set where it cannot be used.
func readSlice(r *bufio.Reader, emit func(pos int64, p mpdPlaylist, reason string, raw []byte) error) error {
	dec := json.NewDecoder(r)
	if err := expect(dec, json.Delim('{')); err != nil {
		return err
	}
	found := false
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return fmt.Errorf("slice breaks off at byte %d: %w", dec.InputOffset(), err)
		}
		if key != "playlists" {
			var other json.RawMessage
			if err := dec.Decode(&other); err != nil {
				return fmt.Errorf("read %v at byte %d: %w", key, dec.InputOffset(), err)
			}
			continue
		}
		found = true
		if err := readMPDPlaylists(dec, emit); err != nil {
			return err
		}
	}
	if err := expect(dec, json.Delim('}')); err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("slice has no array %q", "playlists")
	}
	return nil
}

func expect(dec *json.Decoder, want json.Delim) error {
	got, err := dec.Token()
	if err != nil {
		return fmt.Errorf("slice breaks off at byte %d, before %v: %w", dec.InputOffset(), want, err)
	}
	if got != want {
		return fmt.Errorf("slice has %v at byte %d, want %v", got, dec.InputOffset(), want)
	}
	return nil
}

func readMPDPlaylists(dec *json.Decoder, emit func(int64, mpdPlaylist, string, []byte) error) error {
	if err := expect(dec, json.Delim('[')); err != nil {
		return err
	}
	for pos := int64(1); dec.More(); pos++ {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return fmt.Errorf("playlist %d breaks off at byte %d: %w", pos, dec.InputOffset(), err)
		}
		var p mpdPlaylist
		reason := ""
		switch {
		case !utf8.Valid(raw):
			reason = schemas.ReasonInvalidUTF8
		case json.Unmarshal(raw, &p) != nil:
			reason = schemas.ReasonUnreadable
		case p.PID == nil:
			reason = schemas.ReasonMissingID
		}
		if err := emit(pos, p, reason, raw); err != nil {
			return fmt.Errorf("playlist %d: %w", pos, err)
		}
	}
	return expect(dec, json.Delim(']'))
}

// row returns the landing row; a track without uri keeps its place as an empty id, which a night counts.
func (p mpdPlaylist) row() schemas.Playlist {
	out := schemas.Playlist{PlaylistID: strconv.FormatInt(*p.PID, 10), Name: p.Name, Followers: p.Followers, Songs: make([]string, len(p.Tracks))}
	if p.ModifiedAt > 0 {
		at := time.Unix(p.ModifiedAt, 0).UTC()
		out.ModifiedAt = &at
	}
	for i, t := range p.Tracks {
		out.Songs[i] = t.TrackURI
	}
	return out
}

func (t mpdTrack) row() schemas.Song {
	s := schemas.Song{SongID: t.TrackURI, Title: t.TrackName, Album: t.AlbumName, DurationMs: t.DurationMs}
	if t.ArtistName != "" {
		s.Artists, s.ArtistIDs = []string{t.ArtistName}, []string{t.ArtistURI}
	}
	return withArtistIDs(s)
}
