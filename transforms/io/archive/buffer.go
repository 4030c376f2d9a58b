package archive

import (
	"encoding/binary"
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/algo/playjson"
	"segue/transforms/algo/sessions"
)

// Buffer holds plays that wait to be archived, in the order of their offsets and without a pointer for each: about 55 bytes and
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

// packed is a play whose texts lie one behind the other, each behind its length, and its times played and of the song, which may be
// playjson.Unknown, behind them: varints all.
type packed struct {
	offset, producedMs, startedUs int64
	from                          int
	offsetMin                     int32
	hasOffset                     bool
	skipped                       playjson.Flag
}

// Len returns how many plays wait.
func (b *Buffer) Len() int { return len(b.plays) }

// Add takes a sound event; it keeps none of the bytes it is given.
func (b *Buffer) Add(rec *sessions.Record, e *playjson.Event) {
	p := packed{
		offset: rec.Offset, producedMs: rec.ProducedMs, startedUs: e.StartedAt,
		from: len(b.texts), offsetMin: e.OffsetMinutes, hasOffset: e.HasOffset, skipped: e.Skipped,
	}
	for _, t := range [textCount][]byte{e.EventID, e.UserID, e.SongID, e.Kind, e.Device, e.TimeZone, e.Country, e.Place, e.Context} {
		b.texts = append(binary.AppendUvarint(b.texts, uint64(len(t))), t...)
	}
	b.texts = binary.AppendVarint(binary.AppendVarint(b.texts, e.MsPlayed), e.TrackMs)
	b.plays = append(b.plays, p)
}

// row returns a play as it is archived; texts are those of the buffer.
func (p *packed) row(partition int32, texts string) schemas.ArchivedPlay {
	var t [textCount]string
	rest := texts[p.from:]
	for i := range t {
		n := int(uvarint(&rest))
		t[i], rest = rest[:n], rest[n:]
	}
	msPlayed, trackMs := varint(&rest), varint(&rest)
	row := schemas.ArchivedPlay{
		EventID: t[textEvent], UserID: t[textUser], SongID: t[textSong], StartedAt: time.UnixMicro(p.startedUs).UTC(), Kind: t[textKind],
		Device: t[textDevice], TimeZone: t[textZone], Country: t[textCountry], Place: t[textPlace], Context: t[textContext],
		Partition: partition, Offset: p.offset, ProducedAt: time.UnixMilli(p.producedMs).UTC(),
	}
	if msPlayed != playjson.Unknown {
		row.MsPlayed = &msPlayed
	}
	if trackMs != playjson.Unknown {
		row.TrackMs = &trackMs
	}
	if p.skipped != playjson.FlagUnknown {
		row.Skipped = new(p.skipped == playjson.Yes)
	}
	if p.hasOffset {
		row.UTCOffsetMinutes = new(p.offsetMin)
	}
	return row
}

// uvarint takes a number off a text.
func uvarint(s *string) (x uint64) {
	for i, shift := 0, 0; ; i, shift = i+1, shift+7 {
		c := (*s)[i]
		if x |= uint64(c&0x7f) << shift; c < 0x80 {
			*s = (*s)[i+1:]
			return x
		}
	}
}

func varint(s *string) int64 {
	x := uvarint(s)
	return int64(x>>1) ^ -int64(x&1) // zigzag
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
