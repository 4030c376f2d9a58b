package scoring

import (
	"segue/transforms/algo/simd"
	"segue/transforms/algo/topk"
)

// Steps at which a song can be lost on its way into a general list, in order.
const (
	StepListed        = "listed"          // it is in the list
	StepNothing       = "nothing"         // the listener has no list at all
	StepUnavailable   = "unavailable"     // may not be played in the listener's country
	StepKnown         = "known"           // the listener knows it, or another version of it
	StepNotNear       = "not_near"        // evidence, but less than of the candidates; in no other pool
	StepNotACandidate = "not_a_candidate" // no evidence and in no pool
	StepOtherVersion  = "other_version"   // another version of the recording is in the list
	StepArtistFull    = "artist_full"     // the list has as many songs of the artist as it may
	StepAlbumFull     = "album_full"
	StepOutranked     = "outranked" // songs of higher scores filled the list
)

// Trace is what became of one song.
type Trace struct {
	Step     string
	List     List
	Place    int     // rank in the list; of StepOutranked and the caps, rank among the candidates by score alone; of StepNotNear, by evidence
	Of       int     // candidates, or songs with evidence
	Row      Row     // the song's terms and score, for candidates
	Last     float32 // score of the last ranked row of the list
	Other    int32   // the row that is another version
	Evidence float32 // of the favourites for the song
}

// Trace makes a listener's general list and says what became of a song on the way: the same arithmetic as Make.
func (m *Model) Trace(l *Listener, s *Scratch, song int32) Trace {
	t := Trace{List: m.general(l, s), Other: -1}
	s.release()
	m.Lists.explain(l.Favourites, s, []List{t.List})
	onlyNew := m.Settings.Mode == Discovery && t.List.Reason != ReasonAllKnown
	for i, r := range t.List.Rows {
		if r.Song == song {
			t.Step, t.Place, t.Of, t.Row = StepListed, i+1, len(s.candidates), r
			return t
		}
		if r.Slot != Exploration {
			t.Last = r.Score
		}
	}
	switch {
	case len(t.List.Rows) == 0:
		t.Step = StepNothing
	case !s.open[m.Catalogue.Market[song]]:
		t.Step = StepUnavailable
	case onlyNew && s.marks(song)&markKnown != 0:
		t.Step = StepKnown
	default:
		m.traceCandidate(l, s, song, &t)
	}
	return t
}

// traceCandidate looks for the song among the candidates and among those that had evidence.
func (m *Model) traceCandidate(l *Listener, s *Scratch, song int32, t *Trace) {
	for i := range s.candidates {
		if s.candidates[i].Song == song {
			m.traceRank(s, &s.candidates[i], t)
			return
		}
	}
	t.Step = StepNotACandidate
	if l.Inactive {
		return
	}
	touched := m.Lists.Evidence(l.Favourites, s.sum, nil)
	if t.Evidence = s.sum[song]; t.Evidence > 0 {
		t.Step, t.Place, t.Of = StepNotNear, 1, len(touched)
	}
	for _, j := range touched {
		if t.Evidence > 0 && (s.sum[j] > t.Evidence || s.sum[j] == t.Evidence && j < song) {
			t.Place++
		}
	}
	simd.ClearAt(s.sum, touched)
}

// traceRank says why a candidate is not in the list.
func (m *Model) traceRank(s *Scratch, c *Candidate, t *Trace) {
	w := t.List.Weights
	key := func(x *Candidate) topk.Key {
		return order(Score(w, Terms{x.taste, x.context, x.popular}, x.base), x.Song)
	}
	t.Step, t.Place, t.Of, t.Evidence = StepOutranked, 1, len(s.candidates), c.Evidence
	for i := range s.candidates {
		if key(&s.candidates[i]) > key(c) {
			t.Place++
		}
	}
	m.traceRows(s, c, t)
}

// traceRows looks for what the rows of the list hold against a candidate: another version, a full artist or album.
func (m *Model) traceRows(s *Scratch, c *Candidate, t *Trace) {
	cat := &m.Catalogue
	artist, album := cat.Artist[c.Song], cat.Album[c.Song]
	p := pick{m: m, s: s, w: t.List.Weights}
	for _, r := range t.List.Rows {
		if cat.Group[r.Song] == cat.Group[c.Song] {
			t.Other, t.Step = r.Song, StepOtherVersion
		}
		p.count(cat.Artist[r.Song], cat.Album[r.Song], 1)
	}
	switch {
	case t.Step == StepOtherVersion:
	case artist >= 0 && int(s.artists[artist]) >= m.Settings.ArtistCap:
		t.Step = StepArtistFull
	case album >= 0 && int(s.albums[album]) >= m.Settings.AlbumCap:
		t.Step = StepAlbumFull
	}
	p.row(&t.Row, c)
	for _, r := range t.List.Rows {
		p.count(cat.Artist[r.Song], cat.Album[r.Song], -1)
	}
}
