package importer

import (
	"fmt"
	"strings"
	"time"

	"segue/schemas"
	"segue/transforms/algo/artist"
)

// playRow returns the landing row of a play, the song it tells of where the format carries songs, and the reason when
// there is none. ignored is true for what is sound but no song, such as a podcast.
func playRow(r *record, carriesSongs bool, opt Options) (p schemas.Play, s schemas.Song, ignored bool, reason string) {
	if r.bad == "" && r.has(fEpisode) && !r.has(fSong) && !r.has(fTitle) {
		return p, s, true, ""
	}
	p = schemas.Play{
		EventID: r.text(fEvent), UserID: or(r.text(fUser), opt.User), SongID: r.text(fSong), Kind: or(r.text(fKind), schemas.KindPlay),
		MsPlayed: r.integer(fMsPlayed), TrackMs: duration(r), Skipped: skipped(r), Device: r.text(fDevice),
		TimeZone: or(r.text(fZone), opt.TimeZone), Country: or(r.text(fCountry), opt.Country),
		Place: r.text(fPlace), Context: r.text(fContext),
	}
	p.StartedAt, p.UTCOffsetMinutes = started(r, p.MsPlayed)
	if carriesSongs {
		s = songPart(r)
		s.SongID = or(p.SongID, namedSong(s))
		p.SongID = s.SongID
	}
	switch {
	case p.UserID == "":
		r.fail(schemas.ReasonMissingUser)
	case p.SongID == "":
		r.fail(schemas.ReasonMissingSong)
	}
	return p, s, false, r.bad
}

// namedSong returns the id of a song known by artist and title only, "" without a title.
func namedSong(s schemas.Song) string {
	title := artist.Normal(s.Title)
	if title == "" {
		return ""
	}
	by := artist.Normal(strings.Join(s.Artists, ";"))
	return fmt.Sprintf("name:%016x%016x", schemas.Hash64(1, by, title), schemas.Hash64(2, by, title))
}

// started returns when a play started, and its offset from UTC: of its own column, else the one written with the time.
func started(r *record, ms *int64) (time.Time, *int32) {
	at, written := r.instant(fTime)
	if at == nil {
		if at, written = r.instant(fEndedAt); at != nil && ms != nil {
			start := at.Add(-time.Duration(*ms) * time.Millisecond)
			at = &start
		}
	}
	if at == nil {
		r.fail(schemas.ReasonBadTime)
		return time.Time{}, nil
	}
	if !r.has(fOffset) {
		return *at, written
	}
	offset, ok := parseOffset(r.text(fOffset))
	if !ok {
		r.fail(schemas.ReasonBadOffset)
	}
	return *at, &offset
}

// skipped returns whether the listener left the song early: as told, else by why Spotify's play ended.
func skipped(r *record) *bool {
	if r.has(fSkipped) {
		return r.flag(fSkipped)
	}
	switch r.text(fReasonEnd) {
	case "fwdbtn", "backbtn":
		return new(true)
	case "trackdone":
		return new(false)
	}
	return nil
}
