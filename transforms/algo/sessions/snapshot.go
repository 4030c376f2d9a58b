package sessions

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"unicode/utf8"
)

// snapshotVersion is the form Snapshot writes. Restore reads it and every one before it.
const snapshotVersion = 1

// ErrSnapshot says that bytes are no whole snapshot of a known version.
var ErrSnapshot = errors.New("not a snapshot of a shard")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Snapshot appends the state of the shard: what Restore needs to go on after Applied as if nothing had happened. Batches that
// wait are not in it, since they come again; finished sessions are not either: Drain first, and keep them before the snapshot.
//
// Form: version byte, numbers as varints, texts with their length, CRC-32C of all before it. Equal states give equal bytes.
// Cost: about 150 bytes and 0.3 µs a listener.
func (s *Shard) Snapshot(dst []byte) []byte {
	from := len(dst)
	b := appendInt(appendInt(append(dst, snapshotVersion), s.applied), s.clockMs)
	for _, t := range []*symbols{&s.names, &s.songs} {
		b = appendUint(b, uint64(t.len()-1))
		for n := 1; n < t.len(); n++ {
			b = appendText(b, t.text(uint32(n)))
		}
	}
	b = appendUint(b, uint64(len(s.order)))
	for _, l := range s.order {
		b = l.append(b)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[from:], castagnoli))
}

// Restore returns the shard of a snapshot. Listeners whose record was due then are due.
//
// Errors: ErrSnapshot.
func Restore(p Params, d Decoder, snapshot []byte) (*Shard, error) {
	n := len(snapshot) - 4
	if n < 1 || crc32.Checksum(snapshot[:n], castagnoli) != binary.LittleEndian.Uint32(snapshot[n:]) {
		return nil, fmt.Errorf("restore %d bytes: %w: checksum differs", len(snapshot), ErrSnapshot)
	}
	if v := snapshot[0]; v != snapshotVersion {
		return nil, fmt.Errorf("restore: %w: version %d, this program knows 1 to %d", ErrSnapshot, v, snapshotVersion)
	}
	r := reader{b: snapshot[1:n]}
	s := NewShard(p, d, r.int())
	s.clockMs = r.int()
	for _, t := range []*symbols{&s.names, &s.songs} {
		for range r.count() {
			t.restore(r.text(), &r)
		}
	}
	s.compacted = s.songs.len() + s.names.len()
	for range r.count() {
		s.restore(&r)
	}
	if r.err != nil || len(r.b) > 0 {
		return nil, fmt.Errorf("restore: %w: %d bytes left", ErrSnapshot, len(r.b))
	}
	return s, nil
}

func (t *symbols) restore(text string, r *reader) {
	before := t.len()
	if !utf8.ValidString(text) || int(t.of([]byte(text))) != before {
		r.fail()
	}
}

func (s *Shard) restore(r *reader) {
	l := newListener("")
	user := r.text()
	l.quoted = quote(user)
	l.restore(r, s.songs.len(), s.names.len())
	if key := raw(l.quoted, []byte(user)); r.err == nil {
		if s.listeners[key] != nil || !utf8.ValidString(user) {
			r.fail()
			return
		}
		s.listeners[key] = l
		s.order = append(s.order, l)
		if l.dirty {
			s.changed = append(s.changed, l)
		}
	}
}

func (l *listener) append(b []byte) []byte {
	b = appendText(b, l.user())
	for _, x := range []int64{l.newest, l.floor, l.offset, l.inMs, l.seenMs, l.closed.start, l.closed.plays, l.closed.likes, l.timer, l.until, flag(l.dirty)} {
		b = appendInt(b, x)
	}
	return l.history.append(b)
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (l *listener) restore(r *reader, songs, names int) {
	for _, p := range []*int64{&l.newest, &l.floor, &l.offset, &l.inMs, &l.seenMs, &l.closed.start, &l.closed.plays, &l.closed.likes, &l.timer, &l.until} {
		*p = r.int()
	}
	l.dirty = r.int() != 0
	l.history.restore(r, songs, names)
}

func (f *fold) numbers() []*int64 {
	return []*int64{&f.start, &f.last, &f.until, &f.plays, &f.completes, &f.skips, &f.likes, &f.playedMs, &f.gapUs, &f.totalPlays, &f.totalSkips}
}

func (f *fold) append(b []byte) []byte {
	for _, p := range f.numbers() {
		b = appendInt(b, *p)
	}
	b = appendText(b, f.lastID)
	b = f.where.append(appendUint(b, uint64(f.first)))
	b = append(appendInt(b, int64(f.offsetMin)), f.heard, f.next)
	for i := range int(f.heard) {
		song, outcome := f.song(i)
		b = append(appendUint(b, uint64(song)), outcome)
	}
	return b
}

func (f *fold) restore(r *reader, songs, names int) {
	for _, p := range f.numbers() {
		*p = r.int()
	}
	f.lastID = r.bytes()
	f.first = uint32(r.upTo(names))
	f.where.restore(r, names)
	f.offsetMin = int16(r.int())
	f.heard, f.next = uint8(r.upTo(RecentSongs+1)), uint8(r.upTo(RecentSongs))
	for i := range int(f.heard) {
		at := (int(f.next) + RecentSongs - int(f.heard) + i) % RecentSongs
		f.recent[at] = uint32(r.upTo(songs))
		f.outcomes[at] = uint8(r.upTo(len(outcomeNames)))
	}
}

func (w *where) append(b []byte) []byte {
	for _, n := range []uint32{w.device, w.place, w.country, w.source} {
		b = appendUint(b, uint64(n))
	}
	return b
}

func (w *where) restore(r *reader, names int) {
	for _, p := range []*uint32{&w.device, &w.place, &w.country, &w.source} {
		*p = uint32(r.upTo(names))
	}
}

func (e *event) append(b []byte) []byte {
	b = appendInt(appendText(appendInt(b, e.at), e.id), e.playedMs)
	b = e.where.append(appendUint(b, uint64(e.song)))
	return appendInt(append(b, e.kind, e.outcome), int64(e.offsetMin))
}

func (e *event) restore(r *reader, songs, names int) {
	e.at, e.id, e.playedMs = r.int(), r.bytes(), r.int()
	e.song = uint32(r.upTo(songs))
	e.where.restore(r, names)
	e.kind, e.outcome = uint8(r.upTo(kindSave+1)), uint8(r.upTo(len(outcomeNames)))
	e.offsetMin = int16(r.int())
}
