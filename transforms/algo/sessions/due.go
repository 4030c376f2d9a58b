package sessions

import "slices"

// Due is one feature record to be written: its key, its JSON value, its version, and when the newest record in it was produced.
// Value holds until the function it is given to returns.
type Due struct {
	User       string
	Value      []byte
	Version    Version
	ProducedMs int64
}

// Due gives out the newest record of every listener who changed, in the order they changed, but for those whose last record
// was given out less than the interval ago: they follow later. nowMs is the caller's clock. It returns how many wait.
func (s *Shard) Due(nowMs int64, give func(Due)) (waiting int) {
	interval := s.params.Interval.Milliseconds()
	kept := s.changed[:0]
	for _, l := range s.changed {
		if l.sentOnce && interval > 0 && nowMs-l.sentMs < interval && nowMs >= l.sentMs {
			kept = append(kept, l)
			continue
		}
		l.dirty, l.sentMs, l.sentOnce = false, nowMs, true
		s.buf = s.appendFeatures(s.buf[:0], l)
		give(Due{User: l.user(), Value: s.buf, Version: s.version(l), ProducedMs: l.inMs})
	}
	clear(s.changed[len(kept):])
	s.changed = kept
	return len(kept)
}

// Features appends the JSON record of a listener as it stands now; false = not known.
func (s *Shard) Features(dst []byte, user string) ([]byte, bool) {
	l := s.listeners[user]
	if l == nil || l.newest == noInstant {
		return dst, false
	}
	return s.appendFeatures(dst, l), true
}

// Users returns the listeners in the order they came.
func (s *Shard) Users() []string {
	out := make([]string, len(s.order))
	for i, l := range s.order {
		out[i] = l.user()
	}
	return out
}

// Advance ends, at an event time (microseconds), sessions whose gap and lateness have passed: their listeners get a record with
// session_open false and a higher timer. Listeners idle for the idle time and an hour by the time of records are dropped.
func (s *Shard) Advance(watermark int64) {
	dropBefore := s.clockMs - s.params.Idle.Milliseconds() - 3_600_000
	dropped := false
	for i, l := range s.order {
		if l.seenMs < dropBefore && !l.dirty {
			l.timer++
			s.close(l)
			delete(s.listeners, l.user())
			s.order[i], dropped = nil, true
			s.counts.Forgotten++
			continue
		}
		if l.timer > 0 || watermark-l.until <= s.rules.gap+s.rules.lateness {
			continue
		}
		if l.timer++; s.close(l) {
			s.change(l)
		}
	}
	if dropped {
		s.order = slices.DeleteFunc(s.order, func(l *listener) bool { return l == nil })
		s.compact()
	}
}

// compact numbers songs and names anew when most of them belong to listeners who are gone.
func (s *Shard) compact() {
	if n := s.songs.len() + s.names.len(); n < 2*s.compacted+100_000 {
		return
	}
	songs, names := newSymbols(), newSymbols()
	song := func(n *uint32) { *n = songs.of([]byte(s.songs.text(*n))) }
	name := func(n *uint32) { *n = names.of([]byte(s.names.text(*n))) }
	for _, l := range s.order {
		l.history.rename(song, name)
	}
	s.songs, s.names = songs, names
	s.lookUpAll()
	s.compacted = songs.len() + names.len()
}

func (f *fold) rename(song, name func(*uint32)) {
	for i := range f.recent {
		song(&f.recent[i])
	}
	name(&f.first)
	f.where.rename(name)
}

func (w *where) rename(name func(*uint32)) {
	name(&w.device)
	name(&w.place)
	name(&w.country)
	name(&w.source)
}
