package world

import (
	"fmt"
	"math/rand/v2"

	"segue/schemas"
)

// playlistSigma is the sigma of log length: mean 66 over median 49.
const playlistSigma = 0.772

// playlists returns the rows [from, to) of the playlists file: each from one to three styles, a seventh of it noise.
func playlists(p Params, c *catalogue, from, to int) []schemas.Playlist {
	out := make([]schemas.Playlist, to-from)
	for i := range out {
		r := stream(p.Seed, "playlist", from+i)
		styles := []int{c.drawStyle(r)}
		for range r.IntN(3) {
			styles = append(styles, sameGenre(r, c, styles[0]))
		}
		length := int(min(max(lognormal(r, 49, playlistSigma), 5), 376, float64(len(c.songs))/4))
		out[i] = schemas.Playlist{
			PlaylistID: fmt.Sprintf("p%07d", from+i), OwnerID: userID(r.IntN(max(1, p.Users))),
			Name: genres[c.genreOf[styles[0]]] + " mix", Songs: fill(r, c, styles, length),
		}
	}
	return out
}

// sameGenre returns another style of the genre, or any style one time in four.
func sameGenre(r *rand.Rand, c *catalogue, style int) int {
	if r.IntN(4) == 0 {
		return c.drawStyle(r)
	}
	if len(c.byStyle.upTo) > 0 {
		other := c.drawStyle(r)
		return min(other-other%len(genres)+style%len(genres), len(c.styles)-1)
	}
	return (style + len(genres)*r.IntN(1+len(c.styles)/len(genres))) % len(c.styles)
}

// fill draws distinct songs; a playlist that finds no new ones ends early.
func fill(r *rand.Rand, c *catalogue, styles []int, length int) []string {
	songs, seen, last := make([]string, 0, length), map[int]bool{}, 0
	for tries := 0; len(songs) < length && tries < 8*length; tries++ {
		i := c.drawSong(r, styles)
		if c.again > 0 && len(songs) > 0 && r.Float64() < c.again {
			i = c.sameArtist(r, last)
		}
		if !seen[i] {
			seen[i], last = true, i
			songs = append(songs, c.songs[i].id)
		}
	}
	return songs
}

// drawSong draws a song of one of the styles, or any one time in seven.
func (c *catalogue) drawSong(r *rand.Rand, styles []int) int {
	style := styles[r.IntN(len(styles))]
	i := c.styles[style][c.inStyle[style].draw(r)]
	if r.Float64() < 0.15 {
		i = c.all.draw(r)
	}
	return i
}

// sameArtist draws a song of a song's artist: the first tenth four times in ten, as u³ has it.
func (c *catalogue) sameArtist(r *rand.Rand, song int) int {
	songs, u := c.by[c.songs[song].artist], r.Float64()
	return songs[int(u*u*u*float64(len(songs)))]
}
