package sessions

// Finished is a session that is over: no event that is not late can still belong to it, or a timer said so. A session may be
// given out again with a higher version after an event came that the timer did not wait for. Version.Timer is 0 when the record
// at Version.Offset ended it, more when time did.
type Finished struct {
	User                           string
	StartedAt, EndedAt             int64 // microseconds; EndedAt = start of the last play plus what was played of it as far as it bounds sessions
	Plays, Completes, Skips, Likes int64
	PlayedMs                       int64
	Device, Place, Country, Source string // Device of the first play, the rest of the last; "" = unknown
	Version                        Version
}

// Drain returns the finished sessions since the last call, in the order they ended by offset.
func (s *Shard) Drain() []Finished {
	out := s.finished
	s.finished = nil
	return out
}

func (s *Shard) finish(l *listener, f *fold) {
	s.finished = append(s.finished, Finished{
		User: l.user(), StartedAt: f.start, EndedAt: f.until, Plays: f.plays, Completes: f.completes, Skips: f.skips, Likes: f.likes, PlayedMs: f.playedMs,
		Device: s.names.text(f.first), Place: s.names.text(f.where.place), Country: s.names.text(f.where.country), Source: s.names.text(f.where.source),
		Version: s.version(l),
	})
}

// close gives out the listener's open session as finished, if there is one that was not.
func (s *Shard) close(l *listener) bool {
	f := l.history.all(s.rules.gap, func(over *fold) {
		if !l.gave(over, l.floor, s.rules.gap) {
			s.finish(l, over)
		}
	})
	if f.plays == 0 || l.closed == f.session() {
		return false
	}
	l.closed = f.session()
	s.finish(l, &f)
	return true
}
