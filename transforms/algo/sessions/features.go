package sessions

import "cmp"

// Track is what a release knows of a song. Texts may be empty and the vector nil: unknown.
type Track struct {
	Artist, Mood, Genre, Tempo string
	Vector                     []float32
	Known                      bool
}

// Catalogue is a release: what is known of songs, and listeners' tastes. It must not change and be safe for concurrent use.
type Catalogue interface {
	Generation() int64           // rises with every release that becomes current
	Release() string             // run id
	Track(song string) Track     // Known is false for songs the release does not have
	Taste(user string) []float32 // taste vector in the space of the tracks' vectors; nil = unknown
}

// Version orders the records of a listener: readers keep the highest.
type Version struct{ Offset, Generation, Timer int64 }

// Compare is by offset, generation, timer.
func (v Version) Compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Offset, w.Offset), cmp.Compare(v.Generation, w.Generation), cmp.Compare(v.Timer, w.Timer))
}

// Use makes a release the one whose songs, vectors and tastes the records show, from the next record of each listener on.
// Listeners whose session is open get one even without an event. nil = none.
func (s *Shard) Use(c Catalogue) {
	s.catalogue = c
	s.lookUpAll()
	for _, l := range s.order {
		if l.timer == 0 && joins(l.until, s.clockMs*1000, s.rules.gap) {
			s.change(l)
		}
	}
}

// lookUpAll looks every song up again.
func (s *Shard) lookUpAll() {
	s.tracks = nil
	if s.catalogue == nil {
		return
	}
	s.tracks = make([]Track, s.songs.len())
	for n := range s.tracks {
		s.tracks[n] = s.lookUp(uint32(n))
	}
}

// lookUp returns what the catalogue knows of a song by its number. Names are cut: records hold those of twenty songs.
func (s *Shard) lookUp(n uint32) Track {
	if n == 0 {
		return Track{}
	}
	t := s.catalogue.Track(s.songs.text(n))
	t.Mood, t.Genre, t.Tempo = cut(t.Mood), cut(t.Genre), cut(t.Tempo)
	return t
}

func (s *Shard) version(l *listener) Version {
	v := Version{Offset: l.offset, Timer: l.timer}
	if s.catalogue != nil {
		v.Generation = s.catalogue.Generation()
	}
	return v
}
