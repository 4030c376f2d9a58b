package importer

import (
	"fmt"
	"slices"
	"strings"
)

// Kinds of landing data.
const (
	kindPlaylists = "playlists"
	kindSongs     = "songs"
	kindUsers     = "users"
	kindPlays     = "plays"
)

// field is a place for a value, of whatever column it came from.
type field int

const (
	fPlaylist field = iota
	fOwner
	fName
	fModifiedAt
	fFollowers
	fSongs
	fSong
	fTitle
	fArtists
	fArtistIDs
	fAlbum
	fGenres
	fMoods
	fTempo
	fDurationMs
	fDurationS
	fRelease
	fCountries
	fArtistCountry
	fVersionOf
	fUser
	fCountry
	fZone
	fSignedUpAt
	fEvent
	fTime
	fEndedAt
	fKind
	fMsPlayed
	fSkipped
	fDevice
	fOffset
	fPlace
	fContext
	fReasonEnd
	fEpisode
	fieldCount
)

// types is what a field holds; it decides which Parquet columns fit.
type types int

const (
	text types = iota
	list
	number
	flag
	instant
)

func (f field) holds() types {
	switch f {
	case fSongs, fArtists, fArtistIDs, fGenres, fMoods, fCountries:
		return list
	case fFollowers, fTempo, fDurationMs, fDurationS, fMsPlayed, fOffset:
		return number
	case fSkipped:
		return flag
	case fModifiedAt, fSignedUpAt, fTime, fEndedAt:
		return instant
	}
	return text
}

// column is a field and the names it goes by: of several in one record, the first with a value counts.
type column struct {
	field field
	names string // blank-separated; dots step into objects
}

var playlistColumns = []column{
	{fPlaylist, "playlist_id pid id"},
	{fOwner, "owner_id owner user_id user"},
	{fName, "name title playlist_name"},
	{fModifiedAt, "modified_at last_modified updated_at"},
	{fFollowers, "followers num_followers"},
	{fSongs, "songs tracks song_ids track_ids items"},
}

var songColumns = []column{
	{fSong, "song_id track_id song track uri track_uri recording_mbid id"},
	{fTitle, "title name track_name song_name recording_name"},
	{fArtists, "artists artist artist_name artist_names"},
	{fArtistIDs, "artist_ids artist_id artist_uri artist_mbids artist_credit_mbids"},
	{fAlbum, "album album_name release_name release"},
	{fGenres, "genres genre tags"},
	{fMoods, "moods mood"},
	{fTempo, "tempo bpm"},
	{fDurationMs, "duration_ms length_ms track_ms"},
	{fDurationS, "duration_s duration_seconds"},
	{fRelease, "release_date released year"},
	{fCountries, "countries available_countries available_markets"},
	{fArtistCountry, "artist_country"},
	{fVersionOf, "version_of"},
}

var userColumns = []column{
	{fUser, "user_id user user_name username listener id"},
	{fCountry, "country country_code"},
	{fZone, "time_zone timezone tz"},
	{fSignedUpAt, "signed_up_at signup_at created_at"},
	{fGenres, "genres genre picked_genres"},
}

var playColumns = []column{
	{fEvent, "event_id"},
	{fUser, "user_id user user_name username listener"},
	{fSong, "song_id track_id song track uri track_uri spotify_track_uri recording_mbid recording_msid"},
	{fTime, "started_at played_at ts timestamp listened_at time"},
	{fKind, "kind event_type action"},
	{fMsPlayed, "ms_played msplayed played_ms"},
	{fDurationMs, "track_ms duration_ms length_ms"},
	{fDurationS, "duration_s duration_seconds"},
	{fSkipped, "skipped skip"},
	{fDevice, "device device_type"},
	{fOffset, "utc_offset_minutes offset_minutes utc_offset offset"},
	{fZone, "time_zone timezone tz"},
	{fCountry, "country country_code conn_country"},
	{fPlace, "place"},
	{fContext, "context"},
}

// listenColumns are both shapes of ListenBrainz: JSON lines of its dumps and the columns of its Parquet files.
// duration, in seconds, and duration_ms are the song's length.
var listenColumns = []column{
	{fUser, "user_id user_name"},
	{fTime, "listened_at"},
	{fSong, "track_metadata.mbid_mapping.recording_mbid track_metadata.additional_info.recording_mbid recording_mbid " +
		"track_metadata.additional_info.recording_msid recording_msid"},
	{fTitle, "track_metadata.track_name recording_name track_name"},
	{fArtists, "track_metadata.artist_name artist_name"},
	{fArtistIDs, "track_metadata.mbid_mapping.artist_mbids track_metadata.additional_info.artist_mbids artist_credit_mbids"},
	{fAlbum, "track_metadata.release_name release_name"},
	{fGenres, "track_metadata.additional_info.tags"},
	{fDurationMs, "track_metadata.additional_info.duration_ms duration_ms"},
	{fDurationS, "track_metadata.additional_info.duration"},
}

// spotifyColumns are both account exports: the short one (endTime …) and the extended one (ts …). Either time is when
// the play ended.
var spotifyColumns = []column{
	{fUser, "username"},
	{fEndedAt, "ts endtime"},
	{fSong, "spotify_track_uri"},
	{fTitle, "master_metadata_track_name trackname"},
	{fArtists, "master_metadata_album_artist_name artistname"},
	{fAlbum, "master_metadata_album_album_name"},
	{fMsPlayed, "ms_played msplayed"},
	{fSkipped, "skipped"},
	{fReasonEnd, "reason_end"},
	{fDevice, "platform"},
	{fCountry, "conn_country"},
	{fEpisode, "spotify_episode_uri episode_name audiobook_uri audiobook_title podcastname"},
}

// need is a set of fields of which a file must have one.
type need []field

// place is where a column goes: of two columns for a field the lower rank counts.
type place struct {
	field field
	rank  int8
}

// layout is the columns of one kind in one format.
type layout struct {
	kind    string
	columns []column
	needs   []need
	places  map[string]place // by normalised column name
	inside  map[string]bool  // names of objects to step into
	songs   bool             // records carry songs, which may lack an id
}

func newLayout(kind string, columns []column, needs ...need) *layout {
	l := &layout{kind: kind, columns: columns, needs: needs, places: map[string]place{}, inside: map[string]bool{}}
	for _, c := range columns {
		for rank, name := range strings.Fields(c.names) {
			l.places[name] = place{c.field, int8(rank)}
			for i, r := range name {
				if r == '.' {
					l.inside[name[:i]] = true
				}
			}
		}
	}
	return l
}

func (l *layout) carryingSongs() *layout { l.songs = true; return l }

// columnName returns a header's name as aliases are written: lower case, words joined by _.
func columnName(s string) string {
	return strings.ToLower(strings.NewReplacer(" ", "_", "-", "_").Replace(strings.TrimSpace(s)))
}

// missing returns an error naming the first need that none of the seen fields meets.
func (l *layout) missing(seen []bool) error {
	for _, n := range l.needs {
		if slices.ContainsFunc(n, func(f field) bool { return seen[f] }) {
			continue
		}
		var names []string
		for _, c := range l.columns {
			if slices.Contains(n, c.field) {
				names = append(names, strings.Fields(c.names)...)
			}
		}
		hint := ""
		if n[0] == fUser && l.kind == kindPlays {
			hint = ", or name the listener of the whole import"
		}
		return fmt.Errorf("%s need a column %s: accepted are %s%s", l.kind, names[0], strings.Join(names, ", "), hint)
	}
	return nil
}
