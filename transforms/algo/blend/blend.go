// Package blend joins co-occurrence and embedding lists into one list of neighbours a song.
//
//	blend(i → j) = λ·cooc/z1 + (1-λ)·emb/z2 + w·[same known artist]
//
// over the union of both lists, 0 where absent; z1 and z2 are the means over songs of each list's largest score: one scale
// for the whole table, since a scale a row would hide how sure a seed is.
//
//	blend.go    Params, List
//	maxima.go   Maxima: the means behind z1 and z2
//	lists.go    Lists: joined lists of all songs, by block
//	choose.go   Choose: the share of co-occurrence that is best on cases
package blend

import (
	"errors"
	"fmt"
	"math/bits"

	"segue/transforms/algo/simd"
	"segue/transforms/algo/topk"
)

// Params decides how lists are joined.
type Params struct {
	K           int     `json:"k"`            // neighbours published a song; 0, the default, is 200 up to 50,000 songs and 100 beyond
	Deep        int     `json:"deep"`         // neighbours kept for later stages; at least K; default 200
	Lambda      float64 `json:"lambda"`       // share of co-occurrence, [0,1]; default 0.5
	ArtistBonus float64 `json:"artist_bonus"` // added when both have the same known artist; 0 for radio logs; default 0.2
}

// Default returns the parameters measured to be good on playlists of several kinds.
func Default() Params { return Params{Deep: 200, Lambda: .5, ArtistBonus: .2} }

// Validate reports every parameter out of range.
func (p Params) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(p.K >= 0, "k is %d, must be at least 0", p.K)
	check(p.Deep >= max(p.K, 1) && p.Deep <= 10000, "deep is %d, must be in k..10000 and at least 1", p.Deep)
	check(p.Lambda >= 0 && p.Lambda <= 1, "lambda is %v, must be in 0..1", p.Lambda)
	check(p.ArtistBonus >= 0 && p.ArtistBonus <= 10, "artist_bonus is %v, must be in 0..10", p.ArtistBonus)
	return errors.Join(errs...)
}

// Published neighbours when K is 0: a catalogue of few songs, whose lists overlap, loses by short ones.
const (
	smallCatalogue = 50_000
	smallK, largeK = 200, 100
)

// Published returns how many neighbours a song has at most when so many songs are in playlists: K, or by their number.
func (p Params) Published(songs int) int {
	switch {
	case p.K > 0:
		return p.K
	case songs <= smallCatalogue:
		return min(smallK, p.Deep)
	}
	return min(largeK, p.Deep)
}

// Songs is what is known of the songs beside playlists, by song; nil = nothing.
type Songs []Tag

// Tag is what is known of one song.
type Tag struct {
	Artist int32 // main artist; -1 = unknown
	Group  int32 // recording: versions of it share the number and are not neighbours
}

// Neighbour is one entry of a joined list.
type Neighbour struct {
	ID         int32
	Score      float32
	Cooc, Emb  float32 // scores of the two lists as they were; 0 = not in it
	SameArtist bool
}

// Joiner joins the two lists of songs on one scale, one song at a time.
type Joiner struct {
	Scale        Scale
	Songs        Songs
	KeepVersions bool // versions of one recording may be neighbours
	Params       Params

	all, best []Neighbour // of the last song
	selection topk.Selection
	ahead     []int32 // songs whose tags are asked for
	places    []place // where songs are in all: open addressing, linear probing
	shift     uint    // of the hash that says where to look first
}

// place says where a song is in a union.
type place struct{ song, at int32 } // song plus one, 0 = free; index

// List returns the Deep best of the union of two lists of song i: score falling, then song ascending. It is valid until the next call.
//
// Cost: O(entries), and a read of what is known of each; the Deep best are selected, then sorted.
func (j *Joiner) List(i int32, cooc, emb []topk.Entry) []Neighbour {
	j.union(cooc, emb)
	j.score(i)
	j.best = j.best[:0]
	for _, e := range j.selection.Sorted() {
		j.best = append(j.best, j.all[j.find(e.ID).at])
	}
	return j.best
}

// score offers the union of song i to the selection.
func (j *Joiner) score(i int32) {
	j.selection.Reset(j.Params.Deep)
	own := Tag{-1, -1}
	if j.Songs != nil {
		own = j.Songs[i]
	}
	for at := range j.all {
		n := &j.all[at]
		if j.Songs != nil {
			tag := j.Songs[n.ID]
			if tag.Group == own.Group && !j.KeepVersions {
				continue
			}
			n.SameArtist = tag.Artist == own.Artist && own.Artist >= 0
		}
		n.Score = j.Scale.score(*n, j.Params)
		j.selection.Offer(n.ID, n.Score)
	}
}

// union lists every song of either list once, and notes its place.
func (j *Joiner) union(cooc, emb []topk.Entry) {
	j.clear(len(cooc) + len(emb))
	j.fetch(cooc, emb)
	j.all = j.all[:0]
	for _, e := range cooc {
		*j.find(e.ID) = place{e.ID + 1, int32(len(j.all))}
		j.all = append(j.all, Neighbour{ID: e.ID, Cooc: e.Score})
	}
	for _, e := range emb {
		if p := j.find(e.ID); p.song != 0 {
			j.all[p.at].Emb = e.Score
		} else {
			*p = place{e.ID + 1, int32(len(j.all))}
			j.all = append(j.all, Neighbour{ID: e.ID, Emb: e.Score})
		}
	}
}

// fetch asks for the tags of both lists: they lie here and there in a table larger than the cache.
func (j *Joiner) fetch(lists ...[]topk.Entry) {
	j.ahead = j.ahead[:0]
	for _, list := range lists {
		for _, e := range list {
			j.ahead = append(j.ahead, e.ID)
		}
	}
	simd.FetchEach(j.Songs, j.ahead)
}

// clear makes room for the places of n songs.
func (j *Joiner) clear(n int) {
	if size := 1 << bits.Len(uint(2*n)); size > len(j.places) {
		j.places, j.shift = make([]place, size), uint(32-bits.TrailingZeros(uint(size)))
		return
	}
	clear(j.places)
}

// find returns the place of a song, or the free one it would have.
func (j *Joiner) find(song int32) *place {
	mask := len(j.places) - 1
	for at := int(uint32(song) * 0x9e3779b1 >> j.shift); ; at = (at + 1) & mask {
		if p := &j.places[at&mask]; p.song == 0 || p.song == song+1 {
			return p
		}
	}
}
