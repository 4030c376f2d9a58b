package archive

import (
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/algo/playjson"
	"segue/transforms/algo/sessions"
)

// Buffer holds plays that wait to be archived, in the order of their offsets and without a pointer for each: about 110 bytes and
// the texts of a play, which garbage collection passes over. The zero value is empty.
type Buffer struct {
	texts []byte
	plays []packed
}

// Texts of a play, in the order they are packed in.
const (
	textEvent = iota
	textUser
	textSong
	textKind
	textDevice
	textZone
	textCountry
	textPlace
	textContext
	textCount
)

// packed is a play whose texts lie one behind the other.
type packed struct {
	offset, producedMs, startedUs int64
	msPlayed, trackMs             int64 // playjson.Unknown = unknown
	from                          int
	size                          [textCount]uint32
	offsetMin                     int32
	hasOffset                     bool
	skipped                       playjson.Flag
}

// Len returns how many plays wait.
func (b *Buffer) Len() int { return len(b.plays) }

// Add takes a sound event; it keeps none of the bytes it is given.
func (b *Buffer) Add(rec *sessions.Record, e *playjson.Event) {
	p := packed{
		offset: rec.Offset, producedMs: rec.ProducedMs, startedUs: e.StartedAt, msPlayed: e.MsPlayed, trackMs: e.TrackMs,
		from: len(b.texts), offsetMin: e.OffsetMinutes, hasOffset: e.HasOffset, skipped: e.Skipped,
	}
	for i, t := range [textCount][]byte{e.EventID, e.UserID, e.SongID, e.Kind, e.Device, e.TimeZone, e.Country, e.Place, e.Context} {
		p.size[i] = uint32(len(t))
		b.texts = append(b.texts, t...)
	}
	b.plays = append(b.plays, p)
}

// row returns a play as it is archived; texts are those of the buffer.
func (p *packed) row(partition int32, texts string) schemas.ArchivedPlay {
	var t [textCount]string
	from := p.from
	for i, n := range p.size {
		t[i] = texts[from : from+int(n)]
		from += int(n)
	}
	row := schemas.ArchivedPlay{
		EventID: t[textEvent], UserID: t[textUser], SongID: t[textSong], StartedAt: time.UnixMicro(p.startedUs).UTC(), Kind: t[textKind],
		Device: t[textDevice], TimeZone: t[textZone], Country: t[textCountry], Place: t[textPlace], Context: t[textContext],
		Partition: partition, Offset: p.offset, ProducedAt: time.UnixMilli(p.producedMs).UTC(),
	}
	if p.msPlayed != playjson.Unknown {
		row.MsPlayed = new(p.msPlayed)
	}
	if p.trackMs != playjson.Unknown {
		row.TrackMs = new(p.trackMs)
	}
	if p.skipped != playjson.FlagUnknown {
		row.Skipped = new(p.skipped == playjson.Yes)
	}
	if p.hasOffset {
		row.UTCOffsetMinutes = new(p.offsetMin)
	}
	return row
}

// take moves the plays of src behind those of b; of what lies at or before an offset, or before the last of b, nothing.
func (b *Buffer) take(src *Buffer, after int64) {
	if n := len(b.plays); n == 0 {
		*b, *src = *src, *b
		b.plays = slices.DeleteFunc(b.plays, func(p packed) bool { return p.offset <= after })
		return
	}
	after = max(after, b.plays[len(b.plays)-1].offset)
	shift := len(b.texts)
	for _, p := range src.plays {
		if p.offset > after {
			p.from += shift
			b.plays = append(b.plays, p)
		}
	}
	b.texts = append(b.texts, src.texts...)
	src.drop(len(src.plays))
}

// upTo returns how many plays lie at or before an offset.
func (b *Buffer) upTo(offset int64) int {
	n := len(b.plays)
	for n > 0 && b.plays[n-1].offset > offset {
		n--
	}
	return n
}

// drop removes the first n plays.
func (b *Buffer) drop(n int) {
	b.plays = slices.Delete(b.plays, 0, n)
	if len(b.plays) == 0 {
		b.texts = b.texts[:0]
	}
}
