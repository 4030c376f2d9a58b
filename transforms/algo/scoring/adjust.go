package scoring

import "math"

// Adjustments of a score by name, in the order of Row.Adjustments.
const (
	DislikedSong = iota
	DislikedArtist
	JustPlayed
	FamiliarSong
	ArtistAgain
	AlbumAgain
	adjustments
)

// AdjustmentNames names the places of Row.Adjustments.
var AdjustmentNames = [adjustments]string{"disliked_song", "disliked_artist", "just_played", "familiar_song", "artist_again", "album_again"}

// Adjustments are what is added to the terms of one row, by name; 0 = does not apply.
type Adjustments [adjustments]float32

// Sum returns the adjustment of a row: added in float64 in order, rounded once.
func (a *Adjustments) Sum() float32 {
	var s float64
	for _, x := range a {
		s += float64(x)
	}
	return float32(s)
}

// standing returns the adjustments that do not depend on other rows.
func (m *Model) standing(s *Scratch, c *Candidate) (a Adjustments) {
	p := &m.Settings
	if c.marks&markDisliked != 0 {
		a[DislikedSong] = -p.SongPush
	}
	if c.marks&markPushed != 0 {
		a[DislikedArtist] = -p.ArtistPush
	}
	if c.marks&markRecent != 0 {
		a[JustPlayed] = -float32(float64(p.CoolDown) * math.Exp2(-float64(s.days(c.Song))/float64(p.CoolDownDays)))
	}
	if p.Mode == Familiar && c.marks&markKnown != 0 {
		a[FamiliarSong] = p.FamiliarLift
	}
	return a
}

// adjusted returns all adjustments of a candidate next to the rows chosen so far.
func (m *Model) adjusted(s *Scratch, c *Candidate) (a Adjustments) {
	if c.marks != 0 {
		a = m.standing(s, c)
	}
	if c.artist >= 0 && s.artists[c.artist] > 0 {
		a[ArtistAgain] = -float32(m.Settings.ArtistStep * float32(s.artists[c.artist]))
	}
	if c.album >= 0 && s.albums[c.album] > 0 {
		a[AlbumAgain] = -float32(m.Settings.AlbumStep * float32(s.albums[c.album]))
	}
	return a
}
